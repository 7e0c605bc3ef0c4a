"""Whether the person behind a session has proved lately who they are; a session alone may not change an identity."""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

CONFIRM_FIRST = "Confirm first that it is you (the link on this page), then save again. What you typed is still here."
View = Callable[..., HttpResponseBase]


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person signed in, or confirmed by code that it is them, in the last settings.FRESH_FOR."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.FRESH_FOR.total_seconds()


def address_to_confirm(back: str) -> str:
    """Return the address of the page that asks for a mailed code and then leads back."""
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}"


def offer_to_confirm(request: HttpRequest) -> str:
    """Return the address to confirm at, for a page that stays open meanwhile; empty after a fresh sign-in."""
    return "" if is_fresh(request) else address_to_confirm(request.path)


def required(view: View) -> View:
    """Send whoever has not proved lately who they are to do so first; the view's page comes afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase | HttpResponse:
        if request.user.is_authenticated and not is_fresh(request):
            return HttpResponseRedirect(address_to_confirm(request.get_full_path()))
        return view(request, *args, **kwargs)

    return guarded
