"""Mails take turns, are called back, are sent again, and lose their words after a while."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from django.core.mail import EmailMessage, send_mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.reminders import address_to_turn_off
from certificates.services import revoke
from jobs import runner
from jobs.models import Job
from outbox import messages, pacing, services, tasks, transports
from outbox.models import Attachment, Message, Turn
from tests.certificates.making import make
from tests.conftest import Mailbox, smtp_settings
from tests.factories import UserFactory
from tests.servers import free_port

pytestmark = pytest.mark.django_db
LIST = "/admin/outbox/message/"


def write(*addresses: str) -> list[Message]:
    for address in addresses:
        mail = EmailMessage("Subject", "Words", to=[address])
        mail.outbox = {"about": "claims"}  # type: ignore[attr-defined]
        mail.send()
    return list(Message.objects.order_by("pk"))


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


class TestTurns:
    """No receiver gets more in a minute than the office allows, and one crowd keeps nobody else waiting."""

    def test_one_domains_mails_come_one_after_the_other(self, settings: Settings, mailbox: Mailbox) -> None:
        settings.MAIL_PER_MINUTE_TO_ONE_DOMAIN = 2
        write("a@crowd.example", "b@CROWD.example", "c@crowd.example", "d@other.example")
        runner.drain("mail")
        assert states() == ["sent", "queued", "queued", "sent"]
        first, second = Job.objects.filter(state="todo").order_by("due")
        assert second.due - first.due == timedelta(seconds=30)
        assert (first.attempts, first.error) == (0, "It waits for its turn among the mails that leave.")
        assert str(Turn.objects.get(domain="crowd.example")) == "crowd.example"
        before = Turn.objects.get(domain="crowd.example").free_at
        Message.objects.update(not_before=timezone.now())
        Job.objects.filter(state="todo").update(due=timezone.now())
        runner.drain("mail")
        assert states() == ["sent"] * 4
        assert Turn.objects.get(domain="crowd.example").free_at == before  # a turn is drawn once

    def test_all_mails_together_have_a_limit_too(self, settings: Settings, mailbox: Mailbox) -> None:
        settings.MAIL_PER_MINUTE = 60
        write("a@x.example", "b@y.example", "c@z.example")
        runner.drain("mail")
        assert states() == ["sent", "queued", "queued"]
        Message.objects.update(not_before=timezone.now())
        Job.objects.filter(state="todo").update(due=timezone.now())
        runner.drain("mail")
        assert states() == ["sent"] * 3

    def test_code_to_sign_in_waits_for_no_crowd(self, settings: Settings, mailbox: Mailbox) -> None:
        settings.MAIL_PER_MINUTE = 1
        write("a@x.example", "b@x.example", "c@x.example")
        send_mail("Your code", "ABCD-1234", None, ["waiting@x.example"])
        runner.drain("mail", limit=1)
        assert [row.rcpt_tos for row in mailbox.accepted] == [["waiting@x.example"]]

    def test_turns_do_not_hide_that_a_server_is_down(self, settings: Settings) -> None:
        settings.MAIL_PER_MINUTE_TO_ONE_DOMAIN = 600
        settings.EMAIL_TRANSPORT = smtp_settings(free_port())
        write("a@x.example")
        for _ in range(8):
            Turn.objects.update(free_at=timezone.now() + timedelta(minutes=1))
            Message.objects.exclude(not_before=None).update(not_before=timezone.now())
            Job.objects.update(due=timezone.now())
            runner.drain("mail", limit=1)
        assert Job.objects.get().attempts >= 3

    def test_mail_that_failed_draws_again(self, settings: Settings, mailbox: Mailbox) -> None:
        settings.MAIL_PER_MINUTE_TO_ONE_DOMAIN = 60
        mailbox.answers = ["451 Later"]
        write("a@x.example")
        runner.drain("mail")
        message = Message.objects.get()
        assert (message.state, message.turns, message.not_before) == ("waiting", 0, None)


class TestHeaders:
    """Readers and their programs can tell what a mail is, and turn reminders off with one click."""

    def test_list_and_unsubscribe(self, mailbox: Mailbox, learner: User) -> None:
        with transaction.atomic():
            messages.post(
                template="certificates/mail/list", context={}, to=learner.email, about="reminders",
                unsubscribe=address_to_turn_off(learner),
            )  # fmt: skip
        runner.drain("mail")
        mail = message_from_bytes(bytes(mailbox.accepted[0].content or b""))
        assert mail["List-Id"] == "<reminders.localhost>"
        assert mail["List-Unsubscribe"].replace("\r\n ", "") == f"<{address_to_turn_off(learner)}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_reminder_that_was_turned_off_meanwhile_is_not_sent(self, mailbox: Mailbox, learner: User) -> None:
        mail = EmailMessage("Claim", "Words", to=[learner.email])
        mail.outbox = {"about": "reminders", "unsubscribe": address_to_turn_off(learner)}  # type: ignore[attr-defined]
        mail.send()
        User.objects.update(wants_reminders=False)
        runner.drain("mail")
        assert (states(), mailbox.accepted) == (["cancelled"], [])

    def test_other_mails_have_none(self, mailbox: Mailbox) -> None:
        send_mail("Subject", "Words", None, ["a@x.example"])
        runner.drain("mail")
        mail = message_from_bytes(bytes(mailbox.accepted[0].content or b""))
        assert (mail["List-Id"], mail["List-Unsubscribe"]) == (None, None)


class TestSweep:
    """A message that waits without a job is sent all the same."""

    def test_lost_job_is_written_anew(self, mailbox: Mailbox) -> None:
        write("a@x.example", "b@x.example")
        Job.objects.first().delete()  # type: ignore[union-attr]
        tasks.forgotten(timezone.now())
        assert Job.objects.count() == 2
        runner.drain("mail")
        assert len(mailbox.accepted) == 2
        tasks.forgotten(timezone.now())
        assert not Job.objects.filter(state="todo").exists()

    def test_message_whose_job_was_given_up_has_failed_and_can_be_revived(self, mailbox: Mailbox) -> None:
        (message,) = write("a@x.example")
        Message.objects.update(state="waiting")
        Job.objects.get().bury("Given up after 50 attempts.")
        tasks.forgotten(timezone.now())
        assert states() == ["failed"]
        services.resend(message=message, actor=UserFactory(officer=True))
        Job.objects.get(state="dead").revive()
        runner.drain("mail")
        assert (states(), len(mailbox.accepted)) == (["sent", "sent"], 2)

    def test_job_of_a_message_that_has_left_sends_nothing(self, mailbox: Mailbox) -> None:
        write("a@x.example")
        Message.objects.update(state="sent", sent_at=timezone.now())
        assert runner.drain("mail") == 1
        assert not mailbox.accepted


class TestErasing:
    """Words and attachments go after a while; that something was sent stays."""

    def test_old_words_go_and_what_waits_keeps_them(self, settings: Settings) -> None:
        EmailMessage("Subject", "Words", to=["a@x.example"], attachments=[("a.pdf", b"%PDF", None)]).send()
        write("b@x.example", "c@x.example")
        old, waiting, _new = Message.objects.order_by("pk")
        Message.objects.exclude(pk=waiting.pk).update(state="sent", sent_at=timezone.now())
        Message.objects.filter(pk=old.pk).update(sent_at=timezone.now() - timedelta(days=settings.MAIL_KEEP_DAYS + 2))
        long_ago = timezone.now() - timedelta(days=settings.MAIL_KEEP_DAYS + 1)
        Message.objects.exclude(pk=old.pk).update(
            created_at=long_ago
        )  # the new one was written long ago and has just left
        tasks.erase_old(timezone.now())
        tasks.erase_old(timezone.now())
        texts = [(row.text, row.erased_at is not None) for row in Message.objects.order_by("pk")]
        assert texts == [("", True), ("Words", False), ("Words", False)]
        assert not Attachment.objects.exists()
        assert Message.objects.get(pk=old.pk).to == "a@x.example"
        with pytest.raises(services.CannotDo, match="erased"):
            services.resend(message=old, actor=UserFactory(officer=True))


class TestOffice:
    """Staff send again and call back."""

    @pytest.fixture(autouse=True)
    def _officer(self, client: Client) -> None:
        client.force_login(UserFactory(officer=True))

    def act(self, client: Client, action: str) -> str:
        chosen = list(Message.objects.values_list("pk", flat=True))
        answer = client.post(LIST, {"action": action, "_selected_action": chosen}, follow=True)
        return answer.content.decode()

    def test_sent_again_it_is_a_message_of_its_own(self, client: Client, mailbox: Mailbox) -> None:
        EmailMessage("Subject", "Words", to=["a@x.example"], attachments=[("a.pdf", b"%PDF", None)]).send()
        assert "tried again by itself" in self.act(client, "send_again")
        runner.drain("mail")
        assert "once more" in self.act(client, "send_again")
        runner.drain("mail")
        first, second = (message_from_bytes(bytes(row.content or b"")) for row in mailbox.accepted)
        assert first["Message-ID"] != second["Message-ID"]
        assert [part.get_filename() for part in second.walk() if part.get_filename()] == ["a.pdf"]

    def test_called_back_it_does_not_leave(self, client: Client, mailbox: Mailbox) -> None:
        write("a@x.example")
        assert "is called back" in self.act(client, "call_back")
        runner.drain("mail")
        assert (states(), mailbox.accepted) == (["cancelled"], [])
        assert "It has left already" in self.act(client, "call_back")

    def test_called_back_without_a_job(self, client: Client) -> None:
        write("a@x.example")
        Job.objects.all().delete()
        assert "is called back" in self.act(client, "call_back")

    def test_what_is_being_sent_cannot_be_called_back(self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        write("a@x.example")
        deliver = transports.deliver

        def called_back_meanwhile(row: Message) -> str:
            with pytest.raises(services.CannotDo, match="being sent at this moment"):
                services.cancel(message=row, actor=UserFactory(officer=True))
            return deliver(row)

        monkeypatch.setattr(transports, "deliver", called_back_meanwhile)
        runner.drain("mail")
        assert (states(), len(mailbox.accepted)) == (["sent"], 1)

    def test_what_is_called_back_before_it_is_sent_is_not(
        self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write("a@x.example")

        def called_back_meanwhile(row: Message) -> None:
            services.cancel(message=row, actor=UserFactory(officer=True))

        monkeypatch.setattr(pacing, "wait", called_back_meanwhile)
        runner.drain("mail")
        assert (states(), mailbox.accepted) == (["cancelled"], [])

    def test_what_is_not_valid_any_more_is_not_sent_again(self, mailbox: Mailbox, learner: User) -> None:
        certificate = make(learner)
        runner.drain("certificates")
        runner.drain("mail")
        revoke(certificate=certificate, reason="x", now=timezone.now())
        with pytest.raises(services.CannotDo, match="not valid any more"):
            services.resend(message=Message.objects.get(), actor=learner)

    def test_who_may_only_look_is_offered_neither(self, client: Client) -> None:
        write("a@x.example")
        looker = UserFactory(is_staff=True)
        client.force_login(looker)
        self.act(client, "call_back")
        assert states() == ["queued"]

    def test_words_and_servers_words_are_found(self, client: Client) -> None:
        write("a@x.example")
        Message.objects.update(error="550 No such mailbox")
        assert "a@x.example" in client.get(LIST, {"q": "no such mailbox"}).content.decode()
        assert "a@x.example" not in client.get(LIST, {"q": "nothing of the kind"}).content.decode()


def test_attachment_is_kept_or_supplied_and_never_both() -> None:
    (message,) = write("a@x.example")
    for wrong in ({"content": None}, {"content": b"x", "supplier": "certificate"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.create(message=message, name="a", content_type="b", **wrong)


def test_empty_domain_is_everybody() -> None:
    assert str(Turn(domain="", free_at=datetime(2027, 1, 1, tzinfo=UTC))) == ""
