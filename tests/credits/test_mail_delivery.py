"""“Sent” is what a mail server has taken: the learner and the office read how far each mail has come."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from accounts.models import User
from activities.models import Activity
from certificates.models import Certificate
from credits.models import Claim
from jobs import runner
from outbox import services
from outbox.models import Delivery, Message, delivery_of
from tests.conftest import Mailbox
from tests.credits.making import claim
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
OFFICE = ("/admin/credits/claim/", "/admin/certificates/certificate/")
REFUSED = "550 5.1.1 No such mailbox"


@pytest.fixture
def made(signed_in: Client, learner: User, activity: Activity) -> Claim:
    made = claim(learner, activity, "2.00")
    runner.drain("certificates")
    return made


def words(client: Client, address: str) -> str:
    return " ".join(BeautifulSoup(client.get(address).content, "html.parser").get_text().split())


def office(client: Client) -> list[str]:
    """Return what the office's lists say of the mail."""
    client.force_login(UserFactory(officer=True))
    return [words(client, address) for address in OFFICE]


def test_every_state_is_one_of_three() -> None:
    assert {delivery_of(state) for state in Message.State} == set(Delivery)
    assert delivery_of(None) is None


def test_what_no_server_has_taken_is_on_its_way(signed_in: Client, made: Claim, learner: User) -> None:
    for address in (made.get_absolute_url(), "/credits/"):
        assert f"is on its way to {learner.email}" in words(signed_in, address)
    page = words(signed_in, made.get_absolute_url())
    assert f"A confirmation is on its way to {learner.email}" in page
    assert "have sent" not in page
    assert all("on its way" in page for page in office(signed_in))


def test_what_a_server_has_taken_is_sent(signed_in: Client, made: Claim, learner: User, mailbox: Mailbox) -> None:
    runner.drain("mail")
    assert mailbox.accepted
    page = words(signed_in, made.get_absolute_url())
    assert f"We have sent a confirmation to {learner.email}." in page
    assert f"to {learner.email}" in page.partition("Certificate")[2]
    assert "on its way" not in page
    assert all(" sent" in page for page in office(signed_in))


def test_what_a_server_refused_says_what_to_do(signed_in: Client, made: Claim, learner: User, mailbox: Mailbox) -> None:
    mailbox.answers = [REFUSED] * 2
    runner.drain("mail")
    page = words(signed_in, made.get_absolute_url())
    assert f"could not be delivered to {learner.email}. Download it here, and check your address" in page
    assert f"Our confirmation could not be delivered to {learner.email}." in page
    assert signed_in.get(Certificate.objects.get().get_absolute_url())["Content-Type"] == "application/pdf"
    assert all("came back" in page for page in office(signed_in))
    listed = words(signed_in, f"{OFFICE[0]}?certificates=came_back")
    assert made.reference in listed


def test_mail_that_is_sent_again_counts_in_place_of_the_first(signed_in: Client, made: Claim, mailbox: Mailbox) -> None:
    mailbox.answers = [REFUSED] * 2
    runner.drain("mail")
    refused = Message.objects.get(attachment_key=Certificate.objects.get().number)
    services.resend(message=refused, actor=UserFactory(officer=True))
    assert Certificate.objects.with_mail().get().delivery == Delivery.ON_ITS_WAY
    runner.drain("mail")
    assert Certificate.objects.with_mail().get().delivery == Delivery.SENT
    office(signed_in)
    assert made.reference in words(signed_in, OFFICE[0])
    assert made.reference not in words(signed_in, f"{OFFICE[0]}?certificates=came_back")


def test_it_is_known_after_words_and_attachments_are_erased(made: Claim, learner: User) -> None:
    message = Message.objects.get(attachment_key=Certificate.objects.get().number)
    message.attachments.all().delete()
    Message.objects.filter(pk=message.pk).update(state="failed", text="", html="", sent_at=None)
    assert Certificate.objects.with_mail().get().delivery == Delivery.CAME_BACK


def test_certificate_before_its_day_has_no_mail(learner: User, activity: Activity) -> None:
    claim(learner, activity, "2.00")
    assert Certificate.objects.with_mail().get().delivery is None
