"""The mail that brings a certificate."""

from certificates.models import Certificate
from outbox.messages import post


def certificate_ready(certificate: Certificate, pdf: bytes) -> None:
    """Write the mail with the PDF attached, to the learner, answered by the CME office."""
    post(
        template="certificates/mail/ready",
        context={"words": certificate.facts, "path": certificate.get_absolute_url()},
        to=certificate.learner.email,
        reply_to=certificate.data["office_email"],
        reference=certificate.reference,
        attachments=[(f"certificate-{certificate.number}.pdf", pdf, "application/pdf")],
    )
