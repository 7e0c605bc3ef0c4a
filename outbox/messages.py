"""Renders the three templates of a message and hands it to Django's e-mail interface."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def post(
    *,
    template: str,
    context: dict[str, Any],
    to: str,
    reply_to: str = "",
    reference: str = "",
    about: str = "",
    unsubscribe: str = "",
    supplied: Sequence[tuple[str, str, str, str]] = (),
) -> None:
    """Write the message made of `template`.subject.txt, .txt and .html to the outbox.

    Call it inside the transaction that decides the message. `about` is what it is one of, for its List-Id;
    `unsubscribe` the address at which mails of this kind are turned off; `supplied` are attachments that are kept
    elsewhere, as (name, content type, supplier, key).
    """
    context = {**context, "site_name": settings.SITE_NAME, "public_url": settings.PUBLIC_URL}
    email = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{template}.subject.txt", context).split()),
        body=render_to_string(f"{template}.txt", context),
        to=[to],
        reply_to=[reply_to] if reply_to else [],
    )
    email.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    email.outbox = {"reference": reference, "about": about, "unsubscribe": unsubscribe}  # type: ignore[attr-defined]
    email.supplied = supplied  # type: ignore[attr-defined]
    email.send()
