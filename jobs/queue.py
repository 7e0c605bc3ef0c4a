"""Writes a job in the caller's transaction and wakes a runner after the commit."""

import logging
import time
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Exists, F, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from jobs.models import Job
from jobs.registry import KINDS

M = TypeVar("M", bound=Model)
logger = logging.getLogger(__name__)

NUDGE_EXPIRES_SECONDS = 30
PAUSE_AFTER_FAILURE_SECONDS = 30.0


class _Broker:
    """Remembers that the broker did not answer, so that not every request pays the time-out."""

    silent_until = 0.0


def enqueue(kind: str, subject_id: int, *, due: datetime | None = None, key: str = "", reference: str = "") -> None:
    """Write one job; a second job with the same key is not written.

    Must be called inside a transaction: the job exists exactly if its cause does. `due` defaults to now, `key` to
    `kind:subject_id`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"enqueue({kind!r}) belongs inside the transaction that causes the work.")
    job = Job(
        kind=kind,
        subject_id=subject_id,
        key=key or f"{kind}:{subject_id}",
        due=due or timezone.now(),
        reference=reference,
    )
    Job.objects.bulk_create([job], ignore_conflicts=True)
    if job.due <= timezone.now():
        transaction.on_commit(lambda: nudge(KINDS[kind].queue), robust=True)


def ensure(kind: str, subject_id: int, *, due: datetime | None = None, reference: str = "", dead: bool = False) -> None:
    """See to it that work which is not done has a job to do it, `due` now unless given.

    One that was given up stays with staff, unless they say (`dead`) that it is to begin again.
    """
    key, due = f"{kind}:{subject_id}", due or timezone.now()
    job, made = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "subject_id": subject_id, "due": due, "reference": reference}
    )
    if not made:
        ended = [Job.State.DONE, Job.State.DEAD] if dead else [Job.State.DONE]
        Job.objects.filter(pk=job.pk, state__in=ended).update(
            state=Job.State.TODO, ended_at=None, attempts=0, due=due, token=F("token") + 1
        )


def postpone(kind: str, subject_id: int, *, planned: datetime, due: datetime) -> None:
    """Move a job that waits for the time it was planned for; one that is at work, or waits to try again, stays."""
    waiting = Job.objects.filter(key=f"{kind}:{subject_id}", state=Job.State.TODO, due=planned)
    if waiting.update(due=due) and due <= timezone.now():
        transaction.on_commit(lambda: nudge(KINDS[kind].queue), robust=True)


def without_job(rows: QuerySet[M], kind: str) -> QuerySet[M]:
    """Return those of `rows` for which no job of this kind is to be done or was given up."""
    key = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), CharField()))
    return rows.exclude(Exists(Job.objects.filter(key=key).exclude(state=Job.State.DONE)))


def nudge(queue: str) -> None:
    """Wake a runner of `queue`; never raises and never waits longer than the broker's socket time-out.

    Without a broker the polling worker needs no waking. After a failure the broker is left alone for a while: the
    sweep finds the job within seconds of its return.
    """
    if not settings.REDIS_URL or time.monotonic() < _Broker.silent_until:
        return
    from jobs.tasks import drain  # noqa: PLC0415 (the task's module imports this one's neighbours)

    try:
        drain.apply_async(kwargs={"queue": queue}, queue=queue, expires=NUDGE_EXPIRES_SECONDS, retry=False)
    except Exception:
        _Broker.silent_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
        logger.exception("The broker did not take a wake-up for %s; the sweep will find the work.", queue)
