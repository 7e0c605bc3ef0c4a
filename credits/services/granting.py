"""The office lets one person claim after the deadline, within its own policy."""

from datetime import date, datetime

from accounts.models import User
from accounts.own import ANOTHER_OFFICER, is_own
from activities import zones
from activities.models import Activity
from audit.models import record
from credits import emails, reminding
from credits.models import LateGrant
from jobs.transactions import short_write


class CannotGrant(ValueError):
    """The grant breaks a rule or the policy; the words say which."""


def used(activity: Activity) -> int:
    """Return how many late grants an activity has."""
    return LateGrant.objects.filter(activity=activity).count()


@short_write
def grant(*, learner: User, activity: Activity, until: date, reason: str, actor: User, now: datetime) -> LateGrant:
    """Let one person claim until the end of a day in the activity's zone, and mail them a link. Raises CannotGrant.

    A second grant for the same person moves the first and does not count again.
    """
    if is_own(actor, learner):
        raise CannotGrant(ANOTHER_OFFICER)
    reason = reason.strip()
    activity = Activity.objects.select_for_update(of=("self",)).select_related("provider").get(pk=activity.pk)
    earlier = LateGrant.objects.filter(learner=learner, activity=activity).first()
    moment = zones.instant(until, zones.END_OF_DAY, activity.time_zone)
    _check(activity, moment, reason, now, counts=earlier is None)
    made = earlier or LateGrant(learner=learner, activity=activity)
    before = {"until": earlier.until} if earlier else {}
    made.until, made.reason, made.granted_by, made.granted_at = moment, reason[:300], actor, now
    made.save()
    record(action="granted late", subject=made, actor=actor, before=before, after={"until": moment}, reason=made.reason)
    emails.granted(made)
    reminding.plan_late(made, now)
    return made


@short_write
def take_back(*, grant: LateGrant, reason: str, actor: User) -> None:
    """End a late grant; what was claimed by it stands. It does not count any more. Raises CannotGrant."""
    if is_own(actor, grant.learner):
        raise CannotGrant(ANOTHER_OFFICER)
    words = reason.strip()[:300]
    if not words:
        raise CannotGrant("Say why: the reason is kept with the activity's history.")
    before = {"until": grant.until, "reason": grant.reason}
    record(action="took a late grant back", subject=grant, actor=actor, before=before, reason=words)
    grant.delete()


def _check(activity: Activity, until: datetime, reason: str, now: datetime, *, counts: bool) -> None:
    if not reason:
        raise CannotGrant("Say why: the reason is kept with the activity's history.")
    if activity.state not in (Activity.State.PUBLISHED, Activity.State.CLOSED):
        raise CannotGrant("Only an activity that is published or closed can be claimed late.")
    if until <= activity.claim_until:
        raise CannotGrant(f"Everybody can claim until {activity.deadline_in_words}. Choose a later day.")
    if until <= now:
        raise CannotGrant("This day is over. Choose a later one.")
    limit = activity.provider.late_grants
    if counts and used(activity) >= limit:
        raise CannotGrant(f"All {limit} late grants of this activity are used. The limit is set with the provider.")
