"""The page of sent mails, for installations whose transport is a folder (settings.SHOW_MAILS)."""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

NEWEST = 100


def sent_mails(request: HttpRequest) -> HttpResponse:
    """List the newest mails in the folder."""
    folder = Path(settings.MAIL_DIR)
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)[:NEWEST]
    return render(request, "outbox/sent_mails.html", {"mails": [_summary(path) for path in paths]})


def sent_mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: its text part, and its attachments to download."""
    parsed = _parse(_find(name))
    body = parsed.get_body(("plain", "html"))
    attachments = [part.get_filename() for part in parsed.iter_attachments()]
    context = {"mail": _summary(_find(name)), "text": body.get_content() if body else "", "attachments": attachments}
    return render(request, "outbox/sent_mail.html", context)


def attachment(request: HttpRequest, name: str, number: int) -> HttpResponse:  # noqa: ARG001
    """Download the attachment at position `number`."""
    parts = list(_parse(_find(name)).iter_attachments())
    if number >= len(parts):
        raise Http404
    part = parts[number]
    headers = {"Content-Disposition": f'attachment; filename="{part.get_filename()}"'}
    return HttpResponse(part.get_content(), content_type=part.get_content_type(), headers=headers)


def _find(name: str) -> Path:
    path = Path(settings.MAIL_DIR) / f"{name}.eml"
    if not path.is_file():
        raise Http404
    return path


def _parse(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return email.message_from_binary_file(file, policy=default)


def _summary(path: Path) -> dict[str, Any]:
    parsed = _parse(path)
    return {"name": path.stem, "subject": parsed["Subject"], "to": parsed["To"], "date": parsed["Date"].datetime}
