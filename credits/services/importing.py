"""Staff upload a list of attendance or completions, look at every row, import it, and may undo the whole."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import Count

from accounts.models import User
from audit.models import record
from credits import attendance
from credits.models import AttendanceImport, ImportedRow
from jobs.queue import enqueue
from jobs.transactions import short_write

State = AttendanceImport.State


class CannotImport(ValueError):
    """The list is not at the stage where this can be done."""


def upload(*, file: "File[bytes]", kind: str, actor: User, now: datetime) -> AttendanceImport:
    """Keep a list and have its rows checked; nothing is imported yet.

    Raises ValidationError for what is too large, not a table, or lacks columns.
    """
    if next(attendance.open_list(file, completions=kind == AttendanceImport.Kind.COMPLETION), None) is None:
        raise ValidationError("The table has no rows below its headers.")
    file.seek(0)
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    return _keep(file=file, digest=digest.hexdigest(), kind=kind, actor=actor, now=now)


@short_write
def _keep(*, file: "File[bytes]", digest: str, kind: str, actor: User, now: datetime) -> AttendanceImport:
    made = AttendanceImport(
        kind=kind, name=(file.name or "list")[:200], sha256=digest, uploaded_by=actor, uploaded_at=now
    )
    file.seek(0)
    made.file.save("list", file, save=False)
    made.save()
    _go_on(made, "check")
    record(action="uploaded a list", subject=made, actor=actor, after={"kind": kind})
    return made


@short_write
def carry_out(*, source: AttendanceImport, doubtful: bool, actor: User) -> None:
    """Import the rows that are ok, and the doubtful ones if staff say so; raises CannotImport."""
    _move(source, State.CHECKED, State.IMPORTING, imported_by=actor)
    if not doubtful:
        rows = source.rows.filter(verdict=ImportedRow.Verdict.DOUBTFUL)
        rows.update(state=ImportedRow.State.LEFT)
    _go_on(source, "import")
    record(action="imported a list", subject=source, actor=actor, after={"doubtful": doubtful})


@short_write
def leave_out(*, source: AttendanceImport, rows: Iterable[int], actor: User) -> int:
    """Leave doubtful rows out of a list before it is imported, and return how many; raises CannotImport."""
    if not AttendanceImport.objects.select_for_update().filter(pk=source.pk, state=State.CHECKED).exists():
        raise CannotImport("The list is imported already.")
    chosen = source.rows.filter(pk__in=list(rows), verdict=ImportedRow.Verdict.DOUBTFUL, state=ImportedRow.State.TODO)
    count = chosen.update(state=ImportedRow.State.LEFT)
    if not count:
        raise CannotImport("Tick at least one doubtful row.")
    record(action="left rows out of a list", subject=source, actor=actor, after={"rows": count})
    return count


@short_write
def undo(*, source: AttendanceImport, actor: User) -> None:
    """Take the whole list back; raises CannotImport."""
    _move(source, State.IMPORTED, State.UNDOING, undone_by=actor)
    _go_on(source, "undo")
    record(action="undid a list", subject=source, actor=actor)


def counts(source: AttendanceImport) -> dict[str, Any]:
    """Return how many rows have which verdict and which state."""
    rows = source.rows.order_by()
    verdicts = rows.values_list("verdict").annotate(Count("pk"))
    states = list(rows.values_list("state").annotate(Count("pk")))
    return {
        "verdicts": [(ImportedRow.Verdict(code).label, code, count) for code, count in verdicts],
        "states": [(ImportedRow.State(code).label, count) for code, count in states],
        "taken": sum(count for code, count in states if code in (ImportedRow.State.DONE, ImportedRow.State.HELD)),
    }


def _move(source: AttendanceImport, before: str, after: str, **who: User) -> None:
    """Go to the next stage, once, whoever asks first."""
    if not AttendanceImport.objects.filter(pk=source.pk, state=before).update(state=after, done=0, **who):
        raise CannotImport(
            "Somebody else has done this at the same moment, or it is still at work. Load the page again."
        )


def _go_on(source: AttendanceImport, verb: str) -> None:
    enqueue(f"credits.{verb}_list", source.pk)
