"""Signing in as a person does: with the code from the mail."""

import re
import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from accounts.models import User
from outbox.models import Message

ASK, CONFIRM = "/accounts/login/code/", "/accounts/login/code/confirm/"


def code_mailed(to: str, subject: str = "sign-in code") -> str:
    """Return the code in the latest mail to an address."""
    message = Message.objects.filter(subject__contains=subject, to=to).latest("id")
    found = re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", message.text, re.MULTILINE)
    assert found, message.text
    return found[1]


def sign_in(client: Client, address: str, then: str = "/credits/") -> str:
    """Sign in with a mailed code and return where that led."""
    client.post(ASK, {"email": address, "next": then})
    answer = client.post(CONFIRM, {"code": code_mailed(address.strip().lower()), "next": then})
    return str(answer["Location"])


def confirm(client: Client, address: str, back: str = "/profile/") -> str:
    """Show once more who one is, and return where that led."""
    page = f"/accounts/reauthenticate/?next={back}"
    client.get(page)
    answer = client.post(page, {"code": code_mailed(address, "confirm that it is you"), "next": back})
    return str(answer["Location"])


def sign_in_quietly(client: Client, user: User) -> None:
    """Sign in without a mail, as freshly as with a code; for tests of what comes afterwards."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
