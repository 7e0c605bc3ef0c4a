"""One request to PARS and its answer: credentials, time limits, limits of size, pace.

Errors: `NotTaken` (try again), `NoAnswer` (it may have arrived: ask before sending again), `Refused` (final).
"""

import atexit
import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html import escape
from typing import Any

import httpx
from django.conf import settings

from reporting import line
from reporting.models.line import CREDENTIALS_REFUSED
from reporting.pars import rendering
from reporting.pars.deadline import Transport, within

# A status query and a save, both at their slowest, end before Celery's soft time limit of 60 s.
TIMEOUT = httpx.Timeout(connect=5, read=15, write=5, pool=20)
QUICK, SOON = httpx.Timeout(2), timedelta(seconds=0.5)  # somebody waits for the page
SHORTEST = 2.0
LONGEST = 20.0  # seconds for a whole exchange, however slowly it drips
LARGEST_ANSWER = 1_000_000
BUSY_SECONDS = 2.0
LONGEST_PAUSE = 60.0
BLANK = "•••"


@dataclass(frozen=True)
class Answer:
    """One exchange: the operation, what was sent, the HTTP status (None: no answer) and what came back."""

    operation: str
    sent: dict[str, Any]
    status: int | None
    body: Any
    pause: float = 0.0  # seconds for which the registry asks to be left alone


class ParsError(Exception):
    """What went wrong in words, with the exchange as evidence."""

    def __init__(self, words: str, answer: Answer) -> None:
        super().__init__(words)
        self.answer = answer


class NotTaken(ParsError):
    """The registry did not take the record (unreachable, too busy, credentials): the same may be sent again."""


class NoAnswer(ParsError):
    """No answer that can be trusted came back: the record may or may not have arrived."""


class Refused(ParsError):
    """The registry says the record is wrong; sending it again cannot help."""


def exchange(
    operation: str,
    method: str,
    path: str,
    *,
    document: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
    quick: bool = False,
) -> Answer:
    """Make one request in its turn; credentials are in the headers and, should an answer repeat them, blanked.

    `quick` is for a person who waits: NotTaken when the turn, NoAnswer when the answer does not come soon.
    """
    form = rendering.current()
    sent = document or query or {}
    nothing = Answer(operation, sent, None, {})
    content = None if document is None else form.write(document)
    headers = _credentials() | {"Content-Type": form.content_type, "Accept": form.content_type.partition(";")[0]}
    address = settings.PARS["url"].rstrip("/") + path
    if not line.wait_for_turn(SOON if quick else None):
        raise NotTaken("The registry is busy.", nothing)
    try:
        request = _client().build_request(
            method, address, headers=headers, content=content, params=query, timeout=QUICK if quick else TIMEOUT
        )
        with within(SHORTEST if quick else LONGEST):
            response, received = _receive(request)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _fault(NotTaken(f"The registry cannot be reached: {error}", nothing), quick=quick) from error
    except httpx.HTTPError as error:
        words = f"The registry did not answer: {type(error).__name__}"
        raise _fault(NoAnswer(words, nothing), quick=quick) from error
    return Answer(operation, sent, response.status_code, _read(form, received), _pause(response))


def _fault(error: ParsError, *, quick: bool) -> ParsError:
    """Let the line know of a fault; an answer that was only too slow for a waiting person is none."""
    if not quick:
        line.failed(str(error))
    return error


def raise_unless(answer: Answer, *expected: int) -> None:
    """Raise the error that a status means, unless it is an expected one; the line learns of it either way."""
    if answer.status in expected:
        line.answered()
        return
    if answer.status == httpx.codes.BAD_REQUEST:
        line.answered()
        raise Refused(words_of(answer.body) or "The registry refuses the record without saying why.", answer)
    if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        line.failed(CREDENTIALS_REFUSED, at_once=True)
        raise NotTaken(CREDENTIALS_REFUSED, answer)
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        line.slow_down(answer.pause or BUSY_SECONDS)
        raise NotTaken("The registry is busy.", answer)
    if answer.status == httpx.codes.SERVICE_UNAVAILABLE:
        line.failed("The registry is closed for the moment.")
        raise NotTaken("The registry is closed for the moment.", answer)
    words = f"The registry answered {answer.status}."
    line.failed(words)
    raise NoAnswer(words, answer)


def words_of(body: Any) -> str:
    """Return the registry's own words about a fault; in XML they stand below a root."""
    fault = body.get("Fault", body) if isinstance(body, dict) else body
    return str(fault.get("message", fault)) if isinstance(fault, dict) else str(fault)


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
    """Send, and read the answer as far as it is not too long."""
    received = bytearray()
    response = _client().send(request, stream=True)
    try:
        for chunk in response.iter_bytes():
            received += chunk
            if len(received) > LARGEST_ANSWER:
                break
    finally:
        response.close()
    return response, bytes(received)


def _pause(response: httpx.Response) -> float:
    pause = response.headers.get("Retry-After", "")
    return min(float(pause), LONGEST_PAUSE) if pause.isdecimal() else 0.0


def _read(form: rendering.Rendering, received: bytes) -> Any:
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
