"""The mail that says that something about who a person is has changed."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def changed(what: str, details: str, *, to: Iterable[str]) -> None:
    """Tell each address once what changed, and what to do if it was somebody else."""
    about = {"site_name": settings.SITE_NAME, "office_email": settings.OFFICE_EMAIL}
    context = {"what": what, "details": details, **about}
    subject = render_to_string("accounts/changed.subject.txt", context).strip()
    for address in dict.fromkeys(to):
        email = EmailMultiAlternatives(subject, render_to_string("accounts/changed.txt", context), to=[address])
        email.attach_alternative(render_to_string("accounts/changed.html", context), "text/html")
        email.send()
