"""Who is to be reminded of a deadline: decided at the moment of the reminder, and not when it was planned.

Rooms above say in `SOURCES` who else has begun an activity.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.professions import Profession
from activities.models import Activity, Participation
from credits import deadlines
from credits.models import Attendance, Claim, LateGrant, Reminder
from jobs.models import Job
from jobs.queue import enqueue

SOURCES: list[Callable[[Activity], Q]] = []


def plan(activity: Activity, now: datetime) -> None:
    """Write the job that reminds those who have begun; once for each deadline. Call it when somebody begins."""
    if now < activity.claim_until:
        key = f"credits.remind:{activity.pk}:{activity.claim_until:%Y%m%d}"
        enqueue("credits.remind", activity.pk, due=next_moment(activity, now), key=key)


def replan(activity: Activity, now: datetime) -> None:
    """Let reminders follow a deadline that was moved. Call it in the transaction in which an activity was saved."""
    due = next_moment(activity, now)
    jobs = Job.objects.filter(kind="credits.remind", subject_id=activity.pk)
    planned = jobs.filter(state=Job.State.TODO).update(due=due)
    if not planned and jobs.exists():
        plan(activity, now)


def plan_late(grant: LateGrant, now: datetime) -> None:
    """Write the job that reminds one person of their own end, if it is far enough away. Call it when it was granted."""
    due = grant.until - timedelta(days=min(settings.REMIND_BEFORE_DAYS, default=0))
    if now < due < grant.until:
        enqueue("credits.remind_late", grant.pk, due=due, key=key_of(grant))


def key_of(grant: LateGrant) -> str:
    """Return the key of the job that reminds of this grant's end as it is now."""
    return f"credits.remind_late:{grant.pk}:{grant.until:%Y%m%d}"


def has_forgotten(grant: LateGrant, now: datetime) -> bool:
    """Whether this person may still claim by the grant, has not, and wants to be told."""
    person, own = grant.learner, {"activity": grant.activity, "learner": grant.learner}
    claimed = Claim.objects.barring().filter(role=Claim.Role.LEARNER, **own).exists()
    wishes = person.wants_reminders and person.is_active
    return wishes and not claimed and deadlines.is_open(grant.activity, grant, now)


def next_moment(activity: Activity, now: datetime) -> datetime:
    """Return when the next reminder is due; the deadline itself when there is none any more."""
    moments = sorted(activity.claim_until - timedelta(days=days) for days in settings.REMIND_BEFORE_DAYS)
    return next((moment for moment in moments if moment > now), activity.claim_until)


def days_due(activity: Activity, now: datetime) -> int | None:
    """Return which reminder is due: the smallest number of days before the deadline that has been reached."""
    if now >= activity.claim_until:
        return None
    reached = (days for days in settings.REMIND_BEFORE_DAYS if now >= activity.claim_until - timedelta(days=days))
    return min(reached, default=None)


def forgetful(activity: Activity, days: int) -> QuerySet[User]:
    """Return who has begun or is on record, may claim, has not claimed, wants reminders, and was not sent this one."""
    own = {"activity": activity, "learner": OuterRef("pk")}
    begun = Q(Exists(Attendance.objects.filter(**own))) | Q(Exists(Participation.objects.filter(**own)))
    for source in SOURCES:
        begun |= source(activity)
    if activity.attendance_is_ceiling:
        begun = Q(Exists(Attendance.objects.filter(**own)))
    offered = [profession for profession in Profession.values if activity.entitlements(profession)]
    people = User.objects.filter(begun, wants_reminders=True, is_active=True, profession__in=offered)
    done = (
        Exists(Claim.objects.barring().filter(role=Claim.Role.LEARNER, **own)),
        Exists(Reminder.objects.filter(days=days, **own)),
    )
    return people.exclude(done[0]).exclude(done[1]).order_by("pk")
