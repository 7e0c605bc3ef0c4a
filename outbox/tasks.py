"""Sends one message and writes down that it was taken.

Locks nothing while the server speaks. A crash before the server's answer leaves the message to be sent again; a
crash between the answer and the commit sends it a second time under the same Message-ID.
"""

import smtplib
from datetime import datetime, timedelta

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from jobs import failpoints
from jobs.models import Job
from jobs.queue import ensure, without_job
from jobs.registry import Later, Permanent, handles, sweeps
from outbox import pacing, transports
from outbox.models import Attachment, Message


class NotSent(Exception):
    """The server did not take the message this time. It names the kind of error only: words may hold addresses."""


PERMANENT_FROM = 500  # SMTP replies of 5yz are final (RFC 5321, 4.2.1)
REFUSED = range(400, 500)  # a mail service's answers that say so about the message
OURS = {401, 402, 403, 408, 429}  # but these are about our account, or about the moment
# The same of SMTP: our address is blocked, our name or sender is not wanted, our password is wrong. Staff repair that.
ABOUT_US = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPAuthenticationError,
)
ABOUT_THE_RECEIVER = (AnymailRecipientsRefused, AnymailInvalidAddress)
AT_ONCE = 500
State = Message.State


@handles("outbox.send", queue="mail", lease=timedelta(minutes=5), max_attempts=50)
def send(job: Job) -> None:
    """Deliver the message; a refusal by the server is final, everything else is tried again for about two days."""
    message = Message.objects.get(pk=job.subject_id)
    if message.state not in (*Message.WAITS, State.FAILED):  # failed ones come back when staff revive the job
        return
    if message.unsubscribe and User.objects.filter(email=message.to, wants_reminders=False).exists():
        _cancel(job, message, "Reminders were turned off before it left.")
        return
    turn = pacing.wait(message)
    if turn:
        raise Later(turn, "It waits for its turn among the mails that leave.")
    with job.holding():  # from here on it cannot be called back; calling it back ends the job first
        Message.objects.filter(pk=message.pk).update(state=State.SENDING)
    try:
        service_id = transports.deliver(message)
    except transports.Withdrawn as reason:
        _cancel(job, message, str(reason))
        return
    except (smtplib.SMTPException, AnymailError, OSError) as error:
        _note_failure(job, message, error)
        raise NotSent(type(error).__name__) from None
    failpoints.reach("outbox.after-250")
    with job.finishing():
        Message.objects.filter(pk=message.pk).update(
            state=State.SENT, sent_at=timezone.now(), error="", service_id=service_id
        )


@sweeps
def forgotten(now: datetime) -> None:  # noqa: ARG001 (every sweep is given the time)
    """Give messages that are on their way without a job a job; those whose job was given up have failed."""
    on_their_way = Message.objects.filter(state__in=Message.WAITS)
    for message in without_job(on_their_way, "outbox.send").only("pk", "reference"):
        ensure("outbox.send", message.pk, reference=message.reference)
    given_up = Job.objects.filter(kind="outbox.send", state=Job.State.DEAD).values("subject_id")
    on_their_way.filter(pk__in=given_up).update(state=State.FAILED)


@sweeps
def erase_old(now: datetime) -> None:
    """Erase words and attachments of messages that have left long ago; to whom, when and about what is kept."""
    since = Coalesce("sent_at", "created_at")
    old = Message.objects.alias(since=since).filter(
        erased_at=None, since__lt=now - timedelta(days=settings.MAIL_KEEP_DAYS)
    )
    while True:
        chosen = list(old.exclude(state__in=Message.WAITS).values_list("pk", flat=True)[:AT_ONCE])
        if not chosen:
            return
        Attachment.objects.filter(message__in=chosen).delete()
        Message.objects.filter(pk__in=chosen).update(text="", html="", erased_at=now)


def _cancel(job: Job, message: Message, why: str) -> None:
    with job.finishing():
        Message.objects.filter(pk=message.pk).update(state=State.CANCELLED, error=why)


def _note_failure(job: Job, message: Message, error: Exception) -> None:
    """Show the server's words on the message, and only there; raise Permanent when they are final."""
    words = _words(error)
    final = _is_final(error)
    state = State.FAILED if final else State.WAITING
    with job.holding():
        Message.objects.filter(pk=message.pk).update(state=state, error=words, turns=0, not_before=None)
    if final:
        raise Permanent("The mail server refused it for good; its words are on the message.") from None


def _is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_FROM for code, _ in error.recipients.values())
    if isinstance(error, ABOUT_US):
        return False
    if isinstance(error, ABOUT_THE_RECEIVER):
        return True
    if isinstance(error, AnymailAPIError):
        return error.status_code in REFUSED and error.status_code not in OURS
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT_FROM


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values())
    return f"{type(error).__name__}: {error}"[:500]
