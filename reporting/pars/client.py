"""One request to PARS and its answer: credentials, time limits, limits of size.

Errors: `NotTaken` (try again), `NoAnswer` (it may have arrived: ask before sending again), `Contradiction` (it says two
things), `Refused` (final). An answer is the registry's own only when it has the registry's own form: a 404 or 400 may
come from something in between, and is then no answer at all.
"""

import atexit
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from html import escape
from typing import Any

import httpx
from django.conf import settings
from django.utils import timezone

from reporting import line
from reporting.models.line import CREDENTIALS_REFUSED
from reporting.pars import rendering
from reporting.pars.deadline import Transport, within

# A whole exchange, at its slowest, ends before Celery's soft time limit of 60 s.
TIMEOUT = httpx.Timeout(connect=5, read=15, write=5, pool=20)
QUICK, SOON = httpx.Timeout(2), timedelta(seconds=0.5)  # somebody waits for the page
SHORTEST = 2.0
LONGEST = 20.0  # seconds for a whole exchange, however slowly it drips
LARGEST_ANSWER = 1_000_000  # bytes, as they come
BUSY = timedelta(seconds=2)  # for a registry that is busy and does not say for how long
BLANK = "•••"


@dataclass(frozen=True)
class Request:
    """One request as it will be sent; everything that can be wrong with it is found when it is made."""

    operation: str
    sent: dict[str, Any]
    form: rendering.Rendering
    http: httpx.Request


@dataclass(frozen=True)
class Answer:
    """One exchange: the operation, what was sent, the HTTP status (None: no answer) and what came back."""

    operation: str
    sent: dict[str, Any]
    status: int | None
    body: Any
    wait_until: datetime | None = None  # the registry asks to be left alone until then

    @property
    def is_own_fault(self) -> bool:
        """Whether this is an error in the registry's own form: its code, which is the status, and words."""
        fault = fault_of(self.body)
        return str(fault.get("code", "")) == str(self.status) and bool(str(fault.get("message", "")).strip())


class ParsError(Exception):
    """What went wrong in words, with the exchange as evidence."""

    def __init__(self, words: str, answer: Answer) -> None:
        super().__init__(words)
        self.answer = answer


class NotTaken(ParsError):
    """The registry did not take the record (unreachable, too busy, credentials): the same may be sent again."""


class NoAnswer(ParsError):
    """No answer that can be trusted came back: the record may or may not have arrived."""


class Contradiction(ParsError):
    """The registry says two things about one record; the office has to look."""


class Refused(ParsError):
    """The registry says the record is wrong; sending it again cannot help."""


def prepare(
    operation: str,
    method: str,
    path: str,
    *,
    document: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
    quick: bool = False,
) -> Request:
    """Make a request; credentials are in its headers, and never in what is kept of it."""
    form = rendering.current()
    content = None if document is None else form.write(document)
    headers = _credentials() | {"Content-Type": form.content_type, "Accept": form.content_type.partition(";")[0]}
    address = settings.PARS["url"].rstrip("/") + path
    http = _client().build_request(
        method, address, headers=headers, content=content, params=query, timeout=QUICK if quick else TIMEOUT
    )
    return Request(operation, document or query or {}, form, http)


def exchange(request: Request, *, quick: bool = False) -> Answer:
    """Send a request and return the answer, with the credentials blanked should it repeat them.

    A job has drawn its turn when it was taken. `quick` is for a person who waits: it draws a turn that is near, and
    raises NotTaken when there is none, NoAnswer when the answer does not come soon.
    """
    nothing = Answer(request.operation, request.sent, None, {})
    try:
        with within(SHORTEST if quick else LONGEST):
            response, received = _receive(request.http)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _fault(NotTaken(f"The registry cannot be reached: {error}", nothing), quick=quick) from error
    except httpx.HTTPError as error:
        words = f"The registry did not answer: {type(error).__name__}"
        raise _fault(NoAnswer(words, nothing), quick=quick) from error
    body = _read(request.form, response, received)
    return Answer(request.operation, request.sent, response.status_code, body, _wait_until(response))


def _fault(error: ParsError, *, quick: bool) -> ParsError:
    """Let the line know of a fault; an answer that was only too slow for a waiting person is none."""
    if not quick:
        line.failed(str(error))
    return error


def not_understood(words: str, answer: Answer) -> NoAnswer:
    """Return the error for an answer that is not the registry's own; the line counts it as a fault."""
    line.failed(words)
    return NoAnswer(words, answer)


def raise_unless(answer: Answer, *expected: int) -> None:
    """Raise the error that a status means, unless it is an expected one in a readable answer."""
    if answer.status in expected and "unreadable" not in answer.body:
        return
    if answer.status == httpx.codes.BAD_REQUEST and answer.is_own_fault:
        line.answered()
        raise Refused(words_of(answer.body), answer)
    if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        line.failed(CREDENTIALS_REFUSED, at_once=True)
        raise NotTaken(CREDENTIALS_REFUSED, answer)
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        line.slow_down(answer.wait_until or timezone.now() + BUSY)
        raise NotTaken("The registry is busy.", answer)
    if answer.status == httpx.codes.SERVICE_UNAVAILABLE:
        line.failed("The registry is closed for the moment.")
        if answer.wait_until:
            line.slow_down(answer.wait_until)
        raise NotTaken("The registry is closed for the moment.", answer)
    if answer.status in expected:
        raise not_understood(f"The registry answered {answer.status} in a form that is not its own.", answer)
    raise not_understood(f"The registry answered {answer.status}.", answer)


def fault_of(body: Any) -> dict[str, Any]:
    """Return what an answer says of a fault; in XML it stands below a root."""
    fault = body.get("Fault", body) if isinstance(body, dict) else None
    return fault if isinstance(fault, dict) else {}


def words_of(body: Any) -> str:
    """Return the registry's own words about a fault."""
    return str(fault_of(body).get("message", ""))


def _credentials() -> dict[str, str]:
    pars = settings.PARS
    return {"ProviderId": pars["provider"], "User": pars["user"], "Password": pars["password"]}


@cache
def _client() -> httpx.Client:
    """Return the process's own connections; certificates are verified, redirects are not followed."""
    headers = {"Accept-Encoding": "identity"}
    client = httpx.Client(transport=Transport(), follow_redirects=False, trust_env=False, headers=headers)
    atexit.register(client.close)
    return client


def _receive(request: httpx.Request) -> tuple[httpx.Response, bytes]:
    """Send, and read the answer's bytes as they come, as far as they are not too many; nothing is unpacked."""
    received = bytearray()
    response = _client().send(request, stream=True)
    try:
        for chunk in response.iter_raw():
            received += chunk
            if len(received) > LARGEST_ANSWER:
                break
    finally:
        response.close()
    return response, bytes(received)


def _wait_until(response: httpx.Response) -> datetime | None:
    """Return what Retry-After asks for, in either of its forms: seconds or a date."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return timezone.now() + timedelta(seconds=min(int(asked), line.LONGEST_PAUSE.total_seconds()))
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _read(form: rendering.Rendering, response: httpx.Response, received: bytes) -> Any:
    """Return an answer as a document; one that is packed, too long, or no document is unreadable."""
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        return {"unreadable": f"packed as {packed[:100]}, though it was asked for as it is"}
    if len(received) > LARGEST_ANSWER:
        return {"unreadable": f"more than {LARGEST_ANSWER} bytes"}
    try:
        body = _blanked(form.read(received))
    except rendering.Unreadable:
        body = None
    if not isinstance(body, dict | list):
        body = {"unreadable": _without_password(received[:2000].decode(errors="replace"))}
    return body


def _blanked(body: Any) -> Any:
    """Return a document without the password, wherever an answer repeats it."""
    if isinstance(body, dict):
        return {_without_password(name): _blanked(value) for name, value in body.items()}
    if isinstance(body, list):
        return [_blanked(row) for row in body]
    return _without_password(body) if isinstance(body, str) else body


def _without_password(words: str) -> str:
    """Return words without the password, as it is or as JSON and XML write it."""
    secret: str = settings.PARS["password"]
    for written in (secret, json.dumps(secret)[1:-1], escape(secret), escape(secret, quote=False)):
        words = words.replace(written, BLANK) if written else words
    return words
