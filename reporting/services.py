"""Writes down what a registry must be told; sending is `reporting.tasks`."""

from datetime import datetime, timedelta
from typing import TypedDict

from accounts.models import User
from jobs.queue import enqueue
from reporting.models import Submission

REPORT_WITHIN = timedelta(days=30)  # ACCME: after the physician completed the evaluation requirements


class Identity(TypedDict):
    """The learner as the board has them."""

    given_name: str
    family_name: str
    board_number: str
    birth_month: int
    birth_day: int


class Completion(TypedDict):
    """What was completed, for how many points; `completed_on` is an ISO date, `points` a number of quarters as text."""

    provider: str
    provider_id: str
    activity: str
    activity_id: str
    completed_on: str
    credit_type: str
    points: str


def queue(  # noqa: PLR0913 (a submission has this many parts)
    *,
    learner: User,
    reference: str,
    board: str,
    credit_id: str,
    identity: Identity,
    completion: Completion,
    reply_to: str,
    send_at: datetime,
    now: datetime,
    after: Submission | None = None,
) -> Submission:
    """Write one completion to be added at the board through PARS, not before `send_at`, nor before `after` is decided.

    Call it in the transaction of the award.
    """
    submission = Submission.objects.create(
        learner=learner,
        reference=reference,
        board=board,
        credit_id=credit_id,
        identity=identity,
        completion=completion,
        reply_to=reply_to,
        after=after,
        created_at=now,
        report_by=(now + REPORT_WITHIN).date(),
    )
    enqueue("reporting.send", submission.pk, due=max(send_at, now), reference=reference)
    return submission


def take_back(*, submission: Submission, now: datetime) -> Submission | None:
    """Undo one completion: what was not sent yet never leaves; otherwise a deletion is queued, and returned.

    Call it in the transaction that takes the award back.
    """
    waiting = Submission.objects.filter(pk=submission.pk, state=Submission.State.READY)
    if waiting.update(state=Submission.State.WITHDRAWN, decided_at=now):
        return None
    refused = Submission.objects.filter(credit_id=submission.credit_id, action=Submission.Action.DELETE).first()
    if refused:
        return _again(refused, now)
    deletion = Submission.objects.create(
        learner=submission.learner,
        reference=submission.reference,
        board=submission.board,
        action=Submission.Action.DELETE,
        credit_id=submission.credit_id,
        identity=submission.identity,
        completion=submission.completion,
        reply_to=submission.reply_to,
        after=submission,
        created_at=now,
        report_by=(now + REPORT_WITHIN).date(),
    )
    enqueue("reporting.send", deletion.pk, reference=submission.reference)
    return deletion


def _again(deletion: Submission, now: datetime) -> Submission:
    """Ask once more for a deletion that the registry refused."""
    Submission.objects.filter(pk=deletion.pk).update(state=Submission.State.READY, reason="", decided_at=None)
    key = f"reporting.send:{deletion.pk}:{now.isoformat()}"
    enqueue("reporting.send", deletion.pk, key=key, reference=deletion.reference)
    deletion.refresh_from_db()
    return deletion
