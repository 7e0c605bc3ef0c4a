"""Self-study in a real browser: in several sittings, a test failed and passed, a certificate mailed at once."""

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader

from tests.portal import OFFICER, Portal
from tests.story.conftest import DESKTOP, PHONE
from tests.story.test_live_meeting import accessible, sign_in_by_password

pytestmark = pytest.mark.xdist_group("story")  # one portal serves them all
ACTIVITY = "/activities/her2-breast-cancer/"
NEXT = "main form.page-form button[type=submit]"
RIGHT = (
    "Trastuzumab with pertuzumab and a taxane", "Trastuzumab deruxtecan", "The antibody carries",
    "Interstitial lung disease", "Tucatinib with trastuzumab",
)  # fmt: skip
WAITED = """
from datetime import timedelta
from django.db.models import F
from activities.models import Progress
Progress.objects.filter(learner__email="{address}", done_at=None).update(heard_at=F("heard_at") - timedelta(minutes=1))
"""


def answer_test(page: Page, right: int) -> None:
    """Answer so many of the five questions rightly, the others wrongly, and submit."""
    for number, words in enumerate(RIGHT):
        question = page.locator("main .mb-3").nth(number)
        chosen = question.get_by_label(words)
        if number >= right:
            chosen = question.locator(f"label:not(:has-text('{words}')) >> nth=1")
        chosen.click()
    page.click(NEXT)
    expect(page.locator("h1")).to_have_text("Check your answers")
    accessible(page)
    page.click(NEXT)


def read(page: Page) -> None:
    """Say that a part was read."""
    page.click("text=I have read it")


def watch(page: Page, seconds: int) -> None:
    """Play the film at twice its speed for so many seconds of the clock."""
    page.evaluate(
        "() => { const film = document.querySelector('video'); film.muted = true; film.playbackRate = 2; film.play(); }"
    )
    page.wait_for_timeout(seconds * 1000)
    page.evaluate("() => document.querySelector('video').pause()")


def why(officer: Page, portal: Portal, learner: str, words: str) -> None:
    """The panel of the office says what keeps the learner from a certificate."""
    officer.goto(portal.url + "/admin/activities/activity/?q=her2-breast-cancer")
    officer.click("#result_list a:has-text('Advances in Treating')")
    officer.click(".thread >> text=Learners")
    officer.fill("[name=q]", learner)
    officer.click("text=Find")
    officer.click(".desk li a")
    expect(officer.locator(".desk")).to_contain_text("Why no certificate?")
    expect(officer.locator(".desk strong").first).to_contain_text(words)


def evaluate(page: Page) -> None:
    """Answer the three pages of the evaluation and submit it; no script is needed."""
    for name in sorted(set(page.eval_on_selector_all("main [type=radio]", "all => all.map(e => e.name)"))):
        page.locator(f"[name={name}]").nth(3).check()
    page.fill("main textarea", "Look for lung disease early 🙂 سرطان")
    page.click(NEXT)
    page.get_by_label("Yes, I plan to").check()
    page.locator("main textarea").first.fill("I shall ask about cough at every visit.")
    page.get_by_label("What I do in practice (performance)").check()
    page.click(NEXT)
    page.click(NEXT)
    expect(page.locator(".problem")).to_contain_text("Was the content free of commercial bias?")
    page.get_by_label("Yes", exact=True).check()
    page.click(NEXT)
    expect(page.locator("main")).to_contain_text("I shall ask about cough at every visit.")
    page.click(NEXT)
    expect(page.locator("main")).to_contain_text("Compare what you wrote with the activity's learning objectives.")


def claim(page: Page, portal: Portal, learner: str) -> None:
    """Request the credit and read the certificate in its mail."""
    page.click("text=Go on: Request for Credit")
    page.fill("[name=amount]", "0.75")
    page.click(NEXT)
    page.check("[name=attested]")
    page.click("text=Claim 0.75")
    expect(page.locator(".awarded")).to_have_text("0.75 AMA PRA Category 1 Credits™")
    mail = portal.wait_for_mail("Your certificate", learner)
    attached = next(mail.iter_attachments()).get_content()
    text = " ".join(PdfReader(io.BytesIO(attached)).pages[0].extract_text().split())
    for words in ("Ada Okafor, MD", "enduring material", "0.75 AMA PRA Category 1 Credits™"):
        assert words in text


def test_physician_studies_in_two_sittings_fails_passes_and_is_certified(  # noqa: PLR0915 (a whole way)
    portal: Portal, visit: Callable[..., Page]
) -> None:
    learner, page, officer = portal.add_learner(), visit(PHONE), visit(DESKTOP)
    sign_in_by_password(page, portal, learner, ACTIVITY)
    sign_in_by_password(officer, portal, OFFICER, "/admin/")
    page.click(".claim-bar >> text=Take the pre-test")
    accessible(page)
    answer_test(page, right=1)
    expect(page.locator("main")).to_contain_text("Your answers are kept.")
    expect(page.locator("main")).not_to_contain_text("Wrong")
    page.click("text=Go on: Study the activity")
    expect(page.locator("main")).to_contain_text("Protean Diagnostics")
    expect(page.locator("main")).to_contain_text("educational grant from Seagen")
    accessible(page)
    page.click("text=I have read this: begin")
    accessible(page)
    why(officer, portal, learner, "Study the activity: 0 of 4 parts done.")

    page.click("main .btn-primary")
    accessible(page)
    read(page)
    accessible(page)
    page.click("text=I have watched it")
    expect(page.locator("main")).to_contain_text("Not enough of it was played yet: 90 % is needed.")
    watch(page, 7)
    expect(page.locator(".played")).not_to_have_text("0")
    page.goto(portal.url + "/")  # the first sitting ends here
    page.goto(portal.url + ACTIVITY + "study/")
    expect(page.locator(".parts")).to_contain_text("% played")
    page.click("main .btn-primary")
    page.wait_for_function("() => document.querySelector('video').currentTime > 8")
    watch(page, 20)
    page.click("text=I have watched it")
    expect(page.locator("h1")).to_have_text("Monitoring, harms, and what keeps patients from care")
    read(page)
    read(page)

    page.click("text=Next: Post-test")
    answer_test(page, right=2)
    expect(page.locator("h1")).to_have_text("Not passed yet")
    expect(page.locator(".reviewed.wrong")).to_have_count(3)
    expect(page.locator("main")).not_to_contain_text("Right is:")
    accessible(page)
    why(officer, portal, learner, "Post-test: Your best score is 40 %; 70 % is needed to pass.")
    page.click("text=Try again")
    answer_test(page, right=4)
    expect(page.locator("h1")).to_have_text("You passed")
    expect(page.locator("main")).to_contain_text("Right is: Tucatinib with trastuzumab and capecitabine")
    accessible(page)
    why(officer, portal, learner, "Evaluation")
    page.click("text=Go on: Evaluation")
    accessible(page)
    evaluate(page)
    why(officer, portal, learner, "Request for Credit: Open until")
    claim(page, portal, learner)
    page.goto(portal.url + ACTIVITY)
    expect(page.locator(".claim-box")).to_contain_text("We shall ask you by mail on")


def test_everything_works_without_a_script(portal: Portal, visit: Callable[..., Page]) -> None:
    learner, page = portal.add_learner(), visit(DESKTOP, javascript=False)
    sign_in_by_password(page, portal, learner, ACTIVITY + "study/")
    page.click("text=I have read this: begin")
    page.click("main .btn-primary")
    read(page)
    page.click("text=I have watched it")
    expect(page.locator("main")).to_contain_text("Play 40 s more of it.")
    portal.manage("shell", "-c", WAITED.format(address=learner))
    page.click("text=I have watched it")
    read(page)
    read(page)
    page.click("text=Next: Post-test")
    for number, words in enumerate(RIGHT):
        page.locator("main .mb-3").nth(number).get_by_label(words).check()
    page.click(NEXT)
    page.click(NEXT)
    expect(page.locator("h1")).to_have_text("You passed")
    page.click("text=Go on: Evaluation")
    evaluate(page)
    claim(page, portal, learner)


ADD_FOREIGN_VIDEO = """
from datetime import timedelta
from activities.models import ContentItem
from tests.factories import ActivityFactory
activity = ActivityFactory(self_study=True, to_study=True, slug="foreign-video")
for position, address in enumerate(("https://vimeo.com/123456789", "https://youtu.be/abcdefghijk")):
    ContentItem.objects.create(
        activity=activity, position=position, kind="video", title="Film", address=address, length=timedelta(seconds=30)
    )
activity.content_in_order = False
activity.save()
"""
# What the hosts' players say: the one after it was asked to, the other after it was greeted.
VIMEO = """<script>
addEventListener("message", (e) => { if (JSON.parse(e.data).value === "timeupdate") { let s = 0;
  setInterval(() => parent.postMessage(JSON.stringify({event: "timeupdate", data: {seconds: s += 0.5}}), "*"), 250);
} });
</script>"""
YOUTUBE = """<script>
addEventListener("message", (e) => { if (JSON.parse(e.data).event === "listening") { let s = 0; setInterval(() =>
  parent.postMessage(JSON.stringify({event: "infoDelivery", info: {currentTime: s += 0.5}}), "*"), 250); } });
</script>"""


def test_players_of_other_hosts_tell_where_they_are(portal: Portal, visit: Callable[..., Page]) -> None:
    portal.manage("shell", "-c", ADD_FOREIGN_VIDEO)
    learner, page = portal.add_learner(), visit(DESKTOP)
    for host, body in (("player.vimeo.com", VIMEO), ("www.youtube-nocookie.com", YOUTUBE)):
        page.route(f"https://{host}/**", stand_in(body))
    sign_in_by_password(page, portal, learner, "/activities/foreign-video/study/")
    page.click("text=I have read this: begin")
    for number in (0, 1):
        page.goto(portal.url + "/activities/foreign-video/study/")
        page.click(f".parts a >> nth={number}")
        expect(page.locator(".played")).not_to_have_text("0", timeout=20_000)
        src = page.locator("iframe").get_attribute("src")
        assert src
        assert re.search("player.vimeo.com/video/123456789|youtube-nocookie.com/embed/abcdefghijk", src)


def stand_in(body: str) -> Callable[[Route], None]:
    """Return what answers in place of a host that cannot be reached from here."""
    return lambda route: route.fulfill(content_type="text/html", body=body)
