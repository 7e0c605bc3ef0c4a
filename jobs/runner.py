"""Takes due jobs and runs their handlers; the one function under both the polling worker and the Celery task."""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone

from jobs import failpoints
from jobs.models import Job, LostLease
from jobs.registry import KINDS, SWEEPS, Again, Kind, Later, Permanent, kinds_on
from jobs.transactions import short_write

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(hours=1)
LONGEST_PAUSE = 1.0  # seconds for which a runner waits for the next turn at a service


def drain(queue: str | None = None, *, limit: int = 50, seconds: float = 20.0) -> int:
    """Run due jobs of `queue` (or of all queues) one after the other and return how many were run.

    One job's failure never stops the next. Stops when nothing is due, after `limit` jobs, or when a job ends after
    `seconds`, so that a Celery task stays below its time limit. For a turn that comes within a second it waits.
    """
    end, count = time.monotonic() + seconds, 0
    while count < limit and time.monotonic() < end:
        found = take(queue, now=timezone.now())
        if isinstance(found, datetime) and queue is not None:
            pause = (found - timezone.now()).total_seconds()
            if pause > LONGEST_PAUSE:
                return count
            time.sleep(max(pause, 0))  # no job is held meanwhile, and this queue has nothing else to do
            continue
        if not isinstance(found, Job):
            return count
        failpoints.reach("jobs.after-lease")
        perform(found, KINDS[found.kind])
        count += 1
    return count


def drain_side_by_side(queue: str, *, threads: int, limit: int) -> int:
    """Drain with several threads, for work that mostly waits for other people's servers; each has its own connection.

    Returns how many jobs were run. Never for rendering, which goes one at a time in a process.
    """

    def run(_number: int) -> int:
        try:
            return drain(queue, limit=limit // threads)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(run, range(threads)))


def sweep() -> None:
    """Call every registered sweep; one that fails does not stop the next."""
    for function in SWEEPS:
        try:
            function(timezone.now())
        except Exception:
            logger.exception("The sweep %s failed; it comes again.", function.__name__)


@short_write
def take(queue: str | None, *, now: datetime) -> Job | datetime | None:
    """Lease the oldest due job whose turn it is; otherwise return when the next turn comes, or None.

    The guarded update decides who gets the row; the row lock only spreads runners over rows where the database has
    it (SQLite ignores it and lets one writer in at a time anyway).
    """
    kinds, next_turn = kinds_on(queue), None
    while True:
        rows = Job.objects.due(now).filter(kind__in=kinds)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        job = rows.first()
        if job is None:
            return next_turn
        turn = KINDS[job.kind].turn
        opens = turn(now) if turn else now
        if opens <= now:
            break
        kinds, next_turn = [kind for kind in kinds if KINDS[kind].turn is not turn], opens
    due = now + KINDS[job.kind].lease
    if not Job.objects.held(job).update(token=F("token") + 1, attempts=F("attempts") + 1, due=due):
        return None
    job.token, job.attempts, job.due = job.token + 1, job.attempts + 1, due
    return job


def perform(job: Job, kind: Kind) -> None:
    """Run one handler and settle the row whatever happens."""
    if job.attempts > kind.max_attempts:
        job.bury(f"Given up after {kind.max_attempts} attempts. {job.error}".strip())
        return
    try:
        kind.run(job)
        if not job.finished:
            with job.finishing():
                pass
    except LostLease:
        logger.warning("Job %s was taken over by another runner; nothing was written.", job.key)
    except Later as later:
        job.postpone(later.due, later.note)
    except Again as again:
        logger.warning("Job %s did not succeed at attempt %d: %s", job.key, job.attempts, again)
        job.fail(str(again)[:500], timezone.now() + backoff(job.attempts))
    except Permanent as error:
        logger.warning("Job %s is given up: %s", job.key, error)
        job.bury(str(error))
    except Exception as error:
        logger.exception("Job %s failed at attempt %d.", job.key, job.attempts)
        job.fail(f"{type(error).__name__}: {error}"[:500], timezone.now() + backoff(job.attempts))


def backoff(attempts: int) -> timedelta:
    """Return the pause before the next attempt: doubling up to an hour, scattered by a fifth."""
    doublings = min(max(attempts, 1) - 1, 12)
    pause = min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 (spreads load, guards nothing)
