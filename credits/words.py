"""Puts a claim into the words that are frozen on a certificate and in a report to a board."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from activities import credit_types, statements, uploads, zones
from activities.models import Activity, MocRegistration
from certificates.services import Words, day_in_words, freeze
from credits.arithmetic import Earned
from credits.models import Award, Claim
from reporting.snapshots import STATE_CREDIT, Completion

TITLES = {
    credit_types.AMA.code: "Certificate of Credit",
    credit_types.PARTICIPATION.code: "Certificate of Participation",
}


def certificate_words(
    claim: Claim, award: Award, now: datetime, paper: str, keep: Callable[[bytes], str] = freeze
) -> Words:
    """Return everything the certificate of this award prints (AMA PRA booklet: the seven mandatory elements).

    `keep` returns the digest of a picture; what only looks ahead keeps none.
    """
    activity, provider = claim.activity, claim.activity.provider
    noun = activity.noun
    return {
        "title": TITLES.get(award.credit_type, "Certificate of Credit"),
        "learner": claim.learner.display_name,
        "provider": provider.name_with_short,
        "action": f"has {_did(claim)} the {noun}",
        "activity": activity.title,
        "format": noun,
        "place": "" if activity.is_self_study else activity.place,
        "dates": _dates(claim),
        "award": _award(award),
        "designated": _designated(claim, award),
        "credit": award.kind.amount(award.amount),
        "statements": _statements(activity, award),
        "signatories": [
            {"name": name, "title": title, "picture": keep(uploads.bytes_of(picture))}
            for name, title, picture in provider.signatories
        ],
        "logo": keep(uploads.bytes_of(provider.logo)),
        "paper": paper,
        "issued_on": day_in_words(now, activity.time_zone),
        "office_email": provider.office_email,
        "zone": activity.time_zone,
    }


def _did(claim: Claim) -> str:
    if claim.role == Claim.Role.FACULTY:
        return "taught in"
    return "completed" if claim.activity.is_self_study else "participated in"


def _dates(claim: Claim) -> str:
    """A live activity's dates; for self-study the day on which the learner completed it."""
    activity = claim.activity
    if not activity.is_self_study:
        return activity.dates_in_words
    return f"Completed {zones.span_in_words(claim.completed_day, claim.completed_day)}"


def _award(award: Award) -> str:
    """What was claimed, never the maximum (AMA)."""
    if award.credit_type == credit_types.PARTICIPATION.code:
        return f"for {award.kind.amount(award.amount)}."
    return f"and is awarded {award.kind.amount(award.amount)}."


def _designated(claim: Claim, award: Award) -> str:
    """For others than physicians, what the activity was designated for (AMA)."""
    if award.credit_type != credit_types.PARTICIPATION.code:
        return ""
    ama = next((row for row in claim.activity.designations.all() if row.credit_type == credit_types.AMA.code), None)
    if ama is None:
        return ""
    return f"The activity was designated for {ama.maximum} {credit_types.AMA.name}."


def _statements(activity: Activity, award: Award) -> list[str]:
    """The accreditation statement, and the designation statement of the type that was awarded."""
    return [statement.text for statement in statements.on_certificate(activity, award.credit_type)]


def completion(claim: Claim, registration: MocRegistration, kind: str, points: Decimal) -> Completion:
    """Return what a board is told of one kind of points."""
    return {
        **_completed(claim),
        "activity_id": claim.activity.pars_id,
        "credit_type": kind,
        "points": str(points),
        "maximum": str(registration.maximum),
    }


def state_completion(claim: Claim, row: Earned) -> Completion:
    """Return what PARS passes on to a state medical board: the credit as it was claimed."""
    return {
        **_completed(claim),
        "activity_id": claim.activity.pars_id,
        "credit_type": STATE_CREDIT,
        "points": str(row.amount),
        "maximum": str(row.entitlement.designation.maximum),
    }


def pharmacy_completion(claim: Claim, row: Earned) -> Completion:
    """Return what CPE Monitor is told; of a live activity the day that is registered with the ACPE."""
    designation, done = row.entitlement.designation, _completed(claim)
    if designation.live_date and not claim.activity.is_self_study:
        done["completed_on"] = done["begins"] = done["ends"] = designation.live_date.isoformat()
    return {
        **done,
        "activity_id": designation.uan,
        "credit_type": "ACPE contact hours",
        "points": str(row.amount),
        "maximum": str(designation.maximum),
    }


def _completed(claim: Claim) -> Completion:
    """Return who, what and when: the last day of a live activity, or the day on which self-study was completed."""
    activity = claim.activity
    return {
        "provider": activity.provider.name,
        "provider_id": activity.provider.pars_id,
        "activity": activity.title,
        "activity_id": "",
        "completed_on": claim.completed_day.isoformat(),
        "credit_type": "",
        "points": "",
        "begins": activity.starts_on.isoformat(),
        "ends": activity.ends_on.isoformat(),
    }
