"""What the page must say about the activity itself: when, where, why, for whom, and how credit is earned."""

from collections.abc import Iterator
from datetime import datetime

from activities import formats
from activities.compliance.findings import Finding, error, note, warning
from activities.models import Activity, Objective

AMA = "AMA PRA booklet"
PARS = "ACCME PARS"
OWN = "The portal's own rule"
LONGEST_DESCRIPTION = 2500
USUAL = {"need": "educational need", "audience": "target audience"}


def dates(activity: Activity, now: datetime) -> Iterator[Finding]:
    """A record's longest time, and a deadline that still lies ahead."""
    if activity.ends_on > activity.last_possible_day:
        three = activity.kind.longest_years > 1
        words = "three years after release" if three else "twelve months after the first day"
        last = activity.last_possible_day
        yield error(
            "longest", f"It must end {words} at the latest: {last:%B %-d, %Y}.", AMA if three else PARS, "ends_on"
        )
    if activity.deadline_has_passed(now):
        yield error(
            "deadline-passed",
            f"Credit could be claimed until {activity.deadline_in_words}: nobody could claim any more.",
            OWN,
            "claim_until_day",
        )


def format_needs(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """What each format needs."""
    kind = activity.kind
    if kind.described and not activity.format_description:
        yield error("described", "Describe the format in a few words.", f"{AMA}: other activity", "format_description")
    if kind.scheduled and not activity.delivery:
        yield error("delivery", "Choose how people attend.", f"{PARS}: delivery method", "delivery")
    if activity.happens_somewhere and not (activity.city and (activity.region or activity.country)):
        yield error("place", "Name city and state or country.", f"{PARS}: location", "city")
    if kind.series and not activity.sessions.all():
        yield error("series", "A series consists of sessions; enter or import them.", PARS, "sessions")
    if not kind.scheduled and not activity.estimated_minutes:
        yield error("time", "Estimate the minutes that it takes.", f"{AMA}: {kind.noun}", "estimated_minutes")
    if kind.assessed and not activity.completion:
        words = "Say how credit is earned, with the passing standard: learners must know it beforehand."
        yield error("passing-standard", words, f"{AMA}: {kind.noun}", "completion")
    if kind in {formats.ENDURING, formats.POINT_OF_CARE} and not activity.system_requirements:
        yield warning(
            "system", "Say which devices and programs are needed.", "Usual for online activities", "system_requirements"
        )


def codes(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Who claims by codes finds some, and no code is entered in vain."""
    by_codes = activity.claim_by == Activity.ClaimBy.CODES
    of_sessions = any(row.credit for row in activity.sessions.all())
    if by_codes and not of_sessions and not activity.own_code:
        words = "Credit is claimed by codes, and there are none: enter sessions with credit, or the activity's code."
        yield error("codes-missing", words, OWN, "claim_by")
    if activity.own_code and (of_sessions or not by_codes):
        words = "Nobody is asked for the activity's code: " + (
            "its sessions have codes." if by_codes else "credit is not claimed by codes."
        )
        yield error("code-unused", words, OWN, "own_code")


def education(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Objectives, need and audience."""
    if not any(row.kind == Objective.Kind.OBJECTIVE for row in activity.objectives.all()):
        yield error(
            "objectives", "Enter at least one learning objective.", f"{AMA}: core requirements", "objectives-group"
        )
    for field, words in USUAL.items():
        if not getattr(activity, field):
            yield warning(field, f"Say something about the {words}.", "ACCME: educational needs", field)
    if len(activity.summary) > LONGEST_DESCRIPTION:
        yield warning("summary", f"PARS takes {LONGEST_DESCRIPTION:,} characters.", f"{PARS}: description", "summary")


def registry(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """The number under which PARS knows the activity."""
    if activity.pars_id or not activity.provider.teaches_physicians:
        return
    words = "Enter the ACCME activity ID: without it no completion can be reported."
    if activity.moc_registrations.all():
        yield error("pars-id", words, f"{PARS}: the activity comes before its learners", "pars_id")
    else:
        yield note("pars-id", words, PARS, "pars_id")


def sessions(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Sessions inside the activity's days."""
    outside = [row for row in activity.sessions.all() if not activity.starts_on <= row.day <= activity.ends_on]
    if outside:
        words = f"{len(outside)} of the sessions lie outside {activity.dates_in_words}, first “{outside[0]}”."
        yield error("sessions-outside", words, OWN, "sessions")
