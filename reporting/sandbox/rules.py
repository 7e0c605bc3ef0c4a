"""What the sandbox accepts, and how its boards decide."""

import re
from datetime import date
from typing import Any

BOARDS = {
    "ABIM": {"Medical Knowledge", "Practice Assessment", "Patient Safety"},
    "ABA": {"Lifelong Learning", "Patient Safety"},
    "ABOHNS": {"Self-Assessment", "Improvement in Practice", "Patient Safety"},
    "ABOS": {"Lifelong Learning", "Self-Assessment"},
    "ABP": {"Lifelong Learning & Self-Assessment", "Quality Improvement"},
    "ABPATH": {"Lifelong Learning", "Improvement in Medical Practice", "Patient Safety"},
    "ABS": {"Accredited CME", "Self-Assessment"},
    "ABTS": {"Accredited CME", "Self-Assessment", "Patient Safety"},
}
STATE, STATE_CREDIT = r"[A-Z]{2}|NPI", {"AMA PRA Category 1"}
UNKNOWN_NUMBER_ENDING = "9"
OTHER_NAME_ENDING = "8"
LONGEST_DESCRIPTION = 2500
NEW_NUMBER_ENDING = "7"  # not found when it is asked about for the first time


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
        "moduleID": _matching(_at(module, "ModuleName", "moduleID"), r"[0-9]{9}", "moduleID must have nine digits."),
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
    received = _at(row, "CreditReceived")
    known = BOARDS.get(board, STATE_CREDIT if re.fullmatch(STATE, board) else set())
    if not known:
        raise Invalid(f"{board} is not a board that takes completions through PARS.")
    if _at(received, "activityCertification") not in known:
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


def match(document: Any, met: set[str]) -> tuple[bool | None, str]:
    """Return whether number, name and birthday belong together, and why not; None for a number that is not found.

    `met` holds the numbers that were asked about before.
    """
    question = _at(document, "LearnerMatch")
    _text(question, "Member", "Name", "FamilyName")
    _text(question, "Member", "Name", "GivenName")
    _date(_at(question, "Member", "PersonalInfo", "BirthDate"), "BirthDate")
    unique = _at(question, "UniqueID")
    board, number = _text(unique[0], "domain"), _text(unique[0], "value")
    if board not in BOARDS:
        raise Invalid(f"{board} is not a board that takes completions through PARS.")
    known = number in met
    met.add(number)
    if number.endswith(UNKNOWN_NUMBER_ENDING) or (number.endswith(NEW_NUMBER_ENDING) and not known):
        return None, f"{board} ID {number} was not found."
    if number.endswith(OTHER_NAME_ENDING):
        return False, f"Name and birth date do not match the record of {board} ID {number}."
    return True, ""


def take_activity(document: Any) -> dict[str, Any]:
    """Return an activity document as a flat record; raises Invalid at the first fault."""
    (metrics,) = _at(document, "ACCMEActivities", "MedicalEducationMetrics")
    general = _at(metrics, "Lom", "general")
    education = _at(metrics, "healthcareMetadata", "healthcareEducation")
    more = _at(metrics, "XtensibleInfo")
    identifiers = _at(general, "identifier")
    entries = {
        row["catalog"]: row["entry"] for row in (identifiers if isinstance(identifiers, list) else [identifiers])
    }
    if not entries.get("Provider Activity ID"):
        raise Invalid("Provider Activity ID is missing.")
    if len(_at(general, "description")) > LONGEST_DESCRIPTION:
        raise Invalid(f"description has more than {LONGEST_DESCRIPTION} characters.")
    _text(general, "title")
    _text(education, "activityFormat")
    registrations = _at(more, "MOCRegistrations") or {}
    return {
        "own_id": entries["Provider Activity ID"],
        "number": entries.get("ACCME Activity ID", ""),
        "begins": _date(str(_at(education, "startDateTime"))[:10], "startDateTime"),
        "ends": _date(str(_at(education, "endDateTime"))[:10], "endDateTime"),
        "boards": [_registration(row) for row in registrations.get("MOCRegistration", [])],
        "closed": str(_at(more, "closeActivityRecord")).lower() == "true",
    }


def _registration(row: Any) -> str:
    board = _text(row, "boardName")
    kinds = _at(row, "MOCCreditType")
    unknown = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind not in BOARDS.get(board, ())]
    if unknown:
        raise Invalid(f"{board} does not award {unknown[0]}.")
    return board


def against_activity(record: dict[str, Any], activity: dict[str, Any] | None) -> None:
    """Raise Invalid when the record does not fit an activity that was registered here; others are not known."""
    if activity is None or record["action"] == "delete":
        return
    if activity["closed"]:
        raise Invalid(f"Activity {record['moduleID']} is closed.")
    if record["board"] in BOARDS and record["board"] not in activity["boards"]:
        raise Invalid(f"Activity {record['moduleID']} is not registered with {record['board']}.")
    if not activity["begins"] <= record["completed"] <= activity["ends"]:
        raise Invalid(f"The completion date lies outside activity {record['moduleID']}.")


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
