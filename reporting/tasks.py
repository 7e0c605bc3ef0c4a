"""Sends a completion and asks until the board has answered.

Before the request leaves, the submission is committed as SENDING; whatever happens to this process afterwards, the
next attempt sees that the record may have arrived and asks the registry before it sends again. A correction is a
deletion and an addition, one after the other: the deletion waits until the first record has arrived, the addition until
the deletion is confirmed.
"""

import httpx
from django.conf import settings
from django.utils import timezone

from jobs import failpoints
from jobs.models import Job
from jobs.queue import enqueue
from jobs.registry import Later, Permanent, handles
from reporting import emails, pars
from reporting.models import Exchange, Submission

State = Submission.State
NOT_DELETED = "The registry did not delete the record that this one replaces; sending it would count the credit twice."
STILL_THERE = "The registry still has the record that was to be deleted."
NOTHING_TO_DELETE = "The registry does not have the record; there is nothing to delete."
LOST = "The registry does not know the record although it accepted it for processing."


@handles("reporting.send", queue="reporting", max_attempts=1000)  # an hour apart: longer than ACCME's 30 days
def send(job: Job) -> None:
    """Bring the completion to PARS; ends as accepted for processing or refused."""
    submission = Submission.objects.select_related("learner", "after").get(pk=job.subject_id)
    if submission.is_decided or _is_moot(job, submission):
        return
    try:
        answer = _ask_or_send(job, submission)
    except pars.Refused as refusal:
        with job.finishing():
            _keep(submission, refusal.answer)
            _decide(submission, State.REJECTED, str(refusal))
        return
    except pars.NoAnswer as silence:
        with job.holding():
            _keep(submission, silence.answer)
            submission.move(State.UNKNOWN, reason=str(silence))
        raise
    except pars.NotTaken as closed:
        with job.holding():
            _keep(submission, closed.answer)
        raise
    if answer is None:
        return
    failpoints.reach("reporting.after-answer")
    with job.finishing():
        _keep(submission, answer)
        submission.move(State.PENDING)
        enqueue("reporting.poll", submission.pk, due=timezone.now() + settings.PARS["poll"], reference=job.reference)


def _is_moot(job: Job, submission: Submission) -> bool:
    """Whether there is nothing to delete; raises Later while the record that this one waits for is on its way."""
    earlier = submission.after
    if earlier is None:
        return False
    if submission.is_deletion:
        if earlier.state in (State.REJECTED, State.WITHDRAWN):
            with job.finishing():
                submission.move(State.ACCEPTED, reason=NOTHING_TO_DELETE)
            return True
        arrived = earlier.state in (State.PENDING, State.ACCEPTED)
    else:
        if earlier.state == State.REJECTED:
            raise Permanent(NOT_DELETED)
        arrived = earlier.is_decided
    if not arrived:
        raise Later(timezone.now() + settings.PARS["poll"], f"It waits for {earlier.get_action_display()}.")
    return False


def _ask_or_send(job: Job, submission: Submission) -> pars.Answer | None:
    """Send the record, unless an earlier attempt may have done so and the registry says it did.

    None means that it was taken back at this moment and never leaves.
    """
    if submission.state in (State.SENDING, State.UNKNOWN):
        standing = pars.status(submission)
        if standing is not None and not submission.is_deletion:
            return standing.answer
        if standing is None and submission.is_deletion:
            return pars.Answer("status", {"CreditId": submission.credit_id}, httpx.codes.NOT_FOUND, {})
    with job.holding():
        submission.move(State.SENDING)
    if submission.state == State.WITHDRAWN:
        return None
    try:
        return pars.save(submission)
    except pars.NotTaken as closed:
        with job.holding():
            submission.move(State.READY, reason=str(closed))
        raise


@handles("reporting.poll", queue="reporting", max_attempts=1000)
def poll(job: Job) -> None:
    """Ask for the board's decision; tell the learner when it has come."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    again = timezone.now() + settings.PARS["poll"]
    try:
        standing = pars.status(submission)
    except pars.ParsError as error:
        with job.holding():
            _keep(submission, error.answer)
        raise Later(again, str(error)) from error
    if submission.is_deletion:
        _end_deletion(job, submission, gone=standing is None)
        return
    if standing is None and not Submission.objects.standing(submission.reference).filter(pk=submission.pk).exists():
        with job.finishing():
            submission.move(State.WITHDRAWN)
        return
    if standing is None:
        if timezone.now().date() > submission.report_by:
            raise Permanent(LOST)
        raise Later(again, LOST)
    if standing.decision == "pending":
        raise Later(again, "The board has not answered yet.")
    with job.finishing():
        _keep(submission, standing.answer)
        _decide(submission, State(standing.decision), standing.reason)


def _end_deletion(job: Job, submission: Submission, *, gone: bool) -> None:
    """A deletion is accepted when the registry does not know the record any more."""
    if not gone and timezone.now().date() > submission.report_by:
        raise Permanent(STILL_THERE)
    if not gone:
        raise Later(timezone.now() + settings.PARS["poll"], STILL_THERE)
    with job.finishing():
        submission.move(State.ACCEPTED)


def _decide(submission: Submission, state: str, reason: str) -> None:
    """Write the decision and the learner's mail; call it in the transaction that ends the job.

    Of a deletion, and of a record that is being taken back, learners are told by the portal's own pages only.
    """
    submission.move(state, reason=reason)
    if not Submission.objects.standing(submission.reference).filter(pk=submission.pk).exists():
        return
    if state == State.ACCEPTED:
        emails.accepted(submission)
    else:
        emails.rejected(submission)


def _keep(submission: Submission, answer: pars.Answer) -> None:
    Exchange.objects.create(
        submission=submission,
        operation=answer.operation,
        sent=answer.sent,
        status=answer.status,
        answered=answer.body,
    )
