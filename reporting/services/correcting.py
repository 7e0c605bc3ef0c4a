"""Puts the learner's identity right, by themselves or by the office: registries know no change, so delete and add."""

from datetime import datetime

from accounts.models import User
from accounts.services import replace_board_identity
from audit.models import record
from jobs.transactions import short_write
from reporting import checks, states
from reporting.models import Submission
from reporting.services.queueing import locked, next_credit_id, schedule, standing_of, take_back
from reporting.snapshots import Identity
from reporting.states import State


class CannotCorrect(ValueError):
    """The report cannot be put right now, or not like this; the words say what to do."""


ON_ITS_WAY = "This report is on its way. Wait for the answer; it can be corrected afterwards."
SETTLED = "This report is settled; nothing about it can be corrected."
NOT_ACCEPTED = "Only a report that was accepted, and that nobody takes back, can be replaced."


@short_write
def correct(*, submission: Submission, identity: Identity, actor: User, reason: str, now: datetime) -> Submission:
    """Report the completion again under this identity, and return the report that is now to leave.

    What was not sent yet is changed in place; what the registry has is deleted first. The evaluation, the credit and
    the certificate stay as they are. Raises CannotCorrect.
    """
    submission = locked(submission)
    _check(submission, identity)
    changed = sorted(name for name in identity if identity.get(name) != submission.identity.get(name))
    corrected = (
        _in_place(submission, identity) if submission.state in states.NOT_SENT else _anew(submission, identity, now)
    )
    if actor == submission.learner:
        _remember(actor, submission.board, identity)
    record(action="corrected a report", subject=corrected, actor=actor, after={"changed": changed}, reason=reason)
    return corrected


@short_write
def replace(*, submission: Submission, actor: User, reason: str, now: datetime) -> Submission:
    """Have an accepted report deleted and added again as we have it, because the registry holds something else.

    Returns the report that is now to leave. Raises CannotCorrect.
    """
    submission = locked(submission)
    if submission.state != State.ACCEPTED or submission.is_deletion or not submission.stands:
        raise CannotCorrect(NOT_ACCEPTED)
    successor = _anew(submission, submission.identity, now)
    record(action="replaced a report", subject=successor, actor=actor, reason=reason)
    return successor


def _check(submission: Submission, identity: Identity) -> None:
    if submission.state in states.ON_ITS_WAY:
        raise CannotCorrect(ON_ITS_WAY)
    if not submission.may_be_corrected:
        raise CannotCorrect(SETTLED)
    wrong = list(checks.of_identity(submission.board, identity))
    if wrong:
        raise CannotCorrect(" ".join(wrong))


def _in_place(submission: Submission, identity: Identity) -> Submission:
    submission.identity = identity
    held = submission.state == State.HELD
    if not held:
        submission.state, submission.reason = standing_of(submission)
    submission.save(update_fields=("identity", "number_digest", "state", "reason"))
    schedule(submission, anew=True)
    return submission


def _anew(submission: Submission, identity: Identity, now: datetime) -> Submission:
    """Write the successor of a decided report; it waits for the deletion of what the registry has."""
    deletion = take_back(submission=submission, now=now) if submission.taken_at else None
    submission.move(State.CORRECTED, reason=submission.reason, now=now)
    successor = Submission(
        learner=submission.learner,
        reference=submission.reference,
        registry=submission.registry,
        board=submission.board,
        credit_id=next_credit_id(submission.reference, submission.credit_id.rpartition("-")[0] + "-"),
        identity=identity,
        completion=submission.completion,
        reply_to=submission.reply_to,
        after=deletion,
        created_at=submission.created_at,  # the thirty days go on
        send_at=now,
    )
    successor.clocks, successor.report_by = submission.clocks, submission.report_by
    successor.state, successor.reason = standing_of(successor)
    successor.save()
    schedule(successor)
    return successor


def _remember(learner: User, board: str, identity: Identity) -> None:
    replace_board_identity(
        user=learner,
        registry=board,
        number=identity["board_number"],
        birth_month=identity["birth_month"],
        birth_day=identity["birth_day"],
    )
