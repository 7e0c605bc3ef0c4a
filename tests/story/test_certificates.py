"""A certificate in a real browser: claimed, corrected by the office with one click, verified, mailed once more."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.portal import OFFICER, Portal, text_of
from tests.story.conftest import DESKTOP, PHONE
from tests.story.test_live_meeting import MEETING, accessible, answer_evaluation, sign_in_by_password

WISHES = "/admin/certificates/namecorrection/"


def claim_meeting(page: Page, portal: Portal, learner: str) -> None:
    """Claim the whole meeting without MOC points."""
    sign_in_by_password(page, portal, learner, f"{MEETING}request/credit/")
    page.fill("[name=amount]", "18.50")
    page.click("main form.page-form button[type=submit]")
    page.check("[name=wants_moc][value=no]")
    page.click("main form.page-form button[type=submit]")
    answer_evaluation(page)
    page.click("main form.page-form button[type=submit]")
    page.locator("[name=attested]").press("Space")
    page.click("text=Claim 18.50")


def test_name_is_corrected_and_everybody_can_see_what_is_valid(
    portal: Portal, visit: Callable[..., Page], tmp_path: Path
) -> None:
    learner, page = portal.add_learner(), visit(PHONE)
    claim_meeting(page, portal, learner)
    first = next(portal.wait_for_mail("Your certificate", learner).iter_attachments())
    old = tmp_path / "old.pdf"
    old.write_bytes(first.get_content())
    page.reload()
    page.click("text=Correct the name")
    accessible(page)
    page.fill("[name=first_name]", "Adá")
    page.fill("[name=note]", "The accent is missing.")
    page.click("text=Ask for the correction")
    expect(page.locator(".notice")).to_contain_text("We received your request")

    office = visit(DESKTOP)
    sign_in_by_password(office, portal, OFFICER, WISHES)
    office.get_by_role("button", name="Grant Adá Okafor, MD").first.click()
    expect(office.locator("body")).to_contain_text("Adá Okafor, MD: 1 certificate issued anew.")
    mail = portal.wait_for_mail("Your corrected certificate", learner)
    assert "Reason: Your name was corrected to Adá Okafor, MD." in text_of(mail)
    new = tmp_path / "new.pdf"
    new.write_bytes(next(mail.iter_attachments()).get_content())

    clerk = visit(PHONE)
    for file, verdict in ((new, "This certificate is valid."), (old, "Not valid: this certificate was replaced by")):
        clerk.goto(f"{portal.url}/verify/")
        clerk.click("text=Or upload the PDF")
        accessible(clerk)
        clerk.set_input_files("[name=file]", file)
        clerk.click("text=Compare the file")
        expect(clerk.locator(".verdict")).to_contain_text(verdict)
    clerk.click("text=Valid in its place >> a")
    expect(clerk.locator(".verdict")).to_have_text("This certificate is valid.")
    accessible(clerk)


def test_certificates_are_mailed_to_who_has_the_mailbox(portal: Portal, visit: Callable[..., Page]) -> None:
    learner, page = portal.add_learner(), visit(PHONE)
    claim_meeting(page, portal, learner)
    portal.wait_for_mail("Your certificate", learner)
    stranger = visit(PHONE)
    stranger.goto(portal.url)
    stranger.click("footer >> text=Get my certificates")
    accessible(stranger)
    stranger.fill("[name=email]", learner)
    stranger.click("text=Send the list")
    expect(stranger.locator(".notice")).to_contain_text(f"We write to {learner}")
    address = re.search(rf"{portal.url}\S+", text_of(portal.wait_for_mail("Your certificates", learner)))
    assert address
    stranger.goto(address[0])
    accessible(stranger)
    with stranger.expect_download() as download:
        stranger.click("text=Download (PDF)")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
