"""What happens while a learner studies: disclosures read, an item opened, a recording played, an item done.

Whether a learner may study at all is not asked here but at the door, before.
"""

from datetime import datetime

from accounts.models import User
from activities.models import Activity, ContentItem, Participation, Progress
from activities.models.content import Span
from jobs.transactions import short_write


class NotPlayed(Exception):
    """Too little of the recording was played; `seconds` are still to come."""

    def __init__(self, seconds: int) -> None:
        minutes, rest = divmod(seconds, 60)
        super().__init__(f"Play {minutes} min {rest} s more of it." if minutes else f"Play {rest} s more of it.")
        self.seconds = seconds


@short_write
def begin(*, activity: Activity, learner: User, now: datetime) -> Participation:
    """Keep that the learner has read the disclosures; the first time is kept for good."""
    made, _ = Participation.objects.get_or_create(
        activity=activity, learner=learner, defaults={"disclosures_read_at": now}
    )
    return made


@short_write
def open_item(*, item: ContentItem, learner: User, now: datetime) -> Progress:
    """Return the learner's progress; from now on the clock counts what a player can have played."""
    progress, made = Progress.objects.get_or_create(
        item=item, learner=learner, defaults={"opened_at": now, "heard_at": now}
    )
    if not made:
        Progress.objects.filter(pk=progress.pk).update(heard_at=now, reports=False)
        progress.heard_at, progress.reports = now, False
    progress.item = item
    return progress


@short_write
def report(*, item: ContentItem, learner: User, position: int, span: Span, now: datetime) -> Progress:
    """Keep where a player is and what it played; of two devices both count, against the same clock.

    Raises ValueError for a place that the recording does not have, Progress.DoesNotExist for what was never opened.
    """
    progress = Progress.objects.select_for_update().get(item=item, learner=learner)
    progress.item = item
    progress.hear(position=position, span=span, now=now)
    progress.save(update_fields=["position", "heard_at", "played", "reports"])
    return progress


@short_write
def finish(*, item: ContentItem, learner: User, now: datetime) -> Progress:
    """Mark an item as done, once; raises NotPlayed, and Progress.DoesNotExist for what was never opened."""
    progress = Progress.objects.select_for_update().get(item=item, learner=learner)
    progress.item = item
    if progress.done_at is None:
        if progress.lacks(now):
            raise NotPlayed(progress.lacks(now))
        progress.done_at = now
        progress.save(update_fields=["done_at"])
    return progress
