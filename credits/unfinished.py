"""What a learner has begun and not submitted; the rooms above, which hold it, say so in `SOURCES`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from activities.models import Activity


@dataclass(frozen=True)
class Unfinished:
    """A request that was begun, and where to continue it."""

    activity: Activity
    address: str


SOURCES: list[Callable[[User, datetime], Iterable[Unfinished]]] = []


def of(learner: User, now: datetime) -> list[Unfinished]:
    """Return what the learner can still submit, the nearest deadline first."""
    found = [row for source in SOURCES for row in source(learner, now)]
    return sorted(found, key=lambda row: row.activity.claim_until)
