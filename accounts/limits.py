"""How often somebody may do something: the one place that counts, for every room.

The counts live in the cache (the database), under allauth's lock, so that many processes count together. Rates are
written as allauth writes them: `10/h/key` is ten in an hour for one key, `120/m/ip` for one network address.
"""

from collections.abc import Callable
from functools import wraps

from allauth.core.internal import ratelimit  # its public form counts sign-in alone (see docs/decisions/029)
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

View = Callable[..., HttpResponseBase]


def allow(action: str, *, key: str | None = None, request: HttpRequest | None = None) -> bool:
    """Count one more `action` of settings.RATES; return whether its rates still allow it.

    Rates per network address need the request, rates per key the key. Reading a page counts as well.
    """
    counted = ratelimit.consume(request, app="portal", action=action, config=settings.RATES, key=key, limit_get=True)
    return counted is not None


def network_of(request: HttpRequest) -> str:
    """Return a digest that stands for the network address of a request, without the address itself."""
    return salted_hmac("accounts.limits", ratelimit.get_ip(request)).hexdigest()[:16]


def too_many(request: HttpRequest) -> HttpResponse:
    """Return the page that says to wait, with status 429."""
    response: HttpResponse = ratelimit.respond_429(request)
    return response


def limited(action: str) -> Callable[[View], View]:
    """Decorate a view that may be opened only so often from one network address."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            return view(request, *args, **kwargs) if allow(action, request=request) else too_many(request)

        return counted

    return decorate
