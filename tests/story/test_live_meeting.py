"""The whole story on the live meeting, in a real browser: page, sign-in, request, award, certificate, board."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.portal import OFFICER, PASSWORD, Portal, code_in, text_of
from tests.story.conftest import BOARD_NUMBERS, DESKTOP, PHONE

MEETING = "/activities/cancer-metastasis/"
pytestmark = pytest.mark.xdist_group("story")  # one portal serves them all
TITLE = "AACR Special Conference: Cancer Metastasis"


def sign_in_by_code(page: Page, portal: Portal, address: str) -> None:
    """Ask for a code, read the mail, type it."""
    earlier = len(portal.mails("sign-in code", address))
    page.fill("[name=email]", address)
    page.click("main button[type=submit]")
    mail = portal.wait_for_mail("sign-in code", address, beside=earlier)
    page.fill("[name=code]", code_in(mail))
    page.click("main form.page-form button[type=submit] >> nth=0")


def answer_evaluation(page: Page) -> None:
    """Choose the first answer of every question and write something where there is room, once the page is there."""
    expect(page.locator("main form[data-asks]")).to_be_visible()
    for name in sorted(set(page.eval_on_selector_all("main [type=radio]", "all => all.map(e => e.name)"))):
        page.check(f"[name={name}] >> nth=0")
    for name in sorted(set(page.eval_on_selector_all("main [type=checkbox]", "all => all.map(e => e.name)"))):
        page.check(f"[name={name}] >> nth=0")
    for box in page.locator("main textarea").all():
        box.fill("Liquid biopsies 🙂 سرطان")


def accessible(page: Page) -> None:
    """Fail with axe's words if the page has an accessibility fault."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_physician_claims_on_a_phone_and_the_board_accepts(
    portal: Portal, visit: Callable[..., Page], javascript: bool
) -> None:
    learner, page = portal.add_learner(), visit(PHONE, javascript=javascript)
    page.goto(portal.url + MEETING)
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("em").first).to_contain_text("AMA PRA Category 1 Credit")
    page.click(".claim-bar a" if javascript else ".claim-box a.btn")
    sign_in_by_code(page, portal, learner)

    expect(page).to_have_url(re.compile("request/credit/$"))
    page.fill("[name=amount]", "12.3")
    page.click("main form.page-form button[type=submit]")
    expect(page.locator(".problem")).to_contain_text("Credit is counted in steps of 0.25. Enter 12.25 or 12.50.")
    page.fill("[name=amount]", "12.25")
    page.click("main form.page-form button[type=submit]")
    expect(page.locator("[name=wants_moc][value=yes]")).to_be_visible()
    page.go_back()  # over a refused form, and the browser asks nothing
    expect(page.locator("[name=amount]")).to_have_value("12.25")
    page.go_forward()

    page.check("[name=wants_moc][value=yes]")
    page.fill("[name=number_ABIM]", next(BOARD_NUMBERS))
    page.select_option("[name=birth_month]", "6")
    page.fill("[name=birth_day]", "31")
    page.check("[name=permission]")
    page.click("main form.page-form button[type=submit]")
    expect(page.locator(".problem")).to_contain_text("June has days 1 to 30")
    page.select_option("[name=birth_month]", "2")
    page.fill("[name=birth_day]", "29")
    page.click("main form.page-form button[type=submit]")

    answer_evaluation(page)
    page.click("main form.page-form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Check your answers")
    page.click("main form.page-form button[type=submit]")
    expect(page.locator(".problem")).to_contain_text("Confirm the statement")
    page.check("[name=attested]")
    page.click("text=Claim 12.25")

    expect(page.locator(".awarded")).to_have_text("12.25 AMA PRA Category 1 Credits™")
    reference = re.search(r"R(-[0-9A-Z]{4}){3}", page.url)
    assert reference
    if javascript:  # it appears without loading the page again
        expect(page.locator("#state a.btn")).to_have_text(re.compile("Download .*PDF"))
    assert "12.25 AMA PRA Category 1 Credits™" in text_of(portal.wait_for_mail("Credit claimed", learner))
    check_certificate(portal, page, learner)
    accepted = text_of(portal.wait_for_mail("ABIM accepted", learner))
    assert "ABIM has accepted 12.25 Medical Knowledge MOC points" in accepted
    assert reference[0] in accepted
    page.reload()
    expect(page.locator(".timeline")).to_contain_text("accepted by the board")
    assert len(portal.mails("Your certificate", learner)) == 1


def test_what_was_typed_while_signed_out_or_offline_is_not_lost(portal: Portal, visit: Callable[..., Page]) -> None:
    learner, page = portal.add_learner(), visit(PHONE)
    page.goto(f"{portal.url}{MEETING}request/credit/")
    sign_in_by_code(page, portal, learner)
    expect(page).to_have_url(re.compile("request/credit/$"))
    page.context.clear_cookies(name="session")
    page.fill("[name=amount]", "3.25")
    page.click("main form.page-form button[type=submit]")
    sign_in_by_code(page, portal, learner)
    expect(page.locator("[name=amount]")).to_have_value("3.25")
    expect(page.locator(".saved")).to_contain_text("Saved")

    page.context.set_offline(True)
    page.fill("[name=amount]", "4.25")
    page.click("main form.page-form button[type=submit]")
    expect(page.locator(".saved")).to_contain_text("You are offline.")
    page.context.set_offline(False)
    page.click("main form.page-form button[type=submit]")
    expect(page.locator("[name=wants_moc][value=yes]")).to_be_visible()
    page.goto(f"{portal.url}{MEETING}request/credit/")
    expect(page.locator("[name=amount]")).to_have_value("4.25")


def check_certificate(portal: Portal, page: Page, learner: str) -> None:
    """Read the certificate in its mail, verify it by its printed address, and download the same bytes."""
    mail = portal.wait_for_mail("Your certificate", learner)
    attached = next(mail.iter_attachments()).get_content()
    text = " ".join(PdfReader(io.BytesIO(attached)).pages[0].extract_text().split())
    for words in ("Ada Okafor, MD", TITLE, "live activity", "Portland, Oregon", "12.25 AMA PRA Category 1 Credits™"):
        assert words in text
    address = re.search(r"Verify at (\S+)", text)
    assert address
    page.goto(address[1])
    expect(page.locator(".verdict")).to_have_text("This certificate is valid.")
    page.goto(portal.url + "/credits/")
    with page.expect_download() as download:
        page.click("text=Download the certificate")
    assert Path(download.value.path()).read_bytes() == attached
    page.go_back() if "/credits/" not in page.url else page.click(f"text={TITLE}")


def sign_in_by_password(page: Page, portal: Portal, address: str, next_page: str) -> None:
    """Sign in and go on to `next_page`."""
    page.goto(f"{portal.url}/accounts/login/?next={next_page}")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.click("main form.page-form button[type=submit]")


def test_session_that_ends_while_typing_loses_nothing(portal: Portal, visit: Callable[..., Page]) -> None:
    learner, page = portal.add_learner(), visit(PHONE)
    sign_in_by_password(page, portal, learner, MEETING + "request/credit/")
    other = page.context.new_page()
    other.goto(portal.url + "/")
    other.click("text=Sign out")
    page.fill("[name=amount]", "5")
    expect(page.locator(".saved")).to_contain_text("you are signed out")
    sign_in_by_password(other, portal, learner, "/")
    page.fill("[name=amount]", "5.5")
    expect(page.locator(".saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d"))
    expect(page.locator(".running-total")).to_contain_text(
        "5.50 is 5 h 30 min of participation; 13.00 of 18.50 are left."
    )
    page.click("main form.page-form button[type=submit]")
    expect(page).to_have_url(re.compile("request/moc/$"))


def test_text_of_twice_the_size_needs_no_sideways_scrolling(portal: Portal, visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    for address in ("/", "/activities/her2-breast-cancer/", "/verify/", "/mail/", "/accounts/login/code/"):
        page.goto(portal.url + address)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"], address


def test_typed_answers_are_saved_silently_and_meet_the_learner_on_another_device(
    portal: Portal, visit: Callable[..., Page]
) -> None:
    learner, first, second = portal.add_learner(), visit(PHONE), visit(DESKTOP)
    for page in (first, second):
        sign_in_by_password(page, portal, learner, MEETING + "request/credit/")
    first.fill("[name=amount]", "7.1")
    expect(first.locator(".saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d"))
    second.reload()
    expect(second.locator("[name=amount]")).to_have_value("7.1")


def test_newcomer_signs_up_and_lands_where_they_were_going(portal: Portal, visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    page.goto(portal.url + MEETING + "request/")
    sign_in_by_code(page, portal, "new.nurse@example.org")
    page.fill("[name=first_name]", "Noor")
    page.fill("[name=last_name]", "Lindqvist")
    page.select_option("[name=profession]", "nurse")
    accessible(page)
    page.click("main form.page-form button[type=submit]")
    expect(page).to_have_url(re.compile(MEETING + "request/credit/$"))
    expect(page.locator("main")).to_contain_text("You receive a certificate of participation")


def test_every_page_of_the_way_is_accessible(portal: Portal, visit: Callable[..., Page]) -> None:
    learner, page = portal.add_learner(), visit(PHONE)
    for address in ("/", MEETING, "/activities/annual-meeting/", "/verify/", "/verify/nothing/", "/nowhere/"):
        page.goto(portal.url + address)
        accessible(page)
    page.goto(portal.url + "/accounts/login/code/?next=" + MEETING + "request/")
    accessible(page)
    sign_in_by_code(page, portal, learner)
    for key in ("credit", "moc", "questions", "check"):
        page.goto(f"{portal.url}{MEETING}request/{key}/")
        accessible(page)
        page.click("main form.page-form button[type=submit]")
        accessible(page)
    for address in ("/credits/", "/profile/", "/mail/"):
        page.goto(portal.url + address)
        accessible(page)


def test_officer_follows_a_claim_through_the_rooms(portal: Portal, visit: Callable[..., Page]) -> None:
    page = visit(DESKTOP)
    page.goto(portal.url + "/admin/")
    expect(page.locator("h1")).to_have_text("Sign in or create an account")
    sign_in_by_password(page, portal, OFFICER, "/admin/")
    expect(page).to_have_url(portal.url + "/admin/")
    for room in ("activities/activity", "credits/claim", "certificates/certificate", "reporting/submission",
                 "outbox/message", "jobs/job", "audit/event", "accounts/user"):  # fmt: skip
        page.goto(f"{portal.url}/admin/{room}/")
        expect(page.locator("#changelist")).to_be_visible()
    page.goto(f"{portal.url}/admin/activities/activity/?q=Metastasis")
    page.click(f"text={TITLE}")
    expect(page.locator(".thread >> nth=0")).to_contain_text("Page for learners")
