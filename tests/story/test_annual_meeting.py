"""A meeting with a thousand sessions, claimed in a real browser by five professions, each in their own currency."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.portal import Portal, text_of
from tests.story.conftest import DESKTOP, PHONE
from tests.story.test_live_meeting import accessible, answer_evaluation, sign_in_by_password

pytestmark = pytest.mark.xdist_group("story")  # one portal serves them all
ROOT = Path(__file__).resolve().parent.parent.parent
SLUG = "annual-meeting-of-a-thousand"
MEETING = f"/activities/{SLUG}/"
DAYS, SLOTS, ROOMS = 5, 8, 25  # the programme: 5 days, 8 slots of an hour, 25 rooms at the same time
LOAD = """
from datetime import date
from pathlib import Path
from django.utils import timezone
from demo.loader import load
load(Path("{path}"), today=timezone.now().date(), now=timezone.now())
"""


def session(number: int, day: int, slot: int, room: int) -> str:
    """Return one session as a document writes it."""
    return (
        f"- title: Session {number}\n  track: Track {room + 1}\n  room: Room {room + 1}\n"
        f"  day: '2018-06-0{day + 1}'\n  begins: '{8 + slot:02}:00'\n  ends: '{9 + slot:02}:00'\n"
    )


@pytest.fixture(scope="module")
def meeting(portal: Portal, folder: Path) -> None:
    """The annual meeting's document with a programme of a thousand sessions, published through the gate."""
    text = (ROOT / "demo/activities/annual-meeting.yaml").read_text().replace("slug: annual-meeting", f"slug: {SLUG}")
    text = text.replace("'201800001'", "'201800777'").replace("-001-L01-P", "-777-L01-P")
    places = [(day, slot, room) for day in range(DAYS) for slot in range(SLOTS) for room in range(ROOMS)]
    programme = "sessions:\n" + "".join(session(number, *place) for number, place in enumerate(places, start=1))
    path = folder / f"{SLUG}.yaml"
    path.write_text(re.sub(r"(?ms)^sessions:\n.*?(?=^[a-z_]+:)", programme, text))
    portal.run(LOAD.format(path=path))


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize(
    ("profession", "unit"),
    [
        ("physician", "AMA PRA Category 1 Credits™"),
        ("nurse", "ANCC contact hours"),
        ("pharmacist", "ACPE contact hours (0.25 CEUs)"),
        ("pa", "AAPA Category 1 CME credits"),
        ("other", "hours of participation"),
    ],
)
def test_each_profession_claims_sessions_in_its_own_currency(
    portal: Portal, visit: Callable[..., Page], profession: str, unit: str
) -> None:
    learner, page = portal.add_learner(profession), visit(DESKTOP)
    sign_in_by_password(page, portal, learner, f"{MEETING}request/credit/")
    expect(page.locator(".session-count")).to_have_text("1000 sessions")
    page.fill("[data-filter=words]", "Session 201")
    expect(page.locator(".session-count")).to_have_text("1 of 1000 sessions")
    page.get_by_label("Session 201").check()
    page.fill("[data-filter=words]", "Room 25")
    page.select_option("[data-filter=track]", "Track 25")
    page.locator("[data-filter=day]").select_option(index=1)
    expect(page.locator(".session-count")).to_have_text("8 of 1000 sessions")
    page.get_by_label("Session 25 ", exact=False).first.check()
    page.get_by_label("Session 50 ", exact=False).first.check()
    page.select_option(".part select >> nth=1", "0.50")
    page.select_option("[data-filter=track]", "Track 24")
    page.fill("[data-filter=words]", "")
    page.get_by_label("Session 24 ", exact=False).first.check()
    expect(page.locator(".running-sum .sum")).to_contain_text(f"2.50 {unit} of 38.75")
    expect(page.locator(".running-sum")).to_contain_text("less 1.00")
    page.click("main form.page-form button[type=submit]")
    if profession == "pharmacist":
        page.fill("[name=number_NABP]", "1234567")
        page.select_option("[name=birth_month]", "2")
        page.fill("[name=birth_day]", "29")
        page.click("main form.page-form button[type=submit]")
    answer_evaluation(page)
    page.click("main form.page-form button[type=submit]")
    expect(page.locator("main")).to_contain_text("Session 50: 0.50 of 1.00")
    page.locator("[name=attested]").press("Space")
    page.click("text=Claim 2.50")
    expect(page.locator(".awarded")).to_have_text(f"2.50 {unit}")
    mail = portal.wait_for_mail("Your certificate", learner)
    text = " ".join(PdfReader(io.BytesIO(next(mail.iter_attachments()).get_content())).pages[0].extract_text().split())
    assert f"2.50 {unit}" in text
    assert ("is awarded" in text) == (profession != "other")


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_sessions_are_added_until_the_deadline_on_a_phone(
    portal: Portal, visit: Callable[..., Page], javascript: bool
) -> None:
    learner, page = portal.add_learner(), visit(PHONE, javascript=javascript)
    sign_in_by_password(page, portal, learner, f"{MEETING}request/credit/")
    page.get_by_label("Session 1 ", exact=False).first.check()
    page.click("main form.page-form button[type=submit]")
    answer_evaluation(page)
    page.click("main form.page-form button[type=submit]")
    page.locator("[name=attested]").press("Space")
    page.click("text=Claim 1.00")
    page.click("text=Change what you claim")
    page.get_by_label("Session 201", exact=False).first.check()
    if javascript:
        expect(page.locator(".running-sum .sum")).to_contain_text("2.00")
    page.locator("[name=attested]").press("Space")  # rows out of sight take their height while one scrolls
    page.click("text=Change my claim")
    expect(page.locator(".awarded")).to_have_text("2.00 AMA PRA Category 1 Credits™")
    expect(page.locator(".timeline")).to_contain_text("was replaced by")
    assert "You are awarded now: 2.00" in text_of(portal.wait_for_mail("Credit changed", learner))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_pages_of_credit_are_accessible(portal: Portal, visit: Callable[..., Page]) -> None:
    """On the meeting of fifty sessions: the rules look at every row."""
    learner, page = portal.add_learner(), visit(PHONE)
    sign_in_by_password(page, portal, learner, "/activities/annual-meeting/request/credit/")
    accessible(page)
    page.locator(".sessions input[type=checkbox]").first.check()
    expect(page.locator(".running-sum .sum")).to_contain_text("1.50")
    accessible(page)
    for address in ("/credits/", "/credits/elsewhere/"):
        page.goto(portal.url + address)
        accessible(page)
