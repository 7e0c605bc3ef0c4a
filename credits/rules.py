"""What the publish gate asks of the ledger: no designation below what was awarded under it."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Sum

from activities import compliance
from activities.compliance.findings import Finding, error
from activities.credit import from_quarters
from activities.models import Activity
from credits.models import Award, Claim


def add() -> None:
    """Add the rule to the gate; called once when the room is ready."""
    compliance.PUBLISHING.add(awarded)


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
