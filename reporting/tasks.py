"""Sends a completion and asks until the board has answered.

Before the request leaves, the submission is committed as SENDING; whatever happens to this process afterwards, the
next attempt sees that the record may have arrived and asks the registry before it sends again. That the registry does
not know a record is believed only when it says so itself, for a day after the record last left: a request can arrive
late, an index can lag, and what answers may stand in between. A correction is a deletion and an addition, one after the
other: the deletion waits until the first record has arrived, the addition until the deletion is confirmed. While the
line to the registry is silent none of these jobs is taken, and each draws its turn when it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs import failpoints
from jobs.models import Job
from jobs.queue import ensure, without_job
from jobs.registry import Again, Later, handles, sweeps
from reporting import checks, emails, identities, line, pars, verdicts
from reporting.models import ActivityRecord, Exchange, Submission
from reporting.signals import activity_registered
from reporting.states import State

STILL_THERE = "The registry still has the record that was to be deleted."
NOTHING_TO_DELETE = "The registry does not have the record; there is nothing to delete."
ABSENT = "The registry says that it does not have the record. It may still arrive, so it is asked again."
LOST = "The registry does not know the record although it accepted it for processing."
FORGETS_FOR = timedelta(days=1)  # after which a deletion that shows no effect is asked for again
ASK_AFTER = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
LOOK_AGAIN_FOR, LOOK_AGAIN_EVERY = timedelta(days=5), timedelta(days=1)  # boards think better of a rejection
ENOUGH = 1000  # attempts an hour apart: longer than ACCME's thirty days
FORGOTTEN_AFTER = timedelta(minutes=10)
AT_ONCE = 500
asks_pars = partial(handles, queue="reporting", max_attempts=ENOUGH, waits=line.is_silent, turn=line.draw)


@asks_pars("reporting.match")
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


@asks_pars("reporting.send")
def send(job: Job) -> None:
    """Bring the completion to PARS, or find out whether an earlier attempt did; a deletion is simply asked for again.

    Its CreditID is never used again, so that a deletion which arrives twice, or late, deletes nothing else.
    """
    submission = Submission.objects.select_related("learner", "after").get(pk=job.subject_id)
    if not _is_to_be_sent(submission) or _is_moot(job, submission):
        return
    with _expecting(job, submission):
        if submission.state == State.READY or submission.is_deletion:
            _send(job, submission)
        else:
            _ask(job, submission)


def _is_to_be_sent(submission: Submission) -> bool:
    return submission.state in (State.READY, State.SENDING, State.UNKNOWN) and submission.batch_id is None


@contextmanager
def _expecting(job: Job, submission: Submission) -> Iterator[None]:
    """Write down what a registry can answer beside an answer, and when to go on."""
    try:
        yield
    except pars.Refused as refusal:
        with job.finishing():
            _keep(submission, refusal.answer)
            verdicts.write_down(submission, State.REJECTED, str(refusal))
    except pars.Contradiction as both:
        with job.holding():
            _keep(submission, both.answer)
            to = State.UNKNOWN if submission.state == State.SENDING else State(submission.state)
            submission.move(to, reason=str(both), fault=Submission.Fault.OFFICE)
        raise Later(timezone.now() + settings.PARS["poll"], str(both)) from both
    except pars.NoAnswer as silence:
        with job.holding():
            _keep(submission, silence.answer)
            submission.move(State.UNKNOWN, reason=str(silence))
        raise Again(str(silence)) from silence
    except pars.NotTaken as closed:
        with job.holding():
            _keep(submission, closed.answer)
        if closed.answer.status == httpx.codes.TOO_MANY_REQUESTS:
            raise Later(timezone.now(), str(closed)) from closed  # the next turn is when the registry allows it
        raise Again(str(closed)) from closed


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


def _send(job: Job, submission: Submission) -> None:
    """Send the record; what was taken back, held, or put into a file at this moment does not leave."""
    request = pars.prepared(submission)
    with job.holding():
        leaves = submission.leave()
    if not leaves:
        return
    try:
        answer = pars.save(submission, request)
    except pars.NotTaken as closed:
        with job.holding():
            submission.move(State.READY, reason=str(closed))
        raise
    failpoints.reach("reporting.after-answer")
    _arrived(job, submission, answer)


def _ask(job: Job, submission: Submission) -> None:
    """Find out whether a record that may have left has arrived; it is sent again only when it certainly has not."""
    standing, now = pars.status(submission), timezone.now()
    if standing.is_known:
        submission.note_seen(now)
        _arrived(job, submission, standing.answer)
        return
    with job.holding():
        _keep(submission, standing.answer)
        submission.note_absent(now)
    final = _absence_is_final_at(submission)
    if now < final:
        with job.holding():
            submission.move(State.UNKNOWN, reason=ABSENT)
        raise Later(min(_next_question(submission, now), final), ABSENT)
    with job.finishing():
        if not submission.stands:
            submission.move(State.WITHDRAWN)
        elif submission.move(State.READY):
            ensure("reporting.send", submission.pk, reference=submission.reference)


def _absence_is_final_at(submission: Submission) -> datetime:
    """Return from when on nothing can arrive any more, if the registry goes on saying that it has nothing."""
    absent_since = submission.absent_since or timezone.now()
    left = submission.attempted_at or submission.taken_at or absent_since
    final: datetime = max(absent_since, left) + settings.PARS["settle"]
    return final


def _next_question(submission: Submission, now: datetime) -> datetime:
    """Return when to ask next: after minutes, then hours, then a day."""
    left = submission.attempted_at or now
    return next((left + pause for pause in ASK_AFTER if left + pause > now), now + ASK_AFTER[-1])


def _arrived(job: Job, submission: Submission, answer: pars.Answer) -> None:
    """The registry has the record, or has taken the deletion: it is asked until the board has answered."""
    with job.finishing():
        _keep(submission, answer)
        submission.move(State.PENDING)
        ensure("reporting.poll", submission.pk, due=timezone.now() + settings.PARS["poll"], reference=job.reference)


@asks_pars("reporting.poll")
def poll(job: Job) -> None:
    """Ask for the board's decision; tell the learner when it has come."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    if submission.is_decided:
        return
    again = timezone.now() + settings.PARS["poll"]
    standing = _standing(job, submission, again)
    if submission.is_deletion:
        _end_deletion(job, submission, again, gone=not standing.is_known)
    elif not standing.is_known:
        _end_unknown(job, submission, again)
    elif standing.decision == "pending":
        raise Later(again, "The board has not answered yet.")
    else:
        with job.finishing():
            verdicts.write_down(submission, State(standing.decision), standing.reason)


def _standing(job: Job, submission: Submission, again: datetime) -> pars.Standing:
    """Ask what the registry knows of a record, and keep it; raises Later when it does not say."""
    try:
        standing = pars.status(submission)
    except pars.ParsError as error:
        with job.holding():
            _keep(submission, error.answer)
            if isinstance(error, pars.Contradiction):
                submission.move(State(submission.state), reason=str(error), fault=Submission.Fault.OFFICE)
        raise Later(again, str(error)) from error
    with job.holding():
        _keep(submission, standing.answer)
        (submission.note_seen if standing.is_known else submission.note_absent)(timezone.now())
    return standing


def _end_unknown(job: Job, submission: Submission, again: datetime) -> None:
    """What the registry no longer knows was taken back by us, or is sent once more when it stays unknown."""
    final = _absence_is_final_at(submission)
    if timezone.now() < final:
        raise Later(min(again, final), LOST)
    if not submission.stands:
        with job.finishing():
            submission.move(State.WITHDRAWN)
        return
    with job.finishing():
        submission.move(State.UNKNOWN, reason=LOST)
        ensure("reporting.send", submission.pk, reference=submission.reference)


def _end_deletion(job: Job, submission: Submission, again: datetime, *, gone: bool) -> None:
    """A deletion is accepted when the registry goes on saying that it does not know the record any more.

    What it was seen to have is gone soon; what it was never seen to have may only not be shown yet.
    """
    now = timezone.now()
    if gone:
        added = Submission.objects.filter(credit_id=submission.credit_id, action=Submission.Action.ADD)
        was_seen = added.exclude(seen_at=None).exists()
        since: datetime = submission.absent_since or now
        final = since + settings.PARS["confirm" if was_seen else "settle"]
        if now < final:
            raise Later(min(again, final), "The registry does not show the record any more; it is asked once more.")
        with job.finishing():
            verdicts.write_down(submission, State.ACCEPTED, "")
        return
    if now.date() > submission.report_by:
        with job.finishing():
            verdicts.write_down(submission, State.REJECTED, STILL_THERE)
        return
    if submission.taken_at and now > submission.taken_at + FORGETS_FOR:
        with job.finishing():
            submission.move(State.UNKNOWN, reason=STILL_THERE)
            ensure("reporting.send", submission.pk, reference=submission.reference)
        return
    raise Later(again, STILL_THERE)


@asks_pars("reporting.look_again")
def look_again(job: Job) -> None:
    """Ask once a day, for some days, whether a board has thought better of a rejection."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    if submission.state != State.REJECTED or submission.decided_at is None or not submission.stands:
        return
    now = timezone.now()
    standing = _standing(job, submission, now + LOOK_AGAIN_EVERY)
    if standing.decision == "accepted":
        with job.finishing():
            verdicts.write_down(submission, State.ACCEPTED, "")
    elif now < submission.decided_at + LOOK_AGAIN_FOR:
        raise Later(now + LOOK_AGAIN_EVERY, "It is still rejected.")


@handles("reporting.remind", queue="mail")
def remind(job: Job) -> None:
    """Remind the learner of what they alone can add to a report, if it is missing still and they want reminders."""
    submission = Submission.objects.select_related("learner").get(pk=job.subject_id)
    missing = submission.state == State.DRAFT and submission.learner_is_missing and submission.stands
    if missing and submission.learner.wants_reminders:
        with job.finishing():
            emails.incomplete(submission)


@asks_pars("reporting.activity")
def send_activity(job: Job) -> None:
    """Bring an activity's record to PARS. After silence it is simply sent again: PARS knows it by the provider's ID."""
    record = ActivityRecord.objects.get(pk=job.subject_id)
    number, reason = "", ""
    try:
        number, answer = pars.save_activity(record.record)
    except pars.Refused as refusal:
        answer, reason = refusal.answer, str(refusal)
    except pars.ParsError as error:
        raise Again(str(error)) from error
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
