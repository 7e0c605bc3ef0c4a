"""Sends a completion and asks until the board has answered.

Before the request leaves, the submission is committed as SENDING; whatever happens to this process afterwards, the
next attempt sees that the record may have arrived and asks the registry before it sends again. A correction is a
deletion and an addition, one after the other: the deletion waits until the first record has arrived, the addition until
the deletion is confirmed. While the line to the registry is silent none of these jobs is taken.
"""

from datetime import datetime, timedelta

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs import failpoints
from jobs.models import Job
from jobs.queue import ensure, without_job
from jobs.registry import Later, handles, sweeps
from reporting import checks, emails, identities, line, pars, verdicts
from reporting.models import ActivityRecord, Exchange, Submission
from reporting.signals import activity_registered
from reporting.states import State

STILL_THERE = "The registry still has the record that was to be deleted."
NOTHING_TO_DELETE = "The registry does not have the record; there is nothing to delete."
LOST = "The registry does not know the record although it accepted it for processing."
FORGETS_FOR = timedelta(days=1)  # that long a record that was taken may be unknown before it is sent again
BUSY_FOR = timedelta(seconds=5)
ENOUGH = 1000  # attempts an hour apart: longer than ACCME's thirty days
FORGOTTEN_AFTER = timedelta(minutes=10)
AT_ONCE = 500


@handles("reporting.match", queue="reporting", max_attempts=ENOUGH, waits=line.is_silent)
def match(job: Job) -> None:
    """Ask whether the registry knows the learner, daily until it does; after five days the report leaves as it is."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    if submission.state != State.READY:
        return
    if identities.waits(submission):
        with job.holding():
            verdicts.wait_for_match(submission)
        raise Later(timezone.now() + identities.ASK_EVERY, "The registry does not know this learner yet.")
    with job.finishing():
        ensure("reporting.send", submission.pk, reference=submission.reference)


@handles("reporting.send", queue="reporting", max_attempts=ENOUGH, waits=line.is_silent)
def send(job: Job) -> None:
    """Bring the completion to PARS; ends as accepted for processing or refused."""
    submission = Submission.objects.select_related("learner", "after").get(pk=job.subject_id)
    if not _is_to_be_sent(submission) or _is_moot(job, submission):
        return
    try:
        _ask_or_send(job, submission)
    except pars.Refused as refusal:
        with job.finishing():
            _keep(submission, refusal.answer)
            verdicts.write_down(submission, State.REJECTED, str(refusal))
    except pars.NoAnswer as silence:
        with job.holding():
            _keep(submission, silence.answer)
            submission.move(State.UNKNOWN, reason=str(silence))
        raise
    except pars.NotTaken as closed:
        with job.holding():
            _keep(submission, closed.answer)
        if closed.answer.status == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(timezone.now() + BUSY_FOR, str(closed)) from closed
        raise


def _is_to_be_sent(submission: Submission) -> bool:
    return submission.state in (State.READY, State.SENDING, State.UNKNOWN) and submission.batch_id is None


def _is_moot(job: Job, submission: Submission) -> bool:
    """Whether there is nothing to send: nothing to delete, or a deletion that failed; raises Later while one waits."""
    earlier = submission.after
    if earlier is None:
        return False
    if submission.is_deletion:
        if earlier.state in (State.REJECTED, State.WITHDRAWN) and earlier.taken_at is None:
            with job.finishing():
                submission.move(State.ACCEPTED, reason=NOTHING_TO_DELETE)
            return True
        if earlier.state == State.ELSEWHERE:
            with job.finishing():
                submission.move(State.HELD, reason=checks.SEE_FIRST)
            return True
        arrived = earlier.is_decided or earlier.state == State.PENDING
    else:
        if earlier.state == State.REJECTED:
            with job.finishing():
                submission.move(State.HELD, reason=checks.NOT_DELETED)
            return True
        arrived = earlier.is_decided
    if not arrived:
        raise Later(timezone.now() + settings.PARS["poll"], f"It waits for {earlier.get_action_display()}.")
    return False


def _ask_or_send(job: Job, submission: Submission) -> None:
    """Send the record, unless an earlier attempt may have done so and the registry says that it has, or has not.

    What was taken back, held, or put into a file at this moment does not leave.
    """
    if submission.state in (State.SENDING, State.UNKNOWN):
        standing = pars.status(submission)
        if standing.is_known != submission.is_deletion:
            _arrived(job, submission, standing.answer)
            return
        if not submission.is_deletion and not submission.stands:
            _never_arrived(job, submission, standing.answer)
            return
        with job.holding():
            _keep(submission, standing.answer)
    with job.holding():
        leaves = submission.leave()
    if not leaves:
        return
    try:
        answer = pars.save(submission)
    except pars.NotTaken as closed:
        with job.holding():
            submission.move(State.READY, reason=str(closed))
        raise
    failpoints.reach("reporting.after-answer")
    _arrived(job, submission, answer)


def _arrived(job: Job, submission: Submission, answer: pars.Answer) -> None:
    """The registry has the record, or has deleted it: it is asked until the board has answered."""
    with job.finishing():
        _keep(submission, answer)
        submission.move(State.PENDING)
        ensure("reporting.poll", submission.pk, due=timezone.now() + settings.PARS["poll"], reference=job.reference)


def _never_arrived(job: Job, submission: Submission, answer: pars.Answer) -> None:
    """The registry does not know what is being taken back: it is not sent any more."""
    with job.finishing():
        _keep(submission, answer)
        submission.move(State.WITHDRAWN)


@handles("reporting.poll", queue="reporting", max_attempts=ENOUGH, waits=line.is_silent)
def poll(job: Job) -> None:
    """Ask for the board's decision; tell the learner when it has come."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    if submission.is_decided:
        return
    again = timezone.now() + settings.PARS["poll"]
    try:
        standing = pars.status(submission)
    except pars.ParsError as error:
        with job.holding():
            _keep(submission, error.answer)
        raise Later(again, str(error)) from error
    with job.holding():
        _keep(submission, standing.answer)
    if submission.is_deletion:
        _end_deletion(job, submission, gone=not standing.is_known)
    elif not standing.is_known:
        _end_unknown(job, submission, again)
    elif standing.decision == "pending":
        raise Later(again, "The board has not answered yet.")
    else:
        with job.finishing():
            verdicts.write_down(submission, State(standing.decision), standing.reason)


def _end_unknown(job: Job, submission: Submission, again: datetime) -> None:
    """What the registry no longer knows was taken back by us, or is sent once more when it stays unknown."""
    if not submission.stands:
        with job.finishing():
            submission.move(State.WITHDRAWN)
        return
    if submission.taken_at and timezone.now() < submission.taken_at + FORGETS_FOR:
        raise Later(again, LOST)
    with job.finishing():
        submission.move(State.UNKNOWN, reason=LOST)
        ensure("reporting.send", submission.pk, reference=submission.reference)


def _end_deletion(job: Job, submission: Submission, *, gone: bool) -> None:
    """A deletion is accepted when the registry does not know the record any more; then the record is taken back."""
    if not gone and timezone.now().date() > submission.report_by:
        with job.finishing():
            verdicts.write_down(submission, State.REJECTED, STILL_THERE)
        return
    if not gone and submission.taken_at and timezone.now() > submission.taken_at + FORGETS_FOR:
        with job.finishing():
            submission.move(State.UNKNOWN, reason=STILL_THERE)
            ensure("reporting.send", submission.pk, reference=submission.reference)
        return
    if not gone:
        raise Later(timezone.now() + settings.PARS["poll"], STILL_THERE)
    with job.finishing():
        verdicts.write_down(submission, State.ACCEPTED, "")


@handles("reporting.remind", queue="mail")
def remind(job: Job) -> None:
    """Remind the learner of what they alone can add to a report, if it is missing still and they want reminders."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    missing = submission.state == State.DRAFT and submission.learner_is_missing and submission.stands
    if missing and submission.learner.wants_reminders:
        with job.finishing():
            emails.incomplete(submission)


@handles("reporting.activity", queue="reporting", max_attempts=ENOUGH, waits=line.is_silent)
def send_activity(job: Job) -> None:
    """Bring an activity's record to PARS. After silence it is simply sent again: PARS knows it by the provider's ID."""
    record = ActivityRecord.objects.get(pk=job.subject_id)
    number, reason = "", ""
    try:
        number, answer = pars.save_activity(record.record)
    except pars.Refused as refusal:
        answer, reason = refusal.answer, str(refusal)
    with job.finishing():
        record.state = ActivityRecord.State.ACCEPTED if number else ActivityRecord.State.REJECTED
        record.number, record.reason, record.ended_at = number, reason, timezone.now()
        record.sent, record.answered = answer.sent, answer.body
        record.save()
        if number:
            activity_registered.send(ActivityRecord, record=record)


def _keep(submission: Submission, answer: pars.Answer) -> None:
    """Keep an exchange as evidence; the same once more is counted."""
    said = {"operation": answer.operation, "sent": answer.sent, "status": answer.status, "answered": answer.body}
    last = submission.exchanges.last()
    if last and all(getattr(last, name) == value for name, value in said.items()):
        Exchange.objects.filter(pk=last.pk).update(times=F("times") + 1, last_at=timezone.now())
    else:
        Exchange.objects.create(submission=submission, **said)


@sweeps
def find_forgotten(now: datetime) -> None:
    """Give work to what should be on its way and has no job: a restored backup, a job deleted by hand."""
    _give_work((State.READY, State.SENDING, State.UNKNOWN), now, "reporting.send", "reporting.match")
    _give_work((State.PENDING,), now, "reporting.poll")
    records = ActivityRecord.objects.filter(state=ActivityRecord.State.READY, made_at__lt=now - FORGOTTEN_AFTER)
    for record in without_job(records, "reporting.activity")[:AT_ONCE]:
        with transaction.atomic():
            ensure("reporting.activity", record.pk)


def _give_work(states: tuple[State, ...], now: datetime, kind: str, *or_kinds: str) -> None:
    due = Submission.objects.filter(state__in=states, send_at__lt=now - FORGOTTEN_AFTER)
    idle = without_job(due.filter(registry=Submission.Registry.PARS, batch=None), kind)
    for other in or_kinds:
        idle = without_job(idle, other)
    for submission in idle[:AT_ONCE]:
        with transaction.atomic():
            ensure(kind, submission.pk, reference=submission.reference)
