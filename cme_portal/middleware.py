"""What holds for every page: content policy, caches, characters that nobody types, and the browser's Back."""

import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.encoding import escape_uri_path

Answer = Callable[[HttpRequest], HttpResponseBase]
REFUSED = "refused"  # in the session, and in the address
STAYS = {
    HTTPStatus.OK, HTTPStatus.CONFLICT, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS,
}  # fmt: skip
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


def redirect_after_refused_form(get_response: Answer) -> Answer:
    """Answer a form that a browser sent with a redirect also when it is refused (post, redirect, get).

    The page that says what is wrong waits in the session for the request that follows, and is gone after it. Otherwise
    Back would lead to a page that the browser can show only by sending the form again.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method == "GET" and REFUSED in request.GET:
            kept = request.session.pop(REFUSED, None)
            if kept and kept["path"] == request.path:
                return HttpResponse(zlib.decompress(b64decode(kept["page"])), status=kept["status"])
        response = get_response(request)
        if not isinstance(response, HttpResponse) or not _answers_a_browsers_form(request, response):
            return response
        page = b64encode(zlib.compress(response.content)).decode()
        request.session[REFUSED] = {"path": request.path, "page": page, "status": response.status_code}
        query = request.GET.copy()
        query[REFUSED] = "yes"
        again = f"{escape_uri_path(request.path)}?{query.urlencode()}"
        return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": again})

    return answer


def _answers_a_browsers_form(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a browser would show this page as the answer to a form, and the person has a session to keep it in."""
    sent = request.method == "POST" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    learners = sent and request.session.session_key and not request.path.startswith(reverse("admin:index"))
    return bool(learners) and response.status_code in STAYS and response["Content-Type"].startswith("text/html")


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
