"""What the portal asks of PARS: save or delete a completion, its status, a match of identity, an activity's record."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from reporting.models import IdentityCheck, Submission
from reporting.pars import documents
from reporting.pars.client import Answer, NoAnswer, exchange, raise_unless
from reporting.snapshots import ActivityFacts, Identity

Verdict = IdentityCheck.Verdict
ACTIVITY_ID = re.compile(r"[0-9]{9}")


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


def save(submission: Submission) -> Answer:
    """Send one completion; returns when PARS has accepted it for processing, otherwise raises a ParsError."""
    answer = exchange("save", "POST", "/learner-activities", document=documents.report(submission))
    raise_unless(answer, httpx.codes.CREATED)
    if submission.credit_id not in _credit_ids(answer.body):
        raise NoAnswer("The answer does not name the record that was sent.", answer)
    return answer


def status(submission: Submission) -> Standing:
    """Ask what became of a completion."""
    answer = exchange("status", "GET", "/learner-activities/status", query={"CreditId": submission.credit_id})
    raise_unless(answer, httpx.codes.OK, httpx.codes.NOT_FOUND)
    if answer.status == httpx.codes.NOT_FOUND and "unreadable" not in answer.body:
        return Standing(answer)
    row = next((row for row in _rows(answer.body) if row.get("CreditID") == submission.credit_id), {})
    decision = str(row.get("BoardStatus", "")).lower()
    if decision not in ("pending", "accepted", "rejected"):
        raise NoAnswer("The answer does not say what became of the record.", answer)
    return Standing(answer, decision, str(row.get("Reason") or ""))


def match(board: str, identity: Identity, *, quick: bool = False) -> IdentityCheck.Verdict:
    """Ask whether number, name and birthday belong together; `quick` gives up after two seconds."""
    question = documents.question(board, identity)
    answer = exchange("match", "POST", "/learner-activities/match", document=question, quick=quick)
    raise_unless(answer, httpx.codes.OK, httpx.codes.NOT_FOUND)
    if answer.status == httpx.codes.NOT_FOUND and "unreadable" not in answer.body:
        return Verdict.NOT_FOUND
    body = answer.body.get("LearnerMatch") if isinstance(answer.body, dict) else None
    body = body if isinstance(body, dict) else {}
    said = str(body.get("Match", "")).lower()
    if said not in ("true", "false"):
        raise NoAnswer("The answer does not say whether it matches.", answer)
    return Verdict.MATCHED if said == "true" else Verdict.MISMATCH


def save_activity(record: ActivityFacts) -> tuple[str, Answer]:
    """Send an activity's record and return its ACCME activity ID; raises a ParsError."""
    answer = exchange("activity", "POST", "/activities", document=documents.activity(record))
    raise_unless(answer, httpx.codes.CREATED, httpx.codes.OK)
    found = answer.body.get("Activity") if isinstance(answer.body, dict) else None
    number = str(found.get("ACCMEActivityID", "")) if isinstance(found, dict) else ""
    if not ACTIVITY_ID.fullmatch(number):
        raise NoAnswer("The answer does not name the activity's ID.", answer)
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
