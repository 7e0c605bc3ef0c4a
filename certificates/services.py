"""Issues certificates: writes down what will be printed, and when it may be delivered. Nothing is rendered here."""

import hashlib
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from django.utils import dateformat

from accounts.models import User
from certificates import designs
from certificates.models import Certificate, Picture
from jobs.queue import enqueue, postpone


class Signatory(TypedDict):
    """Who signs; `picture` is the digest of the frozen signature, or empty."""

    name: str
    title: str
    picture: str


class Words(TypedDict):
    """Everything a certificate prints but its number; all of it text, as it will stand on the page."""

    title: str
    learner: str
    provider: str
    action: str  # "has participated in the live activity"
    activity: str
    format: str
    place: str  # empty for self-study, whose dates are each learner's own
    dates: str
    award: str  # "and is awarded 12.25 AMA PRA Category 1 Credits™."
    designated: str  # for participants: "The activity was designated for 18.50 AMA PRA Category 1 Credits™."
    credit: str  # "12.25 AMA PRA Category 1 Credits™"
    statements: list[str]
    signatories: list[Signatory]
    logo: str  # the digest of the frozen picture, or empty
    paper: str  # "letter" or "a4"
    issued_on: str
    office_email: str
    zone: str  # the activity's, in which days are told of the certificate


def issue(
    *,
    learner: User,
    reference: str,
    kind: str,
    words: Words,
    deliver_at: datetime,
    now: datetime,
    template: str = designs.CLASSIC,
    replaces: Certificate | None = None,
    because: str = "",
) -> Certificate:
    """Write one certificate and the job that delivers it; call it in the transaction of the award.

    With `replaces` it is the next version, and the earlier one points to it; `because` tells the learner why. A second
    issue for the same claim, kind and version is refused by the database.
    """
    certificate = Certificate.objects.create(
        learner=learner,
        reference=reference,
        kind=kind,
        version=replaces.version + 1 if replaces else 1,
        supersedes=replaces,
        data=words,
        template=template,
        issued_at=now,
        deliver_at=max(deliver_at, now),
        issued_because=because,
    )
    enqueue("certificates.deliver", certificate.pk, due=certificate.deliver_at, reference=reference)
    return certificate


def follow(certificate: Certificate, words: Words, deliver_at: datetime) -> None:
    """Let a certificate that waits say these words, and leave at this time. Call it in a transaction."""
    if certificate.data == words and certificate.deliver_at == deliver_at:
        return
    waiting = Certificate.objects.filter(pk=certificate.pk, state=Certificate.State.ISSUED)
    if waiting.update(data=words, deliver_at=deliver_at):
        postpone("certificates.deliver", certificate.pk, planned=certificate.deliver_at, due=deliver_at)


def mark(certificate: Certificate, *, differs: bool, now: datetime) -> None:
    """Mark a certificate that was sent and says something else than its activity's page; or take the mark away."""
    if differs != bool(certificate.outdated_since):
        since = now if differs else None
        Certificate.objects.filter(pk=certificate.pk).update(outdated_since=since, outdated_told_at=None)


def day_in_words(moment: datetime, zone: str) -> str:
    """Return the day that a calendar there shows, as certificates print it: `November 28, 2026`."""
    return dateformat.format(moment.astimezone(ZoneInfo(zone)), "F j, Y")


def freeze(picture: bytes) -> str:
    """Keep a logo or signature as it is now, and return the digest by which a certificate names it; empty for none."""
    named = digest(picture)
    if named:
        Picture.objects.get_or_create(sha256=named, defaults={"content": picture})
    return named


def digest(picture: bytes) -> str:
    """Return the digest by which a certificate would name a picture; empty for none."""
    return hashlib.sha256(picture).hexdigest() if picture else ""


def revoke(*, certificate: Certificate, reason: str, now: datetime) -> None:
    """Say for ever that a certificate proves nothing any more, and why; one that waits for delivery is not sent."""
    Certificate.objects.filter(pk=certificate.pk, revoked_at=None).update(revoked_at=now, revoked_because=reason)
