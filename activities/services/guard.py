"""Stands beside every change of what learners read: locks the activities, refuses what may not stand, records the rest.

Everything that writes facts of an activity does so between the two halves of a `Guard`, or inside `guarded`, in one
transaction. The locks make changes of one activity wait for each other and for its moves through the gates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from accounts.models import User
from activities import statements, watching
from activities.compliance import Finding, Refused
from activities.models import Activity
from activities.models.querysets import ActivityQuerySet
from audit.models import record

Texts = dict[str, str]


class Guard:
    """One change of some activities: made before it, finished after it, both in the same transaction."""

    def __init__(self, activities: ActivityQuerySet, *, actor: User | None, now: datetime) -> None:
        """Lock the activities and remember what their visible pages say and what was wrong with them before."""
        self.actor, self.now = actor, now
        keys = sorted(set(activities.values_list("pk", flat=True)))
        list(Activity.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
        self.watched = Activity.objects.visible().filter(pk__in=keys)
        self.before = {activity.pk: (_words(activity), watching.errors_of(activity, now)) for activity in self._read()}

    def finish(self) -> None:
        """Record each statement that differs now; raise compliance.Refused for errors that were not there before.

        What had become wrong by the passing of time does not keep staff from putting other things right.
        """
        new: list[Finding] = []
        for activity in self._read():
            words, errors = self.before.get(activity.pk, ({}, []))
            known = {row.identity for row in errors}
            current = watching.errors_of(activity, self.now)
            new += [row for row in current if row.identity not in known]
            watching.save_findings(activity, current)
            self._record(activity, words, _words(activity))
        if new:
            raise Refused(new)

    def _read(self) -> ActivityQuerySet:
        return self.watched.with_everything()

    def _record(self, activity: Activity, old: Texts, new: Texts) -> None:
        changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        if changed:
            record(
                action="words changed after publishing",
                subject=activity,
                actor=self.actor,
                before={key: old.get(key, "") for key in changed},
                after={key: new.get(key, "") for key in changed},
            )


@contextmanager
def guarded(activities: ActivityQuerySet, *, actor: User | None, now: datetime) -> Iterator[None]:
    """Guard the block's changes, in a transaction of their own or a savepoint, which Refused undoes."""
    with transaction.atomic():
        guard = Guard(activities, actor=actor, now=now)
        yield
        guard.finish()


def _words(activity: Activity) -> Texts:
    return {key: row.text for key, row in statements.of(activity).items()}
