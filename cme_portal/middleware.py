"""What holds for every page: the content policy, what caches may keep, and characters that nobody types."""

import re
from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse

Answer = Callable[[HttpRequest], HttpResponseBase]
VERTICAL = re.compile(r"[\x0b\x0c]")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # all below the space but tab and line ends


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy everywhere, widened below the admin's address only."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(reverse("admin:index")):
            parts.replace = {**(parts.replace or {}), **settings.STAFF_CONTENT_SECURITY_POLICY}
        return parts


def keep_personal_pages_out_of_caches(get_response: Answer) -> Answer:
    """Let no cache keep what a signed-in person is shown: the next person at that machine may press Back."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            response["Cache-Control"] = "private, no-store"
        return response

    return answer


class PlainText:
    """Drops control characters from what is entered.

    They come along when text is pasted, and no database, spreadsheet or XML document takes all of them. A vertical tab,
    which Word writes for a line break, becomes a space. It stands below the check for forged requests, which reads
    forms before it.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Raise Http404 for an address that no page has."""
        if CONTROLS.search(request.path):
            raise Http404
        request.GET = _plain(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            request.POST = _plain(request.POST)  # type: ignore[assignment]


def _plain(sent: QueryDict) -> QueryDict:
    plain = sent.copy()
    for name, values in sent.lists():
        plain.setlist(name, [CONTROLS.sub("", VERTICAL.sub(" ", value)) for value in values])
    return plain
