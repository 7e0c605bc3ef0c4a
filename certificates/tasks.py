"""Makes and delivers one certificate.

Rendering holds no lock and no transaction. Storing the PDF, writing the mail and ending the job are one transaction:
a crash before it leaves everything to do, a crash after it leaves nothing to do. What was replaced or revoked before
its delivery is not sent.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from certificates import emails, mailing, pdf
from certificates.models import Certificate, ListRequest, Sheet, StoredPdf
from jobs import failpoints
from jobs.models import Job
from jobs.queue import ensure, without_job
from jobs.registry import Later, handles, sweeps
from outbox.suppliers import supplies

AGAIN = timedelta(days=1)


@handles("certificates.deliver", queue="certificates")
def deliver(job: Job) -> None:
    """Render, store, write the mail and mark the certificate delivered."""
    certificate = Certificate.objects.select_related("learner").get(pk=job.subject_id)
    standing = Certificate.objects.standing().filter(pk=certificate.pk)
    if not standing.exists():
        return
    missing = pdf.unprintable(certificate)
    if missing:
        with job.holding():
            emails.cannot_be_printed(certificate, missing)
        raise Later(timezone.now() + AGAIN, "No font has a letter of it; the office was told.")
    made = pdf.make(certificate)
    failpoints.reach("certificates.after-render")
    with job.finishing():
        now_says = Certificate.objects.select_for_update().get(pk=certificate.pk)
        if not standing.exists():  # replaced while it was rendered
            return
        if now_says.data != certificate.data or not now_says.is_due:
            raise Later(now_says.deliver_at, "The activity was changed while the certificate was made.")
        _store(certificate, made)
        emails.certificate_ready(certificate)
        Certificate.objects.filter(pk=certificate.pk).update(
            state=Certificate.State.DELIVERED, delivered_at=timezone.now(), delivered_to=certificate.learner.email
        )


def _store(certificate: Certificate, made: pdf.Made) -> None:
    """Keep the PDF for ever; the bytes that it shares with others are kept once."""
    sheet = None
    if made.stationery:
        sheet, _ = Sheet.objects.defer("content").get_or_create(
            sha256=made.stationery.sha256, defaults={"content": made.stationery.content}
        )
    StoredPdf.objects.create(certificate=certificate, sheet=sheet, content=made.content, sha256=made.sha256)


@handles("certificates.send_list", queue="mail")
def send_list(job: Job) -> None:
    """Mail the link to the certificates of an address, or that there are none; the wish is erased."""
    with job.finishing():
        asked = ListRequest.objects.filter(pk=job.subject_id).first()
        if asked:
            emails.certificates_listed(asked.email, mailing.owner_of(asked.email))
            asked.delete()


@supplies("certificate")
def attachment(number: str) -> bytes | None:
    """Return the PDF of the certificate with this number; None when it proves nothing any more."""
    stored = StoredPdf.objects.select_related("sheet", "certificate__superseded_by").get(certificate__number=number)
    return None if stored.certificate.replacement or stored.certificate.revoked_at else stored.read()


@sweeps
def forget_lists(now: datetime) -> None:
    """Erase wishes for lists that were not answered within a day."""
    ListRequest.objects.filter(asked_at__lt=now - mailing.LASTS).delete()


@sweeps
def forgotten(now: datetime) -> None:
    """Find certificates that are due and not delivered, and see to it that a job is there to deliver them."""
    due = Certificate.objects.standing().filter(state=Certificate.State.ISSUED, deliver_at__lte=now)
    for certificate in without_job(due, "certificates.deliver").only("pk", "reference"):
        ensure("certificates.deliver", certificate.pk, reference=certificate.reference)
