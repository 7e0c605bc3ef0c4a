"""A learner begins to study: the disclosures are read, and the deadline will be remembered."""

from datetime import datetime

from accounts.models import User
from activities.models import Activity, Participation
from activities.services import study
from credits import reminding
from jobs.transactions import short_write


@short_write
def begin(*, activity: Activity, learner: User, now: datetime) -> Participation:
    """Keep that the learner has read the disclosures, and plan the reminder of the deadline."""
    reminding.plan(activity, now)
    return study.begin(activity=activity, learner=learner, now=now)
