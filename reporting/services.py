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
) -> Submission:
    """Write one completion to be added at the board through PARS, not before `send_at`.

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
        created_at=now,
        report_by=(now + REPORT_WITHIN).date(),
    )
    enqueue("reporting.send", submission.pk, due=max(send_at, now), reference=reference)
    return submission
