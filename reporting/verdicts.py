"""Writes a registry's verdict on a report down, and tells the learner once what concerns them.

One claim can be reported to a board in several reports, one for each kind of credit. The learner reads of them
together, when all are decided, and never the same words twice.
"""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from jobs.queue import ensure
from reporting import checks, emails, faults
from reporting.models import Submission
from reporting.states import State

LOOK_AGAIN_AFTER = timedelta(days=1)


def write_down(submission: Submission, state: State, reason: str) -> bool:
    """Move the report to `state` and write the learner's mail; say whether it moved. Call it in a transaction.

    Learners read that it was accepted, and of a rejection when they can put it right or were told otherwise before. Of
    a deletion, and of a record that is being taken back, the portal's own pages tell them.
    """
    User.objects.select_for_update().get(pk=submission.learner_id)  # verdicts on one claim take turns
    rejected = state == State.REJECTED
    moved = submission.move(state, reason=reason, fault=faults.whose(reason) if rejected else "")
    if moved and submission.is_deletion:
        _follow_deletion(submission, state)
    if not moved or not submission.stands:
        return moved
    if rejected and submission.taken_at and submission.registry == Submission.Registry.PARS:
        due = timezone.now() + LOOK_AGAIN_AFTER
        ensure("reporting.look_again", submission.pk, due=due, reference=submission.reference)
    together = _together(submission)
    if all(row.is_decided or row.state in (State.DRAFT, State.HELD) for row in together):
        _tell(submission, [row for row in together if row.state == state])
    return moved


def wait_for_match(submission: Submission) -> None:
    """Let a report wait until the registry knows the learner, and tell them so once. Call it in a transaction."""
    User.objects.select_for_update().get(pk=submission.learner_id)
    words = checks.NOT_KNOWN_YET.format(submission.board)
    if submission.reason == words:
        return
    told = any(row.reason == words for row in _together(submission))
    if submission.move(State.READY, reason=words, fault=Submission.Fault.LEARNER) and not told:
        emails.not_known_yet(submission)


def _together(submission: Submission) -> list[Submission]:
    """Return the reports of the same claim to the same board, each as it stands now."""
    rows = Submission.objects.standing(submission.reference)
    rows = rows.filter(board=submission.board, learner=submission.learner_id)
    return list(rows.select_related("learner").order_by("pk"))


def _tell(submission: Submission, rows: list[Submission]) -> None:
    """Mail what was decided of these reports, unless the learner has read it before."""
    if submission.state == State.ACCEPTED:
        new = [row for row in rows if row.told_at is None]
        Submission.objects.filter(pk__in=[row.pk for row in new]).update(told_at=timezone.now())
        if new and not _was_told(submission, rows):
            emails.accepted(submission, rows)
    elif any(row.told_at or row.fault == Submission.Fault.LEARNER for row in rows):
        emails.rejected(submission, rows)


def _was_told(submission: Submission, rows: list[Submission]) -> bool:
    """Whether the learner has read of exactly this: a report that is replaced, or given leave again, says it anew."""
    earlier = Submission.objects.filter(reference=submission.reference, board=submission.board)
    told = earlier.exclude(told_at=None).exclude(pk__in=[row.pk for row in rows]).order_by("told_at")
    last = {row.completion["credit_type"]: row.completion["points"] for row in told}
    return bool(last) and all(last.get(row.completion["credit_type"]) == row.completion["points"] for row in rows)


def _follow_deletion(deletion: Submission, state: State) -> None:
    """What is deleted is taken back; what was to replace a record that is not deleted is held back."""
    if state == State.ACCEPTED:
        for added in Submission.objects.filter(credit_id=deletion.credit_id, action=Submission.Action.ADD):
            added.move(State.WITHDRAWN, reason=added.reason)
    elif state == State.REJECTED:
        for successor in Submission.objects.filter(after=deletion, state=State.READY):
            successor.move(State.HELD, reason=checks.NOT_DELETED)
