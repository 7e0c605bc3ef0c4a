"""Django's e-mail backend of this project: it writes messages down and sends nothing itself."""

import re
from collections.abc import Sequence
from datetime import timedelta
from email.utils import getaddresses, make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from jobs.queue import enqueue
from outbox.models import Attachment, Message

FIRST = timedelta(days=1)


class OutboxBackend(BaseEmailBackend):
    """Writes one Message per recipient, in the caller's transaction if there is one."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many messages were written; raises ValidationError for an address that is none."""
        with transaction.atomic():
            return sum(self._write(email) for email in email_messages)

    def _write(self, email: EmailMessage) -> int:
        email.message()  # raises BadHeaderError now, in front of its author, rather than in the worker for ever
        recipients = [_address(recipient) for recipient in email.recipients()]
        for recipient in recipients:
            self._write_one(email, recipient)
        return len(recipients)

    def _write_one(self, email: EmailMessage, recipient: str) -> None:
        host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
        supplied = getattr(email, "supplied", ())
        message = Message.objects.create(
            message_id=make_msgid(domain=host),
            sender=email.from_email,
            to=recipient,
            reply_to=", ".join(email.reply_to),
            subject=str(email.subject),
            text=str(email.body),
            html=_html_part(email),
            attachment_key=next((key for *_, key in supplied), ""),
            **getattr(email, "outbox", {}),
        )
        Attachment.objects.bulk_create(
            Attachment(message=message, name=_file_name(name), content_type=kind or "", content=_content(content))
            for name, content, kind in email.attachments
        )
        Attachment.objects.bulk_create(
            Attachment(message=message, name=name, content_type=kind, supplier=supplier, key=key)
            for name, kind, supplier, key in supplied
        )
        # Codes to sign in are about nothing: who waits for one waits in front of the screen, so it goes first.
        due = timezone.now() - (FIRST if message.is_urgent else timedelta(0))
        enqueue("outbox.send", message.pk, due=due, reference=message.reference)


def _address(recipient: str) -> str:
    """Return the bare address; refuses several addresses in one, which Django would let through."""
    addresses = [address for _name, address in getaddresses([recipient])]
    address = addresses[0] if len(addresses) == 1 else ""
    validate_email(address)
    return address


def _html_part(email: EmailMessage) -> str:
    alternatives = email.alternatives if isinstance(email, EmailMultiAlternatives) else []
    return next((str(content) for content, kind in alternatives if kind == "text/html"), "")


def _file_name(name: str | None) -> str:
    return re.sub(r"[^\w.\- ]+", "-", name or "attachment")[:200]


def _content(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
