"""The office brings a registry's table, names its columns, and acts on each difference."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import QuerySet

from accounts.models import User
from audit.models import record
from jobs.queue import enqueue
from jobs.transactions import short_write
from office import registry_tables
from office.models import Difference, Reconciliation
from office.registry_tables import FIELDS, NEEDED
from reporting.models import Submission
from reporting.services import batching, deciding
from reporting.services.batching import Result
from reporting.services.correcting import CannotCorrect
from reporting.states import State

AT_ONCE = 200
TAKEN_OVER, LEFT = "taken over", "left: our report is {}"


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


def take_over(*, differences: QuerySet[Difference], actor: User) -> int:
    """Write the registry's decisions down as ours; returns how many. What is past it is left, and says so."""
    rows = list(differences.filter(kind=Difference.Kind.DECISION, done="").select_related("submission"))
    counted = 0
    for start in range(0, len(rows), AT_ONCE):
        counted += _take_over(rows[start : start + AT_ONCE], actor)
    return counted


@short_write
def _take_over(rows: list[Difference], actor: User) -> int:
    named = _named(rows)
    results = [Result(submission, State(row.decision), row.words) for row, submission in named]
    moved = sum(batching.settle(results=results, actor=actor).values())
    for row, submission in named:
        submission.refresh_from_db()
        same = submission.state == row.decision
        _done(row, TAKEN_OVER if same else LEFT.format(submission.get_state_display()))
    return moved


def ask_again(*, differences: QuerySet[Difference], actor: User, reason: str, now: datetime) -> int:
    """Ask the registry again about what is not there; returns about how many."""
    asked = 0
    rows = differences.filter(kind=Difference.Kind.MISSING, done="").select_related("submission")
    for row, submission in _named(rows):
        try:
            deciding.send_again(submission=submission, actor=actor, reason=reason, now=now)
        except (deciding.CannotDecide, CannotCorrect) as refusal:
            _done(row, str(refusal))
        else:
            _done(row, "asked again")
            asked += 1
    return asked


@short_write
def set_aside(*, differences: Iterable[Difference], actor: User, reason: str) -> None:
    """Settle differences by a word of the office; raises CannotReconcile without one."""
    words = reason.replace("\0", "").strip()[:280]
    if not words:
        raise CannotReconcile("Say why: the words are kept with the difference.")
    for row in differences:
        _done(row, words)
        record(action="set a difference aside", subject=row, actor=actor, reason=words)


def _named(rows: Iterable[Difference]) -> list[tuple[Difference, Submission]]:
    """Return the differences that are about a report of ours, each with it."""
    return [(row, row.submission) for row in rows if row.submission]


def _done(row: Difference, words: str) -> None:
    Difference.objects.filter(pk=row.pk).update(done=words[:300])
