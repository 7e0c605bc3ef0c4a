"""What the sandbox accepts, and how its boards decide."""

import re
from datetime import date
from typing import Any

BOARDS = {
    "ABIM": {"Medical Knowledge", "Practice Assessment", "Patient Safety"},
    "ABA": {"Lifelong Learning"},
    "ABP": {"Lifelong Learning"},
    "ABPATH": {"Lifelong Learning"},
    "ABOHNS": {"Self-Assessment"},
}
UNKNOWN_NUMBER_ENDING = "9"
OTHER_NAME_ENDING = "8"


class Invalid(Exception):
    """The document is not a learner report; the words say where."""


def take(document: Any, provider: str) -> list[dict[str, Any]]:
    """Return the credits of a learner-report document as flat records; raises Invalid at the first fault."""
    reports = _at(document, "ACCMELearnerReports", "ActivityReports", "ActivityReport")
    if not isinstance(reports, list) or not reports:
        raise Invalid("ActivityReport must hold at least one report.")
    return [record for report in reports for record in _records(report, provider)]


def _records(report: Any, provider: str) -> list[dict[str, Any]]:
    module = _at(report, "Activity", "Module")
    if _at(report, "Activity", "ProviderOrganization") != provider:
        raise Invalid("ProviderOrganization is not the provider whose credentials were used.")
    if _at(report, "XtensibleInfo", "LearnerRecordAction") not in ("add", "delete"):
        raise Invalid("LearnerRecordAction must be add or delete.")
    if _at(module, "Status") != "Completed":
        raise Invalid("Status must be Completed.")
    person = {
        "given": _text(report, "Member", "Name", "GivenName"),
        "family": _text(report, "Member", "Name", "FamilyName"),
        "birth": _date(_at(report, "Member", "PersonalInfo", "BirthDate"), "BirthDate"),
        "moduleID": _matching(_at(module, "ModuleName", "moduleID"), r"\d{9}", "moduleID must have nine digits."),
        "completed": _date(str(_at(module, "CompletedDateTime"))[:10], "CompletedDateTime"),
        "action": _at(report, "XtensibleInfo", "LearnerRecordAction"),
    }
    credits_reported = _at(module, "CreditCertificate")
    if not isinstance(credits_reported, list) or not credits_reported:
        raise Invalid("CreditCertificate must hold at least one credit.")
    return [person | _credit(row) for row in credits_reported]


def _credit(row: Any) -> dict[str, Any]:
    unique = _at(row, "UniqueID")
    if not isinstance(unique, list) or not unique:
        raise Invalid("UniqueID must list at least one number.")
    board, number = _text(unique[0], "domain"), _text(unique[0], "value")
    if board not in BOARDS:
        raise Invalid(f"{board} is not a board that takes completions through PARS.")
    received = _at(row, "CreditReceived")
    if _at(received, "activityCertification") not in BOARDS[board]:
        raise Invalid(f"{board} does not award {_at(received, 'activityCertification')}.")
    amount = _at(received, "numberOfCredits")
    if not isinstance(amount, int | float) or amount <= 0 or amount * 4 != int(amount * 4):
        raise Invalid("numberOfCredits must be a positive number in increments of 0.25.")
    if _at(received, "creditUnit") != "Point":
        raise Invalid("creditUnit must be Point.")
    credit_id = _matching(_at(row, "CreditID"), r"ccid:[^:]+:[^:]+", "CreditID must look like ccid:domain:number.")
    return {"board": board, "number": number, "points": amount, "CreditID": credit_id}


def decide(record: dict[str, Any]) -> tuple[str, str]:
    """Return the board's decision and reason: numbers ending in 9 are unknown, those ending in 8 belong to another."""
    if record["number"].endswith(UNKNOWN_NUMBER_ENDING):
        return "Rejected", f"{record['board']} ID {record['number']} was not found."
    if record["number"].endswith(OTHER_NAME_ENDING):
        return "Rejected", f"Name and birth date do not match the record of {record['board']} ID {record['number']}."
    return "Accepted", ""


def _at(value: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(value, dict) or name not in value:
            raise Invalid(f"{name} is missing.")
        value = value[name]
    return value


def _text(value: Any, *path: str) -> str:
    text = _at(value, *path)
    if not isinstance(text, str) or not text.strip():
        raise Invalid(f"{path[-1]} is empty.")
    return text


def _matching(value: Any, pattern: str, complaint: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Invalid(complaint)
    return value


def _date(value: Any, name: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Invalid(f"{name} must be a date, YYYY-MM-DD.") from None
