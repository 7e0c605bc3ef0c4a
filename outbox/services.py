"""What staff do with a message: send it again, or call it back before it has left."""

from email.utils import make_msgid

from accounts.models import User
from audit.models import record
from jobs.models import Job
from jobs.queue import enqueue
from jobs.transactions import short_write
from outbox.models import Attachment, Message
from outbox.suppliers import SUPPLIERS

WORDS = ("reference", "subject", "text", "html", "about", "attachment_key", "unsubscribe")
ADDRESSES = ("sender", "to", "reply_to")
PARTS = ("name", "content_type", "content", "supplier", "key")


class CannotDo(ValueError):
    """The message is not in a state for that."""


@short_write
def resend(*, message: Message, actor: User) -> Message:
    """Write the message once more, under a Message-ID of its own; raises CannotDo when its words are erased."""
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.erased_at:
        raise CannotDo("Its words were erased. Let what caused it write it anew.")
    if message.state in Message.WAITS:
        raise CannotDo("It has not left yet, and is tried again by itself.")
    attachments = list(message.attachments.all())
    if any(row.supplier and SUPPLIERS[row.supplier](row.key) is None for row in attachments):
        raise CannotDo("What was attached is not valid any more.")
    again = Message.objects.create(
        message_id=make_msgid(domain=message.message_id.strip("<>").rpartition("@")[2]),
        **{name: getattr(message, name) for name in (*WORDS, *ADDRESSES)},
    )
    Attachment.objects.bulk_create(
        Attachment(message=again, **{name: getattr(row, name) for name in PARTS}) for row in attachments
    )
    enqueue("outbox.send", again.pk, reference=again.reference)
    record(action="sent again", subject=again, actor=actor, before={"message": message.message_id})
    return again


@short_write
def cancel(*, message: Message, actor: User) -> None:
    """Call back a message that has not left; raises CannotDo when it has, or is being sent at this moment."""
    job = Job.objects.select_for_update().filter(key=f"outbox.send:{message.pk}").first()  # as a sender does: job first
    waits = Message.objects.filter(pk=message.pk, state__in=(Message.State.QUEUED, Message.State.WAITING))
    if not waits.update(state=Message.State.CANCELLED):
        raise CannotDo("It has left already, is being sent at this moment, or was given up.")
    if job:
        job.bury("The message was called back.")
    record(action="called back", subject=message, actor=actor)
