"""What keeps a report from leaving: found here, before a registry finds it, and said with what to do.

Sources: ACCME, learner report schema 0.5 (patterns, quarters); CME for MOC (points up to those registered); ACPE, CPE
Monitor (e-Profile ID, birthday, the registered date of a live activity).
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.birthdays import check_birthday
from accounts.identifiers import check_identifier
from accounts.names import check_name, for_registries
from accounts.states import STATES
from reporting.snapshots import ActivityFacts, Completion, Identity

NOT_DELETED = "The registry did not delete the record that this one replaces; sending it would count the credit twice."
SEE_FIRST = "What this takes back was handled elsewhere. See there whether it must be deleted, and then release this."
BY_HAND = "CPE Monitor's files only add. Take the credit out there, then mark this as handled elsewhere."
NOT_OURS = "PARS knows the provider as {}, and the portal's credentials are those of {}: report it in PARS by hand."
NO_CREDENTIALS = "The portal has no credentials for PARS yet; whoever keeps it enters them. Nothing is lost meanwhile."
NOT_KNOWN_YET = (
    "{} does not know this number yet. It is asked daily for five days; then the report leaves all the same."
)
QUARTER = Decimal("0.25")
ACTIVITY_ID = r"[0-9]{9}"
PROVIDER_ID = r"[0-9]{7}"
HOME = "USA"
UAN = r"([0-9]{4}|JA[0-9]{7})-(0000|9999)-[0-9]{2}-[0-9]{3,4}-[HLBC](0[1-8]|99)-[PT]"


def faults(registry: str, board: str, identity: Identity, completion: Completion) -> list[str]:
    """Return everything that is missing or wrong, in words for the office; empty when it may be sent."""
    found = [*of_identity(board, identity), *_of_days(completion), *_of_points(completion)]
    if registry == "CPE":
        return [*found, *_of_pharmacy(completion)]
    return [*found, *_of_pars(completion)]


def of_identity(board: str, identity: Identity) -> Iterator[str]:
    """Return what is wrong with who the learner is."""
    for label, name in (("First", identity["given_name"]), ("Last", identity["family_name"])):
        if not name.strip():
            yield f"{label} name is missing."
        else:
            yield from _refusal(partial(check_name, for_registries(name)), f"{label} name: ")
    if not identity["board_number"]:
        yield f"The {board} number is missing."
    else:
        yield from _refusal(lambda: check_identifier(board, identity["board_number"]))
    if not identity["birth_month"] or not identity["birth_day"]:
        yield "Month and day of birth are missing."
    else:
        yield from _refusal(lambda: check_birthday(identity["birth_month"], identity["birth_day"]))


def _of_days(completion: Completion) -> Iterator[str]:
    done, begins, ends = (completion.get(name, "") for name in ("completed_on", "begins", "ends"))
    if not _is_date(str(done)):
        yield "The date of completion is missing."
    elif begins and ends and not str(begins) <= str(done) <= str(ends):
        yield f"Completed on {done}, outside the activity ({begins} to {ends})."


def _of_points(completion: Completion) -> Iterator[str]:
    try:
        points = Decimal(completion["points"])
    except InvalidOperation:
        yield "The credit is no number."
        return
    if points <= 0 or points % QUARTER:
        yield f"{points} is not a positive number of quarters."
    if completion.get("maximum") and points > Decimal(completion["maximum"]):
        yield f"{points} is above the {completion['maximum']} that are registered."


def _of_pars(completion: Completion) -> Iterator[str]:
    if not re.fullmatch(ACTIVITY_ID, completion["activity_id"]):
        yield "The activity has no ACCME activity ID (nine digits): register it in PARS, then enter the ID."
    if not re.fullmatch(PROVIDER_ID, completion["provider_id"]):
        yield "The provider has no ACCME provider ID (seven digits): enter it with the provider."
    else:
        yield from of_credentials(completion["provider_id"])


def of_activity(facts: ActivityFacts) -> Iterator[str]:
    """Return what PARS would not take of an activity's record."""
    if not facts["credit_type"]:
        yield "PARS takes activities with credit. Designate it first; participation alone is not reported."
    if (facts["city"] or facts["region"]) and not facts["country"]:
        yield "PARS takes countries by their codes. Write the country's English name or its code with the place."
    if facts["country"] == HOME and facts["region"] not in {"", *STATES}:
        yield "PARS takes states by their codes. Write the state's name or its two letters with the place."
    if facts["close"] and facts["unpriced"]:
        yield f"Enter what {', '.join(facts['unpriced'])} gave, in whole dollars, before the record is closed."
    yield from of_credentials(facts["provider_id"])


def of_credentials(provider_id: str) -> Iterator[str]:
    """Return why the portal may not report for this provider."""
    ours = settings.PARS["provider"]
    if not ours:
        yield NO_CREDENTIALS
    elif provider_id != ours:
        yield NOT_OURS.format(provider_id or "nobody", ours)


def _of_pharmacy(completion: Completion) -> Iterator[str]:
    if not re.fullmatch(UAN, completion["activity_id"]):
        yield "The ACPE designation has no Universal Activity Number: enter it with the activity's credit."
    done = str(completion.get("completed_on", ""))
    if _is_date(done) and timezone.localdate() > date.fromisoformat(done) + timedelta(days=settings.ACPE_DAYS):
        yield f"It was completed more than {settings.ACPE_DAYS} days ago; CPE Monitor does not take it any more."


def _refusal(check: Callable[[], object], before: str = "") -> Iterator[str]:
    try:
        check()
    except ValidationError as error:
        yield from (before + words for words in error.messages)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
