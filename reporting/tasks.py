"""Sends a completion and asks until the board has answered.

Before the request leaves, the submission is committed as SENDING; whatever happens to this process afterwards, the
next attempt sees that the record may have arrived and asks the registry before it sends again.
"""

from django.conf import settings
from django.utils import timezone

from jobs import failpoints
from jobs.models import Job
from jobs.queue import enqueue
from jobs.registry import Later, Permanent, handles
from reporting import emails, pars
from reporting.models import Exchange, Submission

State = Submission.State
LOST = "The registry does not know the record although it accepted it for processing."


@handles("reporting.send", queue="reporting", max_attempts=1000)  # an hour apart: longer than ACCME's 30 days
def send(job: Job) -> None:
    """Bring the completion to PARS; ends as accepted for processing or refused."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
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
    failpoints.reach("reporting.after-answer")
    with job.finishing():
        _keep(submission, answer)
        submission.move(State.PENDING)
        enqueue("reporting.poll", submission.pk, due=timezone.now() + settings.PARS["poll"], reference=job.reference)


def _ask_or_send(job: Job, submission: Submission) -> pars.Answer:
    """Send the record, unless an earlier attempt may have brought it there and the registry says so."""
    if submission.state in (State.SENDING, State.UNKNOWN):
        standing = pars.status(submission)
        if standing is not None:
            return standing.answer
    with job.holding():
        submission.move(State.SENDING)
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
    if standing is None:
        if timezone.now().date() > submission.report_by:
            raise Permanent(LOST)
        raise Later(again, LOST)
    if standing.decision == "pending":
        raise Later(again, "The board has not answered yet.")
    with job.finishing():
        _keep(submission, standing.answer)
        _decide(submission, State(standing.decision), standing.reason)


def _decide(submission: Submission, state: str, reason: str) -> None:
    """Write the decision and the learner's mail; call it in the transaction that ends the job."""
    submission.move(state, reason=reason)
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
