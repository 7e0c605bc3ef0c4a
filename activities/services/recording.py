"""Watches what learners read of published activities while staff change facts: who, when, and which words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from accounts.models import User
from activities import compliance, statements
from activities.compliance import Finding, Refused
from activities.models import Activity
from activities.models.querysets import ActivityQuerySet
from audit.models import record


@contextmanager
def words_recorded(activities: ActivityQuerySet, *, actor: User | None) -> Iterator[None]:
    """Record each statement of a published activity that differs after the block; use it inside a transaction.

    `activities` is asked twice, before and after, in a constant number of queries each time.
    """
    listed = activities.published()
    before = _words(listed)
    yield
    for activity, words in _words(listed).items():
        old = before.get(activity, {})
        changed = [key for key in {**old, **words} if old.get(key) != words.get(key)]
        if changed and activity in before:
            record(
                action="words changed after publishing",
                subject=activity,
                actor=actor,
                before={key: old.get(key, "") for key in changed},
                after={key: words.get(key, "") for key in changed},
            )


@contextmanager
def nothing_struck(activity: Activity, *, now: datetime) -> Iterator[None]:
    """Raise compliance.Refused when the block puts an error into a published activity that was not there before."""
    before = errors(activity, now=now)
    yield
    refuse_new(activity, before=before, now=now)


def errors(activity: Activity, *, now: datetime) -> list[Finding]:
    """Return what the gate would strike in an activity as it is stored, if it is published; otherwise nothing."""
    fresh = Activity.objects.with_everything().filter(pk=activity.pk, state=Activity.State.PUBLISHED).first()
    return compliance.PUBLISHING.check(fresh, now).errors if fresh else []


def refuse_new(activity: Activity, *, before: list[Finding], now: datetime) -> None:
    """Raise compliance.Refused for errors that were not there before.

    What had become wrong by the passing of time does not keep staff from putting other things right.
    """
    new = [row for row in errors(activity, now=now) if row not in before]
    if new:
        raise Refused(new)


def _words(activities: ActivityQuerySet) -> dict[Activity, dict[str, str]]:
    return {row: {key: words.text for key, words in statements.of(row).items()} for row in activities.with_words()}
