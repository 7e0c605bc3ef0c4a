"""Carries out what takes long: corrections of many claims, lists of attendance, and reminders.

Each row is its own transaction, together with the job's hold on its lease: a crash loses nothing and repeats nothing,
and one bad row stops no other. A job that has worked long enough goes on a moment later.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from activities import uploads
from activities.models import Activity
from certificates.models import Certificate
from credits import attendance, corrections, emails, following, importing, reminding, reports
from credits.attendance import Cells
from credits.models import (
    AttendanceImport,
    Claim,
    Correction,
    CorrectionRow,
    ImportedRow,
    LateGrant,
    Reminder,
    WrongCode,
)
from credits.models.attendance import LISTS
from credits.offer import CannotAward
from jobs.models import Job, LostLease
from jobs.queue import enqueue
from jobs.registry import Later, handles, sweeps
from reporting.models import Submission

logger = logging.getLogger(__name__)

SECONDS = 20.0
BATCH = 100
CHUNK = 500
Work = Callable[[Any, datetime], None]
UNEXPECTED = "Unexpected ({}): nothing was changed. Whoever runs the portal finds it in the log."
NOT_THE_ROWS_FAULT = (LostLease, OperationalError, SoftTimeLimitExceeded)
LOST = "The list is not here any more; bring it again."
UNDONE = AttendanceImport.State.UNDONE


@handles("credits.correct", queue="office")
def correct(job: Job) -> None:
    """Correct the claims of one decision, row by row."""
    end = time.monotonic() + SECONDS
    rows = CorrectionRow.objects.filter(correction=job.subject_id, state=CorrectionRow.State.TODO)
    for pk in list(rows.values_list("pk", flat=True)):
        if time.monotonic() > end:
            raise Later(timezone.now(), "Goes on.")
        _row_by_row(job, rows.filter(pk=pk), corrections.carry_out)
    with job.finishing():
        Correction.objects.filter(pk=job.subject_id).update(ended_at=timezone.now())


@handles("credits.remind", queue="mail")
def remind(job: Job) -> None:
    """Remind who has begun and not claimed, as things stand now; then wait for the next moment, if there is one."""
    activity = Activity.objects.with_credit().get(pk=job.subject_id)
    now, end = timezone.now(), time.monotonic() + SECONDS
    days = reminding.days_due(activity, now)
    while days is not None and activity.state == Activity.State.PUBLISHED and activity.is_claimed_by_learners:
        people = list(reminding.forgetful(activity, days)[:BATCH])
        if not people:
            break
        with job.holding():
            Reminder.objects.bulk_create(
                Reminder(activity=activity, learner=person, days=days, sent_at=now) for person in people
            )
            for person in people:
                emails.reminded(activity, person)
        if time.monotonic() > end:
            raise Later(timezone.now(), "Goes on.")
    following = reminding.next_moment(activity, now)
    if following > now:
        raise Later(following)


@handles("credits.remind_late", queue="mail")
def remind_late(job: Job) -> None:
    """Remind one person of their own end; a grant that was moved since has a job of its own."""
    grant = LateGrant.objects.select_related("learner", "activity__provider").filter(pk=job.subject_id).first()
    with job.finishing():
        if grant and job.key == reminding.key_of(grant) and reminding.has_forgotten(grant, timezone.now()):
            emails.reminded(grant.activity, grant.learner, grant)


@handles("credits.check_list", queue="office")
def check_list(job: Job) -> None:
    """Judge a list's rows, a chunk at the least; the file is not kept longer than that."""
    source, end = AttendanceImport.objects.get(pk=job.subject_id), time.monotonic() + SECONDS
    if source.state != AttendanceImport.State.CHECKING:
        return
    try:
        with source.file.open("rb") as file:
            rows = islice(attendance.open_list(file, completions=source.awards), source.done, None)
            for numbered in batched(rows, CHUNK):
                with job.holding():
                    ImportedRow.objects.bulk_create(attendance.judged(source, numbered, timezone.now()))
                    source.done += len(numbered)
                    source.save(update_fields=["done"])
                if time.monotonic() > end:
                    raise Later(timezone.now(), "Goes on.")
    except ValidationError as refusal:
        _end_check(job, source, AttendanceImport.State.REFUSED, " ".join(refusal.messages))
        return
    except FileNotFoundError:
        _end_check(job, source, AttendanceImport.State.REFUSED, LOST)
        return
    _end_check(job, source, AttendanceImport.State.CHECKED, "")


def _end_check(job: Job, source: AttendanceImport, state: str, refusal: str) -> None:
    with job.finishing():
        source.state, source.refusal, source.total = state, refusal, source.rows.count()
        source.save(update_fields=["state", "refusal", "total"])
    source.file.storage.delete(source.file.name or "")  # after a crash here the sweep does it


@handles("credits.import_list", queue="office")
def import_list(job: Job) -> None:
    """Import the rows that are to be imported; those of people we do not know are held."""
    _work_off(
        job, AttendanceImport.State.IMPORTING, AttendanceImport.State.IMPORTED, (ImportedRow.State.TODO,), _import
    )


@handles("credits.undo_list", queue="office")
def undo_list(job: Job) -> None:
    """Take every imported row back."""
    done = (ImportedRow.State.DONE, ImportedRow.State.HELD)
    _work_off(job, AttendanceImport.State.UNDOING, AttendanceImport.State.UNDONE, done, importing.undo)


def _work_off(job: Job, here: str, there: str, states: tuple[str, ...], work: Work) -> None:
    """Do one thing to every row in these states, the last row first, and move the list on when none is left."""
    source, end = AttendanceImport.objects.get(pk=job.subject_id), time.monotonic() + SECONDS
    if source.state != here:
        return
    rows = ImportedRow.objects.filter(source=source, state__in=states).select_related(
        "source__imported_by", "source__undone_by", "source__uploaded_by", "activity__provider", "session", "learner"
    )
    numbers = rows.order_by("-number" if there == UNDONE else "number").values_list("pk", flat=True)
    for done, pk in enumerate(list(numbers), start=1):
        _row_by_row(job, rows.filter(pk=pk), work)
        over = time.monotonic() > end
        if done % BATCH == 0 or over:
            AttendanceImport.objects.filter(pk=source.pk).update(done=F("done") + (done % BATCH or BATCH))
        if over:
            raise Later(timezone.now(), "Goes on.")
    with job.finishing():
        AttendanceImport.objects.filter(pk=source.pk, state=here).update(state=there, done=F("total"))
        if there == AttendanceImport.State.IMPORTED:
            importing.join_latecomers(source, timezone.now())
            for activity in Activity.objects.filter(pk__in=source.rows.values("activity")):
                reminding.plan(activity, timezone.now())


def _row_by_row(job: Job, rows: QuerySet[Any], work: Work) -> None:
    """Do one thing to one row as it stands now, in a transaction of its own; what goes wrong stays with the row."""
    try:
        with job.holding():
            locked = rows.select_for_update(of=("self",)).first()
            if locked:
                work(locked, timezone.now())
    except NOT_THE_ROWS_FAULT:
        raise
    except Exception as fault:
        words = str(fault) if isinstance(fault, CannotAward) else UNEXPECTED.format(type(fault).__name__)
        if not isinstance(fault, CannotAward):
            logger.exception("A row of %s failed.", job.key)
        rows.update(state="failed", words=words[:300])


def _import(row: ImportedRow, now: datetime) -> None:
    """Import a row, hold it, or leave it out, as its verdict says."""
    verdicts = ImportedRow.Verdict
    if row.verdict == verdicts.SAME and row.source.awards:
        ImportedRow.objects.filter(pk=row.pk).update(state=ImportedRow.State.LEFT)
    elif row.verdict == verdicts.WAITING:
        importing.hold(row, now)
    else:
        importing.write(row, now)


def batched(rows: Iterable[tuple[int, Cells]], size: int) -> Iterator[list[tuple[int, Cells]]]:
    """Return the rows in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


@handles("credits.follow", queue="office")
def follow(job: Job) -> None:
    """Let certificates and reports of an activity that was changed follow it, from one claim on; another job goes on.

    At the end the office is told which certificates were sent and say something else.
    """
    now, claim = timezone.now(), Claim.objects.get(pk=job.subject_id)
    activity = Activity.objects.with_words().get(pk=claim.activity_id)
    claims = list(Claim.objects.filter(activity=activity, pk__gte=claim.pk).order_by("pk")[: CHUNK + 1])
    references = [row.reference for row in claims[:CHUNK]]
    issued = Certificate.objects.standing().filter(reference__in=references)
    added = Submission.objects.filter(reference__in=references, action=Submission.Action.ADD, decided_at=None)
    with job.finishing():
        following.follow_certificates(activity, list(issued.select_for_update(of=("self",)).order_by("pk")), now)
        following.follow_reports(activity, list(added.select_for_update(of=("self",)).order_by("pk")))
        if len(claims) > CHUNK:
            change, following_claim = job.key.rpartition(":")[0], claims[CHUNK].pk
            enqueue("credits.follow", following_claim, key=f"{change}:{following_claim}")
        else:
            following.tell_the_office(activity, now)


@sweeps
def forget_lists(now: datetime) -> None:
    """Delete lists that were checked, and those that a crash left behind without a row."""
    needed = AttendanceImport.objects.filter(state=AttendanceImport.State.CHECKING)
    uploads.forget_orphans(AttendanceImport.file.field, LISTS, needed.values_list("file", flat=True), now)


@sweeps
def forget_wrong_codes(now: datetime) -> None:
    """Delete what was counted of codes that did not fit, a year later."""
    WrongCode.objects.filter(at__lt=now - WrongCode.KEPT_FOR).delete()


@sweeps
def look_at_drafts_again(_now: datetime) -> None:
    """Let reports leave for which the office has entered what was missing."""
    drafts = Submission.objects.filter(state=Submission.State.DRAFT).select_related("learner")
    for submission in drafts.order_by("?")[:CHUNK]:  # in any order, so that each has its turn
        try:
            with transaction.atomic():
                reports.refresh(submission)
        except NOT_THE_ROWS_FAULT:
            raise
        except Exception:
            logger.exception("Draft %s cannot be looked at again; the others can.", submission.pk)
