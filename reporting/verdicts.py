"""Writes a registry's verdict on a report down, and tells the learner what concerns them."""

from django.utils import timezone

from reporting import checks, emails, faults
from reporting.models import Submission
from reporting.states import State


def write_down(submission: Submission, state: State, reason: str) -> bool:
    """Move the report to `state` and write the learner's mail; say whether it moved. Call it in a transaction.

    Learners read once that it was accepted, and of a rejection when they can put it right or were told otherwise
    before. Of a deletion, and of a record that is being taken back, the portal's own pages tell them.
    """
    rejected = state == State.REJECTED
    moved = submission.move(state, reason=reason, fault=faults.whose(reason) if rejected else "")
    if moved and submission.is_deletion:
        _follow_deletion(submission, state)
    if not moved or not submission.stands:
        return moved
    if state == State.ACCEPTED and submission.told_at is None:
        Submission.objects.filter(pk=submission.pk).update(told_at=timezone.now())
        emails.accepted(submission)
    elif rejected and (submission.told_at or submission.fault == Submission.Fault.LEARNER):
        emails.rejected(submission)
    return moved


def wait_for_match(submission: Submission) -> None:
    """Let a report wait until the registry knows the learner, and tell them so once. Call it in a transaction."""
    words = checks.NOT_KNOWN_YET.format(submission.board)
    if submission.reason != words and submission.move(State.READY, reason=words, fault=Submission.Fault.LEARNER):
        emails.not_known_yet(submission)


def _follow_deletion(deletion: Submission, state: State) -> None:
    """What is deleted is taken back; what was to replace a record that is not deleted is held back."""
    if state == State.ACCEPTED:
        for added in Submission.objects.filter(credit_id=deletion.credit_id, action=Submission.Action.ADD):
            added.move(State.WITHDRAWN, reason=added.reason)
    elif state == State.REJECTED:
        for successor in Submission.objects.filter(after=deletion, state=State.READY):
            successor.move(State.HELD, reason=checks.NOT_DELETED)
