"""The two ways out of the outbox: an SMTP server (EMAIL_URL), or files in a folder when there is none."""

from email.utils import format_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from outbox.models import Message

SMTP_TIMEOUT_SECONDS = 60  # a time-out after the data were sent is what makes servers deliver twice


def deliver(message: Message) -> None:
    """Hand `message` to the transport; returns when it was accepted, otherwise raises smtplib's errors or OSError."""
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=message.sender,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else [],
        headers={"Message-ID": message.message_id, "Date": format_datetime(message.created_at)},
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    for attachment in message.attachments.all():
        email.attach(attachment.name, bytes(attachment.content), attachment.content_type)
    with _connection() as connection:  # closed even when the server does not let us in
        connection.send_messages([email])


def _connection() -> Any:
    if settings.EMAIL_TRANSPORT is None:
        return FolderBackend(settings.MAIL_DIR)
    where = settings.EMAIL_TRANSPORT
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
        self.folder.mkdir(parents=True, exist_ok=True)
        for email in email_messages:
            name = email.extra_headers["Message-ID"].strip("<>").partition("@")[0].replace(".", "-")
            draft = self.folder / f"{name}.part"
            draft.write_bytes(email.message().as_bytes())
            draft.replace(self.folder / f"{name}.eml")
        return len(email_messages)
