"""What ACCME asks for before an activity is closed in PARS, and what must be over before that."""

from collections.abc import Iterator
from datetime import datetime

from activities.compliance.findings import Finding, error, warning
from activities.models import Activity, ClosingRecord, CommercialSupport
from activities.statements.words import listed

PARS = "ACCME PARS: closing an activity"
PLACE = "closing-group"
COUNTS = "learner_counts-group"
SUPPORT = "support-group"


def over(activity: Activity, now: datetime) -> Iterator[Finding]:
    """Nobody can claim any more."""
    if not activity.deadline_has_passed(now):
        yield error("still-open", f"Credit can be claimed until {activity.deadline_in_words}.", PARS, "claim_until_day")


def registered(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """PARS knows it."""
    if activity.provider.teaches_physicians and not activity.pars_id:
        yield error("pars-id", "Enter the ACCME activity ID.", PARS, "pars_id")


def record(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Hours, what was to change and was evaluated, competencies."""
    data = ClosingRecord.objects.filter(activity=activity).first() or ClosingRecord()
    if not data.hours:
        yield error("hours", "Enter the hours of instruction.", PARS, PLACE)
    if not data.designed_to_change:
        yield error("designed", "Say what it was designed to change.", PARS, PLACE)
    if not data.evaluated:
        yield error("evaluated", "Say for which changes it was evaluated.", PARS, PLACE)
    if not data.competencies:
        yield error("competencies", "Choose the competencies it addressed.", PARS, PLACE)
    if not data.methods:
        yield warning("methods", "Choose the educational methods.", PARS, PLACE)


def learners(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """How many physicians and others took part."""
    if not activity.learner_counts.all():
        yield error("learners", "Enter how many physicians and other learners took part, 0 included.", PARS, COUNTS)


def support(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Every supporter with an executed agreement and an amount."""
    rows = list(activity.support.all())
    if activity.support_state != Activity.SupportState.NONE and not rows:
        yield error("supporters", "Enter the supporters.", PARS, SUPPORT)
    pending = [row.supporter for row in rows if not row.is_executed]
    if pending:
        yield error("agreement-pending", f"Not executed: the agreement with {listed(pending)}.", PARS, SUPPORT)
    unpriced = [row.supporter for row in rows if row.kind == CommercialSupport.Kind.GRANT and row.amount is None]
    if unpriced:
        yield error("amount", f"Enter the amounts in whole dollars: {listed(unpriced)}.", PARS, SUPPORT)
