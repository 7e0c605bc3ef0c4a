"""Speaks ACCME's Program and Activity Reporting System (PARS) for learner completions, and nothing else does.

Follows the draft "ACCME Learner Activity API" 1.0.0 and learner-report schema 0.5 (JSON). Where the draft is silent:
ProviderId, User and Password travel as request headers; the board's decision is read from `BoardStatus` (Pending,
Accepted, Rejected) with `Reason`; and since the schema wants a full date of birth but nobody may ask for the year,
the leap year 2000 stands in its place. All three are confined to this module.

Errors: `NotTaken` (try again), `NoAnswer` (it may have arrived: ask before sending again), `Refused` (final).
"""

from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import httpx
from django.conf import settings

from reporting.models import Submission

# A status query and a save, both at their slowest, end before Celery's soft time limit of 60 s.
TIMEOUT = httpx.Timeout(connect=5, read=15, write=5, pool=5)
LARGEST_ANSWER = 1_000_000
YEAR_IN_PLACE_OF_BIRTH_YEAR = 2000


@dataclass(frozen=True)
class Answer:
    """One exchange: the operation, what was sent, the HTTP status (None: no answer) and what came back."""

    operation: str
    sent: dict[str, Any]
    status: int | None
    body: Any


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


@dataclass(frozen=True)
class Standing:
    """What the registry knows of a record: `decision` is pending, accepted or rejected."""

    decision: str
    reason: str
    answer: Answer


def save(submission: Submission) -> Answer:
    """Send one completion; returns when PARS has accepted it for processing, otherwise raises a ParsError."""
    answer = _exchange("save", "POST", "/learner-activities", json=report(submission))
    if answer.status == httpx.codes.CREATED and submission.credit_id in _credit_ids(answer.body):
        return answer
    if answer.status == httpx.codes.BAD_REQUEST:
        raise Refused(_words(answer.body), answer)
    _raise_unless_ok(answer, expected=httpx.codes.CREATED)
    raise NoAnswer("The answer does not name the record that was sent.", answer)


def status(submission: Submission) -> Standing | None:
    """Ask what became of a completion; None when PARS does not know it."""
    query = {"CreditId": submission.credit_id}
    answer = _exchange("status", "GET", "/learner-activities/status", params=query)
    if answer.status == httpx.codes.NOT_FOUND:
        return None
    _raise_unless_ok(answer, expected=httpx.codes.OK)
    rows = answer.body if isinstance(answer.body, list) else []
    row = next((row for row in rows if isinstance(row, dict) and row.get("CreditID") == submission.credit_id), None)
    decision = str(row.get("BoardStatus", "")).lower() if row else ""
    if row is None or decision not in ("pending", "accepted", "rejected"):
        raise NoAnswer("The answer does not say what became of the record.", answer)
    return Standing(decision, str(row.get("Reason", "")), answer)


def report(submission: Submission) -> dict[str, Any]:
    """Return the completion as an ACCMELearnerReports document with one report of one credit."""
    person, done = submission.identity, submission.completion
    birth = f"{YEAR_IN_PLACE_OF_BIRTH_YEAR}-{person['birth_month']:02}-{person['birth_day']:02}"
    credit = {
        "UniqueID": [{"value": person["board_number"], "domain": submission.board}],
        "CreditReceived": {
            "activityCertification": done["credit_type"],
            "creditUnit": "Point",
            "numberOfCredits": float(Decimal(done["points"])),  # quarters are exact in binary
        },
        "CreditID": submission.credit_id,
    }
    module = {
        "ModuleName": {"value": done["activity"], "moduleID": done["activity_id"]},
        "Status": "Completed",
        # The schema wants a time; midnight without a zone is what the date alone means to PARS.
        "CompletedDateTime": f"{done['completed_on']}T00:00:00",
        "CreditCertificate": [credit],
    }
    activity_report = {
        "ReportingOrganization": done["provider"],
        "Member": {
            "Name": {"GivenName": person["given_name"], "FamilyName": person["family_name"]},
            "PersonalInfo": {"BirthDate": birth},
        },
        "Activity": {"ProviderOrganization": done["provider_id"], "Module": module},
        "XtensibleInfo": {"LearnerRecordAction": submission.action},
    }
    created = submission.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return {
        "ACCMELearnerReports": {"ActivityReports": {"DateTimeCreated": created, "ActivityReport": [activity_report]}}
    }


def _exchange(operation: str, method: str, path: str, **request: Any) -> Answer:
    """Make one request and return the exchange; the credentials are in the headers and so never in the evidence."""
    sent = request.get("json") or request.get("params") or {}
    pars = settings.PARS
    headers = {"ProviderId": pars["provider"], "User": pars["user"], "Password": pars["password"]}
    nothing = Answer(operation, sent, None, {})
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            response = client.request(method, pars["url"].rstrip("/") + path, headers=headers, **request)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NotTaken(f"The registry cannot be reached: {error}", nothing) from error
    except httpx.HTTPError as error:
        raise NoAnswer(f"The registry did not answer: {type(error).__name__}", nothing) from error
    return Answer(operation, sent, response.status_code, _body(response))


def _body(response: httpx.Response) -> Any:
    if len(response.content) > LARGEST_ANSWER:
        return {"unreadable": f"{len(response.content)} bytes"}
    try:
        return response.json()
    except ValueError:
        return {"unreadable": response.text[:2000]}


def _raise_unless_ok(answer: Answer, *, expected: int) -> None:
    if answer.status == expected:
        return
    if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise NotTaken("The registry does not accept our credentials.", answer)
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        raise NotTaken("The registry is busy.", answer)
    raise NoAnswer(f"The registry answered {answer.status}.", answer)


def _credit_ids(body: Any) -> list[str]:
    """Return the CreditIDs in an answer; none when it is not the document we know."""
    try:
        reports = body["ACCMELearnerReports"]["ActivityReports"]["ActivityReport"]
        return [credit["CreditID"] for row in reports for credit in row["Activity"]["Module"]["CreditCertificate"]]
    except (KeyError, TypeError):
        return []


def _words(body: Any) -> str:
    return str(body.get("message", body)) if isinstance(body, dict) else str(body)
