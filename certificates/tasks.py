"""Makes and delivers one certificate.

Rendering holds no lock and no transaction. Storing the PDF, writing the mail and ending the job are one transaction:
a crash before it leaves everything to do, a crash after it leaves nothing to do. What was replaced or revoked before
its delivery is not sent.
"""

import hashlib

from django.utils import timezone

from certificates import emails, pdf
from certificates.models import Certificate, StoredPdf
from jobs import failpoints
from jobs.models import Job
from jobs.registry import handles


@handles("certificates.deliver", queue="certificates")
def deliver(job: Job) -> None:
    """Render, store, write the mail and mark the certificate delivered."""
    certificate = Certificate.objects.select_related("learner").get(pk=job.subject_id)
    standing = Certificate.objects.standing().filter(pk=certificate.pk)
    if not standing.exists():
        return
    content = pdf.render(certificate)
    failpoints.reach("certificates.after-render")
    with job.finishing():
        Certificate.objects.select_for_update().get(pk=certificate.pk)
        if not standing.exists():  # replaced while it was rendered
            return
        StoredPdf.objects.create(certificate=certificate, content=content, sha256=hashlib.sha256(content).hexdigest())
        emails.certificate_ready(certificate, content)
        Certificate.objects.filter(pk=certificate.pk).update(
            state=Certificate.State.DELIVERED, delivered_at=timezone.now()
        )
