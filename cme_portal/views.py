"""Pages that belong to no room: health, and what a person reads when a request cannot be answered."""

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render


def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 200 when the database answers; for load balancers and compose."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def not_found(request: HttpRequest, **_: object) -> HttpResponse:  # noqa: ARG001
    """Close an address that a library would open."""
    raise Http404


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Say how to go on when a form was open longer than its session."""
    return render(request, "403_csrf.html", status=403)
