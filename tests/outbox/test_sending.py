"""A message waits while the server is down, fails when the server says so for good, and is sent once otherwise."""

import smtplib
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from jobs import runner
from jobs.models import Job
from outbox.models import Message
from tests.conftest import Mailbox, smtp_settings
from tests.factories import UserFactory
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    email = EmailMultiAlternatives("Your certificate", "Words 🙂", to=["ada@example.org"], reply_to=["cme@soe.example"])
    email.attach_alternative("<p>Words</p>", "text/html")
    email.attach("certificate.pdf", b"%PDF", "application/pdf")
    email.send()
    return Message.objects.get()


def test_accepted_message_is_sent(message: Message, mailbox: Mailbox) -> None:
    runner.drain("mail")
    message.refresh_from_db()
    assert (message.state, message.error) == ("sent", "")
    (envelope,) = mailbox.accepted
    mail = message_from_bytes(bytes(envelope.content or b""))
    assert (mail["Message-ID"], mail["To"], mail["Reply-To"]) == (message.message_id, message.to, "cme@soe.example")
    assert [part.get_filename() for part in mail.walk() if part.get_filename()] == ["certificate.pdf"]


def test_server_that_is_down_makes_the_message_wait(message: Message, settings: Settings, mailbox: Mailbox) -> None:
    up = settings.EMAIL_TRANSPORT
    settings.EMAIL_TRANSPORT = smtp_settings(free_port())
    runner.drain("mail")
    message.refresh_from_db()
    assert message.state == "waiting"
    assert "refused" in message.error
    settings.EMAIL_TRANSPORT = up
    Job.objects.update(due=timezone.now() - timedelta(seconds=1))
    runner.drain("mail")
    message.refresh_from_db()
    assert (message.state, len(mailbox.accepted)) == ("sent", 1)


@pytest.mark.parametrize(
    ("answer", "state", "job_state"),
    [
        ("451 4.7.1 Please try again later", "waiting", "todo"),
        ("550 5.1.1 No such mailbox", "failed", "dead"),
    ],
)
def test_servers_words_decide_and_are_shown(
    message: Message, mailbox: Mailbox, answer: str, state: str, job_state: str
) -> None:
    mailbox.answers = [answer]
    runner.drain("mail")
    message.refresh_from_db()
    assert (message.state, message.error) == (state, answer)
    assert Job.objects.get().state == job_state
    assert "ada@example.org" not in Job.objects.get().error


def test_mail_that_is_refused_as_a_whole_has_failed(message: Message, mailbox: Mailbox) -> None:
    mailbox.verdict = "554 5.7.1 Looks like spam"
    runner.drain("mail")
    message.refresh_from_db()
    assert message.state == "failed"
    assert "Looks like spam" in message.error


@pytest.mark.parametrize("error", [
    smtplib.SMTPConnectError(554, b"Your address is blocked"), smtplib.SMTPHeloError(550, b"Who are you?"),
    smtplib.SMTPSenderRefused(530, b"Authenticate first", "cme@x.example"),
])  # fmt: skip
def test_refusal_of_ourselves_loses_no_mail(
    message: Message, monkeypatch: pytest.MonkeyPatch, error: smtplib.SMTPException
) -> None:
    def refuse(_message: Message) -> str:
        raise error

    monkeypatch.setattr("outbox.transports.deliver", refuse)
    runner.drain("mail")
    message.refresh_from_db()
    assert (message.state, Job.objects.get().state) == ("waiting", "todo")


def test_plain_mail_without_html_is_sent_as_it_is(mailbox: Mailbox) -> None:
    send_mail("Subject", "Words", None, ["ada@example.org"])
    runner.drain("mail")
    assert message_from_bytes(bytes(mailbox.accepted[0].content or b"")).get_content_type() == "text/plain"


def test_our_own_wrong_password_is_not_the_messages_fault(
    message: Message, settings: Settings, mailbox: Mailbox
) -> None:
    settings.EMAIL_TRANSPORT |= {"EMAIL_HOST_USER": "cme", "EMAIL_HOST_PASSWORD": "wrong"}
    runner.drain("mail")
    message.refresh_from_db()
    assert (message.state, message.error.partition(":")[0]) == ("waiting", "SMTPAuthenticationError")
    assert not mailbox.accepted


def test_without_a_server_mails_are_files_named_by_their_message_id(
    message: Message, settings: Settings, tmp_path: object
) -> None:
    settings.MAIL_DIR = tmp_path
    runner.drain("mail")
    (file,) = list(settings.MAIL_DIR.glob("*"))
    assert file.name == message.message_id.strip("<>").partition("@")[0].replace(".", "-") + ".eml"


class TestPageOfSentMails:
    """The page of a demonstration shows what was written to the folder."""

    def test_mail_can_be_read_with_its_attachment(
        self, client: Client, message: Message, settings: Settings, tmp_path: object
    ) -> None:
        settings.MAIL_DIR = tmp_path
        assert b"No mail has been sent yet" in client.get("/mail/").content
        runner.drain("mail")
        name = next(settings.MAIL_DIR.glob("*.eml")).stem
        assert b"Your certificate" in client.get("/mail/").content
        assert "Words 🙂" in client.get(f"/mail/{name}/").content.decode()
        assert client.get(f"/mail/{name}/0/").content == b"%PDF"
        assert client.get(f"/mail/{name}/1/").status_code == 404
        assert client.get("/mail/nothing/").status_code == 404


class TestOffice:
    """Staff read mails about claims, and never a sign-in code."""

    def test_words_of_a_mail_outside_a_claim_are_hidden(self, client: Client, message: Message) -> None:
        client.force_login(UserFactory(officer=True))
        address = f"/admin/outbox/message/{message.pk}/change/"
        assert "Words 🙂" not in client.get(address).content.decode()
        Message.objects.update(reference="R-1")
        page = client.get(address).content.decode()
        assert "Words 🙂" in page
        assert "/admin/credits/claim/?q=R-1" in page
        assert client.get("/admin/outbox/message/add/").status_code == 403
        assert client.post(address, {"text": "x"}).status_code == 403
        assert client.post(address.replace("change", "delete")).status_code == 403
        assert client.get("/admin/outbox/message/").status_code == 200

    def test_hidden_words_cannot_be_guessed_by_filtering(self, client: Client, message: Message) -> None:
        client.force_login(UserFactory(officer=True))
        assert client.get("/admin/outbox/message/?text__regex=Words").status_code == 400
        assert client.get("/admin/outbox/message/?to__startswith=ada").status_code == 200
