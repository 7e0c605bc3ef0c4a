"""What the gates ask of the ledger: no designation below what was awarded, no grant that closing seems to end."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Sum

from activities import compliance, zones
from activities.compliance.findings import Finding, error, warning
from activities.credit import from_quarters
from activities.models import Activity
from credits.models import Award, Claim, LateGrant

GRANTS = "admin:credits_lategrant_changelist?activity__id__exact={pk}"


def add() -> None:
    """Add the rules to the gates; called once when the room is ready."""
    compliance.PUBLISHING.add(awarded)
    compliance.CLOSING.add(granted)


def granted(activity: Activity, now: datetime) -> Iterator[Finding]:
    """Closing does not take from anybody what the office granted; it says so."""
    ends = sorted(LateGrant.objects.filter(activity=activity, until__gt=now).values_list("until", flat=True))
    if ends:
        last = zones.in_words(ends[-1], activity.time_zone, activity.city)
        one = "1 late grant goes on after the closing, until"
        many = f"{len(ends)} late grants go on after the closing, the last until"
        words = f"{one if len(ends) == 1 else many} {last}."
        yield warning("late-grants", words, "The portal's own rule", GRANTS.format(pk=activity.pk))


def awarded(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """A maximum is not lowered below what somebody was awarded."""
    rows = Award.objects.filter(designation__activity=activity, claim__role=Claim.Role.LEARNER).order_by()
    largest: dict[int, int] = {}
    for _claim, designation, amount in rows.values_list("claim", "designation").annotate(total=Sum("amount")):
        largest[designation] = max(int(amount * 4), largest.get(designation, 0))
    for row in activity.designations.all():
        most = from_quarters(largest.get(row.pk, 0))
        if most > row.maximum:
            words = f"{row.kind.name}: {most} was awarded to somebody; the maximum cannot be {row.maximum}."
            yield error("awarded", words, "The portal's own rule", "designations-group")
