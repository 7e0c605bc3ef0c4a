"""The office takes reports out as files, uploads them where they belong, and brings the results back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.models import record
from jobs.transactions import short_write
from reporting import verdicts
from reporting.models import Batch, Submission
from reporting.services.queueing import missing_in, schedule
from reporting.states import State

NO_ROWS = "Nothing is ready to be sent in such a file."


class CannotBatch(ValueError):
    """There is nothing to write, or nothing to take back; the words say which."""


def waiting(kind: Batch.Kind, now: datetime) -> QuerySet[Submission]:
    """Return what may leave in a file of this kind now: ready, due, in no batch, and waiting for no other report."""
    registry = Submission.Registry.PARS if kind == Batch.Kind.PARS else Submission.Registry.CPE
    rows = Submission.objects.filter(state=State.READY, registry=registry, batch=None, send_at__lte=now)
    if kind == Batch.Kind.CPE:
        rows = rows.filter(action=Submission.Action.ADD)  # CPE Monitor takes no deletions by file
    return rows.filter(Q(after=None) | Q(after__decided_at__isnull=False)).order_by("pk")


@short_write
def write(*, kind: Batch.Kind, actor: User, now: datetime) -> list[Batch]:
    """Put everything that waits into batches of the allowed size; they count as being sent from now on.

    What has become incomplete or too late meanwhile is a draft again, with the reasons.
    """
    chosen = []
    for row in waiting(kind, now).select_for_update(of=("self",)).iterator(chunk_size=1000):
        missing = missing_in(row)
        if missing and not row.is_deletion:
            row.move(State.DRAFT, reason=missing)
        else:
            chosen.append(row.pk)
    if not chosen:
        raise CannotBatch(NO_ROWS)
    size, made = settings.BATCH_ROWS, []
    for start in range(0, len(chosen), size):
        batch = Batch.objects.create(kind=kind, made_by=actor, made_at=now)
        rows = Submission.objects.filter(pk__in=chosen[start : start + size], state=State.READY)
        count = rows.update(batch=batch, state=State.SENDING)
        record(action="wrote a batch", subject=batch, actor=actor, after={"reports": count})
        made.append(batch)
    return made


@short_write
def take_back(*, batch: Batch, actor: User, reason: str, now: datetime) -> int:
    """Undo a batch that was never uploaded: what has no result yet is ready again; returns how many."""
    if not reason.strip():
        raise CannotBatch("Say why: only a file that was never uploaded may be taken back.")
    rows = list(batch.submissions.select_for_update().filter(state=State.SENDING))
    for submission in rows:
        submission.move(State.READY if submission.is_deletion or submission.stands else State.WITHDRAWN)
        schedule(submission, anew=True)
    Batch.objects.filter(pk=batch.pk).update(taken_back_at=now)
    record(action="took a batch back", subject=batch, actor=actor, after={"reports": len(rows)}, reason=reason.strip())
    return len(rows)


@dataclass(frozen=True)
class Result:
    """What a registry says of one row: `decision` is accepted, rejected or pending."""

    submission: Submission
    decision: State
    reason: str = ""


@short_write
def settle(*, results: Iterable[Result], actor: User) -> Mapping[str, int]:
    """Write down what registries answered, and tell the learners; returns how many went to which state."""
    counts: dict[str, int] = {}
    for result in results:
        submission = (
            Submission.objects.select_related("learner").select_for_update(of=("self",)).get(pk=result.submission.pk)
        )
        if submission.state != result.decision and _moved(submission, result):
            counts[result.decision] = counts.get(result.decision, 0) + 1
            record(action="read a result", subject=submission, actor=actor, after={"state": result.decision})
    return counts


def _moved(submission: Submission, result: Result) -> bool:
    moved = verdicts.write_down(submission, result.decision, result.reason)
    if moved and result.decision != State.REJECTED:
        Submission.objects.filter(pk=submission.pk, taken_at=None).update(taken_at=timezone.now())
    return moved
