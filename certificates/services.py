"""Issues certificates: writes down what will be printed, and when it may be delivered. Nothing is rendered here."""

from datetime import datetime
from typing import TypedDict

from accounts.models import User
from certificates.models import Certificate
from jobs.queue import enqueue

TEMPLATE = "letter-1"


class Words(TypedDict):
    """Everything a certificate prints but its number; all of it text, as it will stand on the page."""

    title: str
    learner: str
    provider: str
    action: str  # "participated in the live activity"
    activity: str
    format: str
    place: str
    dates: str
    award: str  # "and is awarded 12.25 AMA PRA Category 1 Credits™"
    credit: str  # "12.25 AMA PRA Category 1 Credits™"
    statements: list[str]
    signatory_name: str
    signatory_title: str
    issued_on: str
    office_email: str


def issue(  # noqa: PLR0913 (a certificate has this many parts)
    *,
    learner: User,
    reference: str,
    kind: str,
    words: Words,
    deliver_at: datetime,
    now: datetime,
    replaces: Certificate | None = None,
) -> Certificate:
    """Write one certificate and the job that delivers it; call it in the transaction of the award.

    With `replaces` it is the next version, and the earlier one points to it. A second issue for the same claim, kind
    and version is refused by the database.
    """
    certificate = Certificate.objects.create(
        learner=learner,
        reference=reference,
        kind=kind,
        version=replaces.version + 1 if replaces else 1,
        supersedes=replaces,
        data=words,
        template=TEMPLATE,
        issued_at=now,
        deliver_at=max(deliver_at, now),
    )
    enqueue("certificates.deliver", certificate.pk, due=certificate.deliver_at, reference=reference)
    return certificate


def revoke(*, certificate: Certificate, reason: str, now: datetime) -> None:
    """Say for ever that a certificate proves nothing any more, and why; one that waits for delivery is not sent."""
    Certificate.objects.filter(pk=certificate.pk, revoked_at=None).update(revoked_at=now, revoked_because=reason)
