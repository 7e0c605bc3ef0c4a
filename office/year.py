"""The year-end summary that ACCME asks for: activities, hours, learners by profession, commercial support."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q, Sum

from activities.models import Activity, CommercialSupport
from credits.models import Claim

READ_ALONG = ("learner_counts", "support", "partners", "content")


@dataclass
class Line:
    """One activity of the year."""

    activity: Activity
    hours: Decimal | None
    physicians: int
    others: int
    claims: int
    support: int
    closed: bool


@dataclass
class Summary:
    """A year: its activities and their sums. `open` are those whose closing data are not complete."""

    year: int
    lines: list[Line]
    professions: list[tuple[str, int]]
    supporters: list[tuple[str, int | None]]
    hours: Decimal = Decimal(0)
    physicians: int = 0
    others: int = 0
    support: int = 0
    open: list[Activity] = field(default_factory=list)


def summary(year: int) -> Summary:
    """Return the summary of the activities that were offered in `year` (ACCME: as of 31 December)."""
    activities = Activity.objects.filter(starts_on__year__lte=year, ends_on__year__gte=year).exclude(state="draft")
    claims = dict(
        Claim.objects.filter(activity__in=activities, claimed_at__year=year)
        .values_list("activity").annotate(Count("pk")).order_by()
    )  # fmt: skip
    rows = activities.with_credit().select_related("closing").prefetch_related(*READ_ALONG)
    lines = [_line(row, claims.get(row.pk, 0)) for row in rows.order_by("starts_on", "title")]
    made = Summary(year, lines, _professions(year, activities), _supporters(activities))
    for line in lines:
        made.hours += line.hours or 0
        made.physicians += line.physicians
        made.others += line.others
        made.support += line.support
    made.open = [line.activity for line in lines if not line.closed]
    return made


def _line(activity: Activity, claims: int) -> Line:
    counts = {row.profession: row.learners for row in activity.learner_counts.all()}
    physicians = counts.pop("physician", 0)
    hours = activity.closing.hours if hasattr(activity, "closing") else None
    support = sum(row.amount or 0 for row in activity.support.all() if row.executed_on)
    complete = hours is not None and bool(activity.learner_counts.all())
    return Line(activity, hours, physicians, sum(counts.values()), claims, support, complete)


def _professions(year: int, activities: object) -> list[tuple[str, int]]:
    """Return how many claims of the year each profession made."""
    rows = Claim.objects.filter(activity__in=activities, claimed_at__year=year)  # type: ignore[misc]
    return list(rows.values_list("profession").annotate(Count("pk")).order_by("profession"))


def _supporters(activities: object) -> list[tuple[str, int | None]]:
    """Return what each company gave in money, by executed agreements."""
    grants = CommercialSupport.objects.filter(
        Q(kind=CommercialSupport.Kind.GRANT),
        activity__in=activities,
        executed_on__isnull=False,  # type: ignore[misc]
    )
    return list(grants.values_list("supporter").annotate(Sum("amount")).order_by("supporter"))
