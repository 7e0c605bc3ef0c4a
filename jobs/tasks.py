"""The Celery task that wakes a runner; the work itself is in the rows."""

from celery import shared_task
from django.conf import settings

from jobs import runner

BATCH = 25


@shared_task(name="jobs.drain")
def drain(*, queue: str) -> None:
    """Run a batch of due jobs of `queue`; when there may be more, wake another runner at once for the rest."""
    threads = settings.QUEUE_THREADS.get(queue, 1)
    if threads == 1:
        more = runner.drain(queue, limit=BATCH) == BATCH
    else:
        more = runner.drain_side_by_side(queue, threads=threads, limit=BATCH * threads) >= BATCH
    if more:
        drain.apply_async(kwargs={"queue": queue}, queue=queue, expires=30, retry=False)


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Find what was forgotten, and what has become too old."""
    runner.sweep()
