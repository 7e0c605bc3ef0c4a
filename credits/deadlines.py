"""Until when one learner may claim and amend, and how long registries still take what is claimed late.

Sources: ACCME on learner data (31 December counts for the year, 31 March of the next year is the end), ACPE's 60 days,
the board's own claim date. The days of the year can be set (see `reporting.years`), because bodies change them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max

from accounts.models import User
from activities import zones
from activities.credit_types import AMA
from activities.models import Activity
from credits.models import LateGrant
from reporting import years
from reporting.models import Submission


@dataclass(frozen=True)
class Clock:
    """A registry's own deadline, as a day in the activity's zone; `board` where it is one board's alone."""

    name: str
    until: date
    consequence: str
    registry: str = Submission.Registry.PARS
    board: str = ""

    def has_passed(self, day: date) -> bool:
        """Whether what comes on `day` comes too late."""
        return day > self.until


def grant_for(activity: Activity, learner: User) -> LateGrant | None:
    """Return the late grant of this person for this activity, expired or not."""
    return LateGrant.objects.filter(activity=activity, learner=learner).first()


def claim_until(activity: Activity, grant: LateGrant | None) -> datetime:
    """Return the last instant at which a learner may claim or amend; a grant never shortens it."""
    return max(activity.claim_until, grant.until) if grant else activity.claim_until


def is_open(activity: Activity, grant: LateGrant | None, now: datetime) -> bool:
    """Whether a claim may be made or amended: the last second counts in full, and a grant outlives the closing."""
    in_time = activity.starts_at <= now and now.replace(microsecond=0) <= claim_until(activity, grant)
    return in_time and is_in_use(activity, grant)


def is_in_use(activity: Activity, grant: LateGrant | None) -> bool:
    """Whether the activity's state lets this learner claim: published, or closed with a late grant."""
    closed = grant is not None and activity.state == Activity.State.CLOSED
    return closed or activity.state == Activity.State.PUBLISHED


def too_late_by(activity: Activity, learner: User, until: datetime) -> list[Clock]:
    """Return which registries take no more before this moment of what this learner may be awarded here."""
    kinds = activity.entitlements(learner.profession)
    registries = {Submission.Registry.CPE} if any(row.kind.has_uan for row in kinds) else set()
    if any(row.code == AMA.code for row in kinds):
        registries.add(Submission.Registry.PARS)
    day = zones.local(until, activity.time_zone).date()
    return [row for row in clocks(activity, day) if row.registry in registries and row.has_passed(day)]


def last_claim_at(activity: Activity) -> datetime:
    """Return the last instant at which anybody may claim, late grants included."""
    latest = LateGrant.objects.filter(activity=activity).aggregate(latest=Max("until"))["latest"]
    return max(activity.claim_until, latest) if latest else activity.claim_until


def clocks(activity: Activity, completed_on: date | None = None) -> Iterator[Clock]:
    """Return which registries wait for how long for what is claimed at this activity, the nearest first.

    What is worked through alone counts from the day on which it is completed; without one, from the last possible day.
    """
    day = completed_on if completed_on and activity.is_self_study else activity.ends_on
    yield from sorted(_clocks(activity, day), key=lambda clock: clock.until)


def _clocks(activity: Activity, completed_on: date) -> Iterator[Clock]:
    for row in activity.moc_registrations.all():
        if row.claim_until_day:
            words = f"{row.board} takes no more {row.kind.unit}."
            yield Clock(f"{row.board} claim date", row.claim_until_day, words, board=row.board)
    if any(row.kind.has_uan for row in activity.designations.all()):
        last = completed_on + timedelta(days=settings.ACPE_DAYS)
        words = "ACPE credit cannot be recorded any more."
        yield Clock("CPE Monitor", last, words, registry=Submission.Registry.CPE)
    if activity.offers_moc or activity.provider.reports_to_states:
        counts_until, closes_on = years.days(completed_on.year)
        yield Clock("End of the year", counts_until, f"Points count for a later year than {completed_on.year}.")
        yield Clock("PARS", closes_on, f"PARS takes no more completions of {completed_on.year}.")


def clocks_of(activity: Activity, registry: str, board: str, completed_on: date) -> list[tuple[str, date]]:
    """Return the deadlines of what one registry is told for one board about what was completed on this day."""
    return [
        (clock.name, clock.until)
        for clock in clocks(activity, completed_on)
        if clock.registry == registry and clock.board in ("", board)
    ]
