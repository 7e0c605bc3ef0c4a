"""Who the board does not recognise learns it at once, puts it right on a phone, and the board accepts."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.portal import OFFICER, Portal, text_of
from tests.story.conftest import BOARD_NUMBERS, DESKTOP, PHONE
from tests.story.test_live_meeting import MEETING, accessible, answer_evaluation, sign_in_by_password

pytestmark = pytest.mark.xdist_group("story")  # one portal serves them all


def test_learner_corrects_who_they_are_and_the_office_sees_it(portal: Portal, visit: Callable[..., Page]) -> None:
    learner, page = portal.add_learner(), visit(PHONE)
    sign_in_by_password(page, portal, learner, MEETING + "request/credit/")
    page.fill("[name=amount]", "2")
    page.click("main form.page-form button[type=submit]")
    page.check("[name=wants_moc][value=yes]")
    page.fill("[name=number_ABIM]", "12345")
    expect(page.locator(".form-note")).to_have_text("An ABIM number has 6 digits, for example 123456.")
    page.click("main form.page-form button[type=submit]")
    expect(page.locator("#div_id_number_ABIM .invalid-feedback")).to_contain_text("An ABIM number has 6 digits")
    page.fill("[name=number_ABIM]", "ABIM 123458")
    expect(page.locator("#div_id_number_ABIM .invalid-feedback")).to_have_count(0)
    expect(page.locator("#div_id_birth_month .invalid-feedback")).to_have_count(1)
    expect(page.locator(".form-note")).to_have_text("")
    page.select_option("[name=birth_month]", "2")
    page.fill("[name=birth_day]", "29")
    page.check("[name=permission]")
    expect(page.locator(".identity-said")).to_contain_text("another name or birthday with number 123458")
    accessible(page)
    page.click("main form.page-form button[type=submit]")
    answer_evaluation(page)
    page.click("main form.page-form button[type=submit]")
    page.check("[name=attested]")
    page.click("text=Claim 2.00")
    expect(page.locator(".awarded")).to_have_text("2.00 AMA PRA Category 1 Credits™")
    claim = page.url

    portal.wait_for_mail("Your certificate", learner)
    mail = text_of(portal.wait_for_mail("Please check your ABIM details", learner))
    link = re.search(r"http\S+/reports/\d+/", mail)
    assert link
    page.goto(link[0])
    expect(page.locator(".notice.refused")).to_contain_text("do not match the record of ABIM ID 123458")
    accessible(page)
    page.fill("[name=board_number]", "12345")
    page.click("text=Report it again")
    expect(page.locator(".problem")).to_contain_text("An ABIM number has 6 digits")
    page.fill("[name=board_number]", next(BOARD_NUMBERS))
    page.click("text=Report it again")
    expect(page).to_have_url(claim)
    portal.wait_for_mail("ABIM accepted", learner)
    page.reload()
    expect(page.locator(".timeline li").last).to_contain_text("accepted by the board")
    assert len(portal.mails("Your certificate", learner)) == 1

    reference = claim.rstrip("/").rpartition("/")[2]
    office = visit(DESKTOP)
    sign_in_by_password(office, portal, OFFICER, f"/admin/reporting/submission/?q={reference}")
    expect(office.locator("#result_list")).to_contain_text("replaced by a corrected report")
    records = httpx.get(portal.env["PARS_URL"], trust_env=False).text
    assert f"{reference}-ABIM-MK-2" in records
    assert f"{reference}-ABIM-MK-1" not in records
