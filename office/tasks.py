"""Compares an uploaded table of a registry with our reports; the table is deleted afterwards."""

from django.core.exceptions import ValidationError

from jobs.models import Job
from jobs.registry import handles
from office import comparing, registry_tables
from office.models import Difference, Reconciliation

State = Reconciliation.State
CHUNK = 500


@handles("office.reconcile", queue="office")
def reconcile(job: Job) -> None:
    """Write the differences; a table that cannot be read is refused in words."""
    found = Reconciliation.objects.get(pk=job.subject_id)
    if found.state != State.COMPARING:
        return
    try:
        with found.file.open("rb") as upload:
            differences, total, same = comparing.compare(found, registry_tables.rows(upload, found.columns))
    except ValidationError as error:
        differences, total, same, refusal = [], 0, 0, " ".join(error.messages)
    else:
        refusal = ""
    with job.finishing():
        Difference.objects.bulk_create(differences, batch_size=CHUNK)
        Reconciliation.objects.filter(pk=found.pk).update(
            state=State.REFUSED if refusal else State.COMPARED, refusal=refusal, total=total, same=same, file=""
        )
    found.file.delete(save=False)
