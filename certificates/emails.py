"""The mails about certificates: one brings it, one lists them; a name stays; a letter cannot be printed."""

from accounts.models import User
from certificates import mailing
from certificates.models import Certificate, NameCorrection
from outbox.messages import post
from outbox.models import Message

UNPRINTABLE = "printing"  # what the mail to the office is about


def certificate_ready(certificate: Certificate) -> None:
    """Write the mail with the PDF attached, to the learner, answered by the CME office."""
    number = certificate.number
    post(
        template="certificates/mail/ready",
        context={
            "words": certificate.facts,
            "replaces": certificate.supersedes,
            "because": certificate.issued_because,
            "path": certificate.get_absolute_url(),
        },
        to=certificate.learner.email,
        reply_to=certificate.data["office_email"],
        reference=certificate.reference,
        about="certificates",
        supplied=[(f"certificate-{number}.pdf", "application/pdf", "certificate", number)],
    )


def cannot_be_printed(certificate: Certificate, letters: list[str]) -> None:
    """Write to the office, once for a certificate, which of its letters no font has."""
    told = Message.objects.filter(about=UNPRINTABLE, reference=certificate.reference)
    if told.filter(subject__contains=certificate.number).exists():
        return
    post(
        template="certificates/mail/unprintable",
        context={"certificate": certificate, "words": certificate.data, "letters": letters},
        to=certificate.data["office_email"],
        reference=certificate.reference,
        about=UNPRINTABLE,
    )


def certificates_listed(email: str, learner: User | None) -> None:
    """Write the list of somebody's certificates with the link to them; or that nobody has this address."""
    rows = list(mailing.certificates_of(learner)) if learner else []
    post(
        template="certificates/mail/list",
        context={"rows": rows, "learner": learner, "address": mailing.address_of(learner) if learner and rows else ""},
        to=email,
        about="certificates",
    )


def name_declined(correction: NameCorrection) -> None:
    """Write that the name stays as it is, and whom to ask."""
    certificate = correction.certificate
    post(
        template="certificates/mail/name_declined",
        context={"correction": correction, "words": certificate.facts},
        to=correction.learner.email,
        reply_to=certificate.data["office_email"],
        reference=certificate.reference,
        about="certificates",
    )
