"""The Celery task that wakes a runner; the work itself is in the rows."""

from celery import shared_task

from jobs import runner

BATCH = 25


@shared_task(name="jobs.drain")
def drain(*, queue: str) -> None:
    """Run a batch of due jobs of `queue`; when the batch was full, wake another runner at once for the rest."""
    if runner.drain(queue, limit=BATCH) == BATCH:
        drain.apply_async(kwargs={"queue": queue}, queue=queue, expires=30, retry=False)


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Find what was forgotten, and what has become too old."""
    runner.sweep()
