"""An activity's way to its readers in a real browser: copied, disclosed, judged, edited, published, found."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.portal import OFFICER, Portal, text_of
from tests.story.conftest import DESKTOP, PHONE
from tests.story.test_live_meeting import accessible, sign_in_by_password

pytestmark = pytest.mark.xdist_group("story")

FORGET = "from activities.models import Disclosure as D; D.objects.filter(person__name='Charles Turck').delete()"
EXAMPLES = ("cancer-metastasis", "annual-meeting", "her2-breast-cancer")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_of_the_examples_are_accessible_and_fit(
    portal: Portal, visit: Callable[..., Page], size: dict[str, int]
) -> None:
    page = visit(size)
    for address in ("/?format=live", "/?since=soon", *(f"/activities/{slug}/" for slug in EXAMPLES)):
        page.goto(portal.url + address)
        accessible(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"], address
    page.click("text=Learning objectives >> nth=0")
    expect(page).to_have_url(re.compile("#objectives$"))
    short = page.locator(".tools a >> nth=-1").inner_text()
    page.goto(portal.url + short[short.index("/a/") :])
    expect(page.locator("h1")).to_contain_text("HER2-Positive")
    page.goto(portal.url + short[short.index("/a/") :] + "/slide/")
    accessible(page)


def test_officer_copies_an_activity_collects_a_disclosure_and_publishes(
    portal: Portal, visit: Callable[..., Page]
) -> None:
    office = visit(DESKTOP)
    sign_in_by_password(office, portal, OFFICER, "/admin/activities/activity/?q=HER2")
    office.click("text=Advances in Treating HER2 >> nth=0")
    office.click(".thread >> text=Copy")
    office.fill("[name=title]", "HER2 next year")
    office.fill("[name=starts_on]", "2027-02-25")
    office.click(".desk button >> text=Copy")
    expect(office.locator(".findings-beside")).to_contain_text("to put right before it can be published")
    office.select_option("[name=support_state]", "none")
    office.click("[name=_continue]")
    expect(office.locator("[name=support_state]")).to_have_value("none")

    office.click(".thread >> text=People and disclosures")
    office.click("text=Charles Turck")
    office.fill("[name=email]", "turck@scientiacme.example")
    office.click("[name=_save]")
    portal.manage("shell", "-v0", "-c", FORGET)
    office.goto(f"{portal.url}/admin/activities/activity/?q=next+year")
    office.click("text=HER2 next year >> nth=0")
    office.click(".thread >> text=People and disclosures")
    office.click("text=Send the mails")
    expect(office.locator("body")).to_contain_text("Asked Charles Turck")
    _disclose_nothing(portal, visit)

    office.reload()
    expect(office.locator(".desk")).to_contain_text("nothing to disclose")
    for choice in office.locator("select[name$=-decision]").all():
        choice.select_option("mitigated")
    for choice in office.locator("select[name$=-method]").all():
        choice.select_option("content_review")
    office.click("text=Save decisions on Anees Chagpar")
    office.click(".thread >> text=Gate")
    office.click(".move button >> text=Publish")
    expect(office.locator(".stage")).to_contain_text("published")

    reader = visit(PHONE)
    reader.goto(portal.url + "/?q=her2+next")
    reader.click("text=HER2 next year")
    expect(reader.locator("#main")).to_contain_text("Sanofi Aventis, Novartis")
    reader.click("text=Sign in and study >> nth=0")
    expect(reader).to_have_url(re.compile("/accounts/login/"))


def _disclose_nothing(portal: Portal, visit: Callable[..., Page]) -> None:
    """Follow the mailed link without an account, err once, and sign."""
    mail = text_of(portal.wait_for_mail("Please disclose", "turck@scientiacme.example"))
    found = re.search(r"/disclosure/\S+/", mail)
    assert found, mail
    person = visit(PHONE)
    person.goto(portal.url + found[0])
    accessible(person)
    person.click(".form-end button")
    expect(person.locator(".problem")).to_contain_text("Choose yes or no.")
    accessible(person)
    person.click("text=More rows")
    person.click("text=No, none")
    person.check("[name=agreed]")
    person.fill("[name=signature]", "Charles Turck")
    person.click(".form-end button")
    expect(person.locator("h1")).to_have_text("Thank you")
    accessible(person)
