"""The ways out of the outbox: an SMTP server (EMAIL_URL), a mail service's interface (MAIL_SERVICE), or a folder."""

from email.utils import format_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from outbox.models import Attachment, Message
from outbox.suppliers import SUPPLIERS

SMTP_TIMEOUT_SECONDS = 60  # a time-out after the data were sent is what makes servers deliver twice


class Withdrawn(Exception):
    """What was to be attached must not be sent any more."""


def deliver(message: Message) -> str:
    """Hand `message` to the transport and return the number a mail service gave it; empty from an SMTP server.

    Returns when it was accepted; otherwise raises Withdrawn, AnymailError, smtplib's errors or OSError.
    """
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=message.sender,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else [],
        headers=_headers(message),
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    for attachment in message.attachments.all():
        email.attach(attachment.name, _content(attachment), attachment.content_type)
    with _connection() as connection:  # closed even when the server does not let us in
        connection.send_messages([email])
    status = getattr(email, "anymail_status", None)
    return str(status.message_id) if status and status.message_id else ""


def _headers(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message.message_id, "Date": format_datetime(message.created_at)}
    if message.about:
        headers["List-Id"] = f"<{message.about}.{message.message_id.strip('<>').rpartition('@')[2]}>"
    if message.unsubscribe:  # RFC 8058: one click in the reader's own mail program
        headers |= {
            "List-Unsubscribe": f"<{message.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return headers


def _content(attachment: Attachment) -> bytes:
    if not attachment.supplier:
        return bytes(attachment.content or b"")
    content = SUPPLIERS[attachment.supplier](attachment.key)
    if content is None:
        raise Withdrawn(f"{attachment.name} is not valid any more, so it was not sent.")
    return content


def _connection() -> Any:
    if settings.EMAIL_TRANSPORT is None:
        return FolderBackend(settings.MAIL_DIR)
    where = settings.EMAIL_TRANSPORT
    if "EMAIL_HOST" not in where:  # a mail service; its keys are in settings.ANYMAIL
        return get_connection(where["EMAIL_BACKEND"])
    return get_connection(
        where["EMAIL_BACKEND"],
        host=where["EMAIL_HOST"],
        port=where["EMAIL_PORT"],
        username=where["EMAIL_HOST_USER"],
        password=where["EMAIL_HOST_PASSWORD"],
        use_tls=where.get("EMAIL_USE_TLS", False),
        use_ssl=where.get("EMAIL_USE_SSL", False),
        timeout=SMTP_TIMEOUT_SECONDS,
    )


class FolderBackend(BaseEmailBackend):
    """Writes each message as one .eml file named by its Message-ID: delivering it twice leaves one file."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def send_messages(self, email_messages: Any) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # mails hold codes that let people in
        for email in email_messages:
            name = email.extra_headers["Message-ID"].strip("<>").partition("@")[0].replace(".", "-")
            draft = self.folder / f"{name}.part"
            draft.write_bytes(email.message().as_bytes())
            draft.replace(self.folder / f"{name}.eml")
        return len(email_messages)
