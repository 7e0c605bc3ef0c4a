"""What stands between an activity's completions and the registries: the gap review before anything is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from activities import zones
from activities.models import Activity
from credits import deadlines
from credits.deadlines import Clock
from credits.models import Claim
from reporting.models import Submission
from reporting.states import State

IN_THE_WAY = (State.DRAFT, State.HELD, State.REJECTED, State.UNKNOWN)
Told = tuple[Clock, int]  # with the days that are left


class CannotClose(ValueError):
    """The activity should not be closed in PARS yet; the words say why and what to do."""


@dataclass(frozen=True)
class Review:
    """One activity's review: what is missing with the activity, for whom, how many are where, and the clocks."""

    missing: list[str]
    gaps: list[Submission]
    counts: list[tuple[State, int]]
    waiting: list[tuple[int, str]]
    clocks: list[Told]
    without_report: int


def review(activity: Activity, today: date) -> Review:
    """Return the review of an activity; `today` in its own zone."""
    rows = Submission.objects.filter(reference__in=Claim.objects.filter(activity=activity).values("reference"))
    added = rows.filter(action=Submission.Action.ADD)
    counted = dict(added.order_by().values_list("state").annotate(Count("pk")))
    gaps = rows.filter(state__in=IN_THE_WAY).select_related("learner").order_by("report_by", "learner__last_name")
    return Review(
        list(_missing(activity)),
        list(gaps[:1000]),
        [(state, counted[state]) for state in State if counted.get(state)],
        [(count, words) for words, count in _waiting(rows) if count],
        [(clock, (clock.until - today).days) for clock in deadlines.clocks(activity, today)],
        _unreported(activity),
    )


def _waiting(rows: QuerySet[Submission]) -> Iterator[tuple[str, int]]:
    """Count what waits for something else than PARS's turn."""
    ready, deletions = rows.filter(state=State.READY), rows.filter(action=Submission.Action.DELETE, decided_at=None)
    yield "for a board that does not know the learner's number yet", ready.filter(fault="learner").count()
    yield "for an earlier record to be deleted", ready.filter(after__action="delete", after__decided_at=None).count()
    yield "in a file, for its results", rows.filter(state=State.SENDING).exclude(batch=None).count()
    yield "to be taken back", deletions.count()


def _missing(activity: Activity) -> list[str]:
    registrations = activity.moc_registrations.all()
    checks = (
        (registrations and not activity.pars_id, "The activity has no ACCME activity ID: register it in PARS below."),
        (registrations and not activity.provider.pars_id, "The provider has no ACCME provider ID."),
        (
            any(row.kind.has_uan and not row.uan for row in activity.designations.all()),
            "An ACPE designation has no UAN.",
        ),
    )
    return [words for lacks, words in checks if lacks]


def _unreported(activity: Activity) -> int:
    """Return how many claims wish for points and have no report at all: there should be none."""
    wished = Claim.objects.filter(activity=activity, wants_moc=True)
    return wished.exclude(reference__in=Submission.objects.values("reference")).count()


def today_at(activity: Activity, now: datetime) -> date:
    """Return the day that it is where the activity is."""
    return zones.local(now, activity.time_zone).date()


def check_closing(activity: Activity, now: datetime, *, sure: bool) -> None:
    """Raise CannotClose while anybody can claim, or while reports are open and the office is not `sure`."""
    until = deadlines.last_claim_at(activity)
    if now <= until:
        words = zones.in_words(until, activity.time_zone, activity.city)
        raise CannotClose(f"Credit can be claimed until {words}. Close the activity after that.")
    references = Claim.objects.filter(activity=activity).values("reference")
    settled = (State.ACCEPTED, State.CORRECTED, State.WITHDRAWN, State.ELSEWHERE)
    count = Submission.objects.filter(reference__in=references).exclude(state__in=settled).count()
    if count and not sure:
        raise CannotClose(
            f"{count} reports are not settled, and could not be sent any more. Settle them first, or be sure."
        )
