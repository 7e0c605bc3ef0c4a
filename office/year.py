"""The year-end summary that ACCME asks for: activities, hours, learners by profession, commercial support."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from accounts.professions import Profession
from activities import zones
from activities.formats import FORMATS
from activities.models import Activity, CommercialSupport
from activities.models.querysets import ActivityQuerySet
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
    made_then = _claims(year, activities)
    claims = dict(made_then.values_list("activity").annotate(Count("pk")).order_by())
    rows = activities.with_credit().select_related("closing").prefetch_related(*READ_ALONG)
    lines = [_line(row, claims.get(row.pk, 0)) for row in rows.order_by("starts_on", "title")]
    made = Summary(year, lines, _professions(made_then), _supporters(activities))
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


def _claims(year: int, activities: ActivityQuerySet) -> QuerySet[Claim]:
    """Return what was completed in a year, by the activities' own calendars, and of which something stands."""
    alone = Q(activity__format__in=[kind.code for kind in FORMATS.values() if not kind.scheduled], completed_on=None)
    days = Q(completed_on__year=year) | (~alone & Q(completed_on=None, activity__ends_on__year=year))
    for zone in set(activities.order_by().values_list("time_zone", flat=True)):
        begin, end = (zones.instant(date(year + more, 1, 1), time.min, zone) for more in (0, 1))
        days |= alone & Q(activity__time_zone=zone, claimed_at__gte=begin, claimed_at__lt=end)
    found = Claim.objects.filter(days, activity__in=activities)
    standing = found.annotate(balance=Sum("awards__amount")).filter(balance__gt=0)
    return Claim.objects.filter(pk__in=standing.values("pk"))


def _professions(claims: QuerySet[Claim]) -> list[tuple[str, int]]:
    """Return how many learners of each profession claimed."""
    learners = claims.filter(role=Claim.Role.LEARNER).order_by("profession")
    counted = learners.values_list("profession").annotate(Count("learner", distinct=True))
    return [(str(Profession(code).label), count) for code, count in counted]


def _supporters(activities: object) -> list[tuple[str, int | None]]:
    """Return what each company gave in money, by executed agreements."""
    grants = CommercialSupport.objects.filter(
        Q(kind=CommercialSupport.Kind.GRANT),
        activity__in=activities,
        executed_on__isnull=False,  # type: ignore[misc]
    )
    return list(grants.values_list("supporter").annotate(Sum("amount")).order_by("supporter"))
