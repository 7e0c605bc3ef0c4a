"""Sends an activity's own record to PARS: to register it, to change it, to close it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import record as trace
from jobs.queue import enqueue
from jobs.transactions import short_write
from reporting.checks import of_activity
from reporting.models import ActivityRecord
from reporting.snapshots import ActivityFacts

ON_ITS_WAY = "A record of this activity is on its way to PARS. Wait for the answer."


class CannotRecord(ValueError):
    """The record cannot be sent; the words say why."""


@short_write
def send(*, facts: ActivityFacts, actor: User, now: datetime) -> ActivityRecord:
    """Queue an activity's record as it is now; raises CannotRecord where PARS would not take it."""
    if words := " ".join(of_activity(facts)):
        raise CannotRecord(words)
    earlier = ActivityRecord.objects.filter(own_id=facts["own_id"]).first()
    if earlier and earlier.state == ActivityRecord.State.READY:
        raise CannotRecord(ON_ITS_WAY)
    if is_closed(facts["own_id"]):
        raise CannotRecord("This activity is closed in PARS; its record cannot be changed any more.")
    try:
        with transaction.atomic():
            made = ActivityRecord.objects.create(own_id=facts["own_id"], record=facts, made_by=actor, made_at=now)
    except IntegrityError:  # another tab was faster
        raise CannotRecord(ON_ITS_WAY) from None
    enqueue("reporting.activity", made.pk)
    trace(action="sent an activity to PARS", subject=made, actor=actor, after={"close": facts["close"]})
    return made


def is_closed(own_id: str) -> bool:
    """Whether PARS has closed an activity, so that nothing can be reported about it any more."""
    closed = ActivityRecord.objects.filter(own_id=own_id, state=ActivityRecord.State.ACCEPTED, record__close=True)
    return closed.exists()
