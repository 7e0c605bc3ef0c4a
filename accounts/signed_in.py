"""The person behind a request."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Return who is signed in; raises PermissionDenied when nobody is (views ask for sign-in before)."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
