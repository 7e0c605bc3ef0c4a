"""What the portal asks of PARS: save or delete a completion, its status, a match of identity, an activity's record."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from django.utils import timezone

from reporting import line
from reporting.models import IdentityCheck, Submission
from reporting.pars import documents
from reporting.pars.client import (
    SOON,
    Answer,
    Contradiction,
    NoAnswer,
    NotTaken,
    Refused,
    Request,
    exchange,
    not_understood,
    prepare,
    raise_unless,
    words_of,
)
from reporting.snapshots import ActivityFacts, Identity

Verdict = IdentityCheck.Verdict
ACTIVITY_ID = re.compile(r"[0-9]{9}")
EXISTS = re.compile(r"(?i)\b(exists?|existing|duplicate|already)\b")
GONE = re.compile(r"(?i)\b(not found|no such record|does not exist|unknown record)\b")
TWO_THINGS = "The registry says several things about this record ({}). See there which is right."


@dataclass(frozen=True)
class Standing:
    """What the registry knows of a record: `decision` is pending, accepted or rejected; empty when it knows none."""

    answer: Answer
    decision: str = ""
    reason: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the registry has the record."""
        return bool(self.decision)


def prepared(submission: Submission) -> Request:
    """Return the request that brings one completion; whatever is wrong with it is raised before anything is sent."""
    return prepare("save", "POST", "/learner-activities", document=documents.report(submission))


def save(submission: Submission, request: Request) -> Answer:
    """Send one completion; returns when PARS has accepted it for processing, otherwise raises a ParsError.

    A refusal that says that the record is there already is none: what there is has to be asked for.
    """
    answer = exchange(request)
    try:
        raise_unless(answer, httpx.codes.CREATED)
    except Refused as refusal:
        if submission.is_deletion and GONE.search(str(refusal)):
            return answer  # whether it is gone for good, the status says
        if not submission.is_deletion and EXISTS.search(str(refusal)) and submission.credit_id in str(refusal):
            raise NoAnswer(f"The registry says that it has the record: {refusal}", answer) from refusal
        raise
    if submission.credit_id not in _credit_ids(answer.body):
        raise not_understood("The answer does not name the record that was sent.", answer)
    line.answered()
    return answer


def status(submission: Submission) -> Standing:
    """Ask what became of a completion. A 404 is the registry's word only in its own form."""
    answer = exchange(prepare("status", "GET", "/learner-activities/status", query={"CreditId": submission.credit_id}))
    raise_unless(answer, httpx.codes.OK, httpx.codes.NOT_FOUND)
    if answer.status == httpx.codes.NOT_FOUND:
        if not answer.is_own_fault:
            raise not_understood("Something answered 404 that is not the registry.", answer)
        line.answered()
        return Standing(answer)
    rows = [row for row in _rows(answer.body) if row.get("CreditID") == submission.credit_id]
    said = {(str(row.get("BoardStatus", "")).lower(), str(row.get("Reason") or "")) for row in rows}
    if not said or not {decision for decision, _ in said} <= {"pending", "accepted", "rejected"}:
        raise not_understood("The answer does not say what became of the record.", answer)
    line.answered()
    if len(said) > 1:
        raise Contradiction(TWO_THINGS.format(", ".join(sorted(decision for decision, _ in said))), answer)
    ((decision, reason),) = said
    return Standing(answer, decision, reason)


def match(board: str, identity: Identity, *, quick: bool = False) -> IdentityCheck.Verdict:
    """Ask whether number, name and birthday belong together; `quick` gives up after two seconds.

    That a number is not found counts only when the answer names it: a registry without this question says 404 too.
    """
    request = prepare(
        "match", "POST", "/learner-activities/match", document=documents.question(board, identity), quick=quick
    )
    now = timezone.now()
    if quick and line.draw(now, SOON) > now + SOON:
        raise NotTaken("The registry is busy.", Answer(request.operation, request.sent, None, {}))
    answer = exchange(request, quick=quick)
    raise_unless(answer, httpx.codes.OK, httpx.codes.NOT_FOUND)
    if answer.status == httpx.codes.NOT_FOUND:
        if not answer.is_own_fault:
            raise not_understood("Something answered 404 that is not the registry.", answer)
        line.answered()
        if identity["board_number"] not in words_of(answer.body):
            raise NotTaken("The registry does not answer whether it knows a learner.", answer)
        return Verdict.NOT_FOUND
    body = answer.body.get("LearnerMatch") if isinstance(answer.body, dict) else None
    body = body if isinstance(body, dict) else {}
    said = str(body.get("Match", "")).lower()
    if said not in ("true", "false"):
        raise not_understood("The answer does not say whether it matches.", answer)
    line.answered()
    return Verdict.MATCHED if said == "true" else Verdict.MISMATCH


def save_activity(record: ActivityFacts) -> tuple[str, Answer]:
    """Send an activity's record and return its ACCME activity ID; raises a ParsError."""
    answer = exchange(prepare("activity", "POST", "/activities", document=documents.activity(record)))
    raise_unless(answer, httpx.codes.CREATED, httpx.codes.OK)
    found = answer.body.get("Activity") if isinstance(answer.body, dict) else None
    number = str(found.get("ACCMEActivityID", "")) if isinstance(found, dict) else ""
    if not ACTIVITY_ID.fullmatch(number):
        raise not_understood("The answer does not name the activity's ID.", answer)
    line.answered()
    return number, answer


def _rows(body: Any) -> list[dict[str, Any]]:
    """Return the rows of a status answer: a list in JSON, LearnerStatus elements below a root in XML."""
    if isinstance(body, dict):
        root = body.get("LearnerStatuses")
        body = root.get("LearnerStatus") if isinstance(root, dict) else None
    return [row for row in body if isinstance(row, dict)] if isinstance(body, list) else []


def _credit_ids(body: Any) -> list[str]:
    """Return the CreditIDs in an answer; none when it is not the document we know."""
    try:
        reports = body["ACCMELearnerReports"]["ActivityReports"]["ActivityReport"]
        return [credit["CreditID"] for row in reports for credit in row["Activity"]["Module"]["CreditCertificate"]]
    except (KeyError, TypeError):
        return []
