"""Compares an uploaded table of a registry with our reports, and takes its decisions over; tables are not kept."""

import time
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from activities import uploads
from jobs.models import Job
from jobs.registry import Later, handles, sweeps
from office import comparing, registry_tables, taking_over
from office.models import Difference, Reconciliation
from office.models.reconciliation import TABLES

State = Reconciliation.State
CHUNK = 500
SECONDS = 20.0
KEPT = timedelta(days=7)  # a table whose columns nobody has named
LOST = "The table is not here any more; bring it again."


@handles("office.reconcile", queue="office")
def reconcile(job: Job) -> None:
    """Write the differences; a table that cannot be read is refused in words."""
    found = Reconciliation.objects.get(pk=job.subject_id)
    if found.state != State.COMPARING:
        return
    differences: list[Difference] = []
    total, same, refusal = 0, 0, ""
    try:
        with found.file.open("rb") as upload:
            differences, total, same = comparing.compare(found, registry_tables.rows(upload, found.columns))
    except ValidationError as error:
        refusal = " ".join(error.messages)
    except FileNotFoundError:
        refusal = LOST
    with job.finishing():
        Difference.objects.bulk_create(differences, batch_size=CHUNK)
        Reconciliation.objects.filter(pk=found.pk).update(
            state=State.REFUSED if refusal else State.COMPARED, refusal=refusal, total=total, same=same
        )
    _forget_table(found)


@handles("office.take_over", queue="office")
def take_over(job: Job) -> None:
    """Write decisions down, some at a time, and go on a moment later when it takes long."""
    found, end = Reconciliation.objects.get(pk=job.subject_id), time.monotonic() + SECONDS
    while True:
        with job.holding():
            more = taking_over.take_over_some(reconciliation=found)
        if not more:
            return
        if time.monotonic() > end:
            raise Later(timezone.now(), "More decisions follow.")


@sweeps
def forget_tables(now: datetime) -> None:
    """Delete tables that were compared, and those that nobody went on with."""
    tables = Reconciliation.objects.exclude(file="")
    for found in tables.exclude(state=State.COMPARING).exclude(state=State.NEW, uploaded_at__gt=now - KEPT):
        Reconciliation.objects.filter(pk=found.pk, state=State.NEW).update(state=State.REFUSED, refusal=LOST)
        _forget_table(found)


@sweeps
def forget_orphans(now: datetime) -> None:
    """Delete tables that a crash left behind without a row."""
    kept = Reconciliation.objects.exclude(file="").values_list("file", flat=True)
    uploads.forget_orphans(Reconciliation.file.field, TABLES, kept, now)


def _forget_table(found: Reconciliation) -> None:
    """Delete the file first: a crash between the two leaves a name that the sweep finds."""
    found.file.delete(save=False)
    Reconciliation.objects.filter(pk=found.pk).update(file="")
