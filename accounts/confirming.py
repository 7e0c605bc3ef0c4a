"""A code that a signed-in person gets by mail to show once more that it is them; the session keeps its digest alone."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication  # no public way (docs/decisions/029)
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import limits, signed_in

KEY = "accounts.confirming"
GOOD_FOR = 15 * 60  # seconds
WRONG = "This is not the code that we mailed last. Compare it, or ask for another one."


class CodeForm(forms.Form):
    """The mailed code; each code is guessed three times at most."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
        error_messages={"required": "Enter the code from the mail."},
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_code(self) -> str:
        """Refuse another code than the one that was mailed last."""
        code: str = self.cleaned_data["code"]
        digest = self.request.session.get(KEY, {}).get("digest", "")
        if not is_pending(self.request) or not limits.allow("code_guess", key=digest):
            self.request.session.pop(KEY, None)
            raise ValidationError("This code is used up. Ask for another one.")
        if not constant_time_compare(_digest(code), digest):
            raise ValidationError(WRONG)
        return code


def is_pending(request: HttpRequest) -> bool:
    """Whether a code was mailed that is still good."""
    return time.time() - float(request.session.get(KEY, {}).get("at", 0)) < GOOD_FOR


def mail_code(request: HttpRequest) -> bool:
    """Mail a new code to the person's address; return False, and mail nothing, after too many."""
    person, adapter = signed_in.person(request), get_adapter(request)
    if not limits.allow("mail_code", key=person.email):
        return False
    code = adapter.generate_login_code()
    request.session[KEY] = {"digest": _digest(code), "at": time.time()}
    adapter.send_mail("account/email/confirm_code", person.email, {"code": code})
    return True


def note(request: HttpRequest) -> None:
    """Note in the session that the person has just shown who they are; the code is spent."""
    request.session.pop(KEY, None)
    record_authentication(request, signed_in.person(request), method="code", reauthenticated=True)


def _digest(code: str) -> str:
    return salted_hmac(KEY, "".join(code.upper().split()).replace("-", "")).hexdigest()
