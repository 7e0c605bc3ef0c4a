"""The office brings a registry's table, names its columns, and acts on each difference."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import QuerySet

from accounts.models import User
from audit.models import record
from jobs.queue import enqueue, ensure
from jobs.transactions import short_write
from office import registry_tables
from office.models import Difference, Reconciliation
from office.registry_tables import FIELDS, NEEDED
from office.taking_over import done, named
from reporting.models import Submission
from reporting.services import correcting, deciding

Acted = tuple[int, list[str]]  # for how many reports, and what was refused of the others


class CannotReconcile(ValueError):
    """The step is incomplete or too late; the words say what to do."""


def upload(*, file: "File[bytes]", kind: str, actor: User, now: datetime) -> Reconciliation:
    """Keep a table until it is compared; raises ValidationError for what is no table."""
    headers = registry_tables.headers(file)
    if not headers:
        raise ValidationError("The table has no headers in its first row.")
    return _keep(file=file, kind=kind, headers=headers, actor=actor, now=now)


@short_write
def _keep(*, file: "File[bytes]", kind: str, headers: list[str], actor: User, now: datetime) -> Reconciliation:
    made = Reconciliation(
        kind=kind, name=(file.name or "table")[:200], headers=headers, columns=registry_tables.guess(headers),
        uploaded_by=actor, uploaded_at=now,
    )  # fmt: skip
    file.seek(0)
    made.file.save("table", file, save=False)
    made.save()
    record(action="uploaded a registry's table", subject=made, actor=actor, after={"kind": kind})
    return made


@short_write
def compare(*, reconciliation: Reconciliation, columns: Mapping[str, int]) -> None:
    """Have the table compared by these columns; raises CannotReconcile."""
    missing = [FIELDS[name][0] for name in NEEDED if name not in columns]
    if missing:
        raise CannotReconcile(f"Choose the columns for: {', '.join(missing)}.")
    rows = Reconciliation.objects.filter(pk=reconciliation.pk, state=Reconciliation.State.NEW)
    if not rows.update(columns=dict(columns), state=Reconciliation.State.COMPARING):
        raise CannotReconcile("This table is compared already. Load the page again.")
    enqueue("office.reconcile", reconciliation.pk)


@short_write
def take_over(*, reconciliation: Reconciliation, actor: User) -> int:
    """Have the registry's decisions written down as ours, by a job; returns how many there are."""
    open_ones = reconciliation.differences.filter(kind=Difference.Kind.DECISION, done="").count()
    Reconciliation.objects.filter(pk=reconciliation.pk).update(taken_over_by=actor)
    ensure("office.take_over", reconciliation.pk)
    record(action="took decisions over", subject=reconciliation, actor=actor, after={"decisions": open_ones})
    return open_ones


def ask_again(*, differences: QuerySet[Difference], actor: User, reason: str, now: datetime) -> Acted:
    """Ask the registry again about what is not there; raises CannotReconcile without a reason."""
    told: dict[str, Any] = {"actor": actor, "reason": _said(reason), "now": now}
    rows = differences.filter(kind=Difference.Kind.MISSING)
    return _act(rows, "asked again", lambda submission: deciding.send_again(submission=submission, **told))


def report_again(*, differences: QuerySet[Difference], actor: User, reason: str, now: datetime) -> Acted:
    """Have what stands there with another amount deleted, and added with ours; raises CannotReconcile without a reason.

    What was rejected or never arrived is corrected by the queue, and refused here.
    """
    told: dict[str, Any] = {"actor": actor, "reason": _said(reason), "now": now}
    rows = differences.filter(kind=Difference.Kind.AMOUNT)
    return _act(rows, "reported again", lambda submission: correcting.replace(submission=submission, **told))


def delete_again(*, differences: QuerySet[Difference], actor: User, reason: str, now: datetime) -> Acted:
    """Have the registry delete what was taken back here and still stands there; raises CannotReconcile."""
    told: dict[str, Any] = {"actor": actor, "reason": _said(reason), "now": now}
    rows = differences.filter(kind=Difference.Kind.LEFTOVER)
    return _act(rows, "deleted again", lambda submission: deciding.delete_again(submission=submission, **told))


def _act(rows: QuerySet[Difference], words: str, act: Callable[[Submission], object]) -> Acted:
    """Act on the report of each difference that is open; one refusal stops no other."""
    count, refused = 0, []
    for row, submission in named(rows.filter(done="").select_related("submission")):
        try:
            act(submission)
        except (deciding.CannotDecide, correcting.CannotCorrect) as refusal:
            refused.append(f"{submission.credit_id}: {refusal}")
        else:
            done(row, words)
            count += 1
    return count, refused


@short_write
def set_aside(*, differences: Iterable[Difference], actor: User, reason: str) -> None:
    """Settle differences by a word of the office; raises CannotReconcile without one."""
    words = _said(reason)
    for row in differences:
        done(row, words)
        record(action="set a difference aside", subject=row, actor=actor, reason=words)


def _said(reason: str) -> str:
    words = reason.strip()[:280]
    if not words:
        raise CannotReconcile("Say why: the words are kept with the difference.")
    return words
