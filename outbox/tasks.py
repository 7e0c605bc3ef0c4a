"""Sends one message and writes down that it was taken.

Locks nothing while the server speaks. A crash before the server's answer leaves the message to be sent again; a
crash between the answer and the commit sends it a second time under the same Message-ID.
"""

import smtplib
from datetime import timedelta

from django.utils import timezone

from jobs import failpoints
from jobs.models import Job
from jobs.registry import Permanent, handles
from outbox import transports
from outbox.models import Message


class NotSent(Exception):
    """The server did not take the message this time. It names the kind of error only: words may hold addresses."""


PERMANENT_FROM = 500  # SMTP replies of 5yz are final (RFC 5321, 4.2.1)


@handles("outbox.send", queue="mail", lease=timedelta(minutes=5), max_attempts=50)
def send(job: Job) -> None:
    """Deliver the message; a refusal by the server is final, everything else is tried again for about two days."""
    message = Message.objects.get(pk=job.subject_id)
    try:
        transports.deliver(message)
    except (smtplib.SMTPException, OSError) as error:
        _note_failure(job, message, error)
        raise NotSent(type(error).__name__) from None
    failpoints.reach("outbox.after-250")
    with job.finishing():
        Message.objects.filter(pk=message.pk).update(state=Message.State.SENT, sent_at=timezone.now(), error="")


def _note_failure(job: Job, message: Message, error: Exception) -> None:
    """Show the server's words on the message, and only there; raise Permanent when they are final."""
    words = _words(error)
    final = _is_final(error)
    state = Message.State.FAILED if final else Message.State.WAITING
    with job.holding():
        Message.objects.filter(pk=message.pk).update(state=state, error=words)
    if final:
        raise Permanent("The mail server refused it for good; its words are on the message.") from None


def _is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_FROM for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # our own credentials: staff repair them, the message waits
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT_FROM


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values())
    return f"{type(error).__name__}: {error}"[:500]
