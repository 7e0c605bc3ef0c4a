"""The certificate: a number, a code, the frozen words and pictures, and the stored PDF."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.names import NameField
from certificates.numbers import readable_number
from outbox.models import Delivery, delivery_of, latest

LATE = timedelta(hours=1)


def new_code() -> str:
    """Return 128 unguessable bits for an address."""
    return secrets.token_urlsafe(16)


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Many certificates."""

    def of(self, learner: User) -> "CertificateQuerySet":
        """Return the learner's own."""
        return self.filter(learner=learner)

    def latest_of(self, reference: str) -> "dict[str, Certificate]":
        """Return the newest version of each kind of one claim."""
        return {row.kind: row for row in self.filter(reference=reference).order_by("version")}

    def outdated(self) -> "CertificateQuerySet":
        """Return those that stand, were sent, and say something else than their activity's page."""
        return self.standing().exclude(outdated_since=None)

    def with_mail(self) -> "CertificateQuerySet":
        """Annotate where the mail with each is: `mail_state`, `mail_to`, `mail_sent_at`."""
        mail = {"reference": OuterRef("reference"), "attachment_key": OuterRef("number")}
        return self.annotate(
            mail_state=latest("state", **mail), mail_to=latest("to", **mail), mail_sent_at=latest("sent_at", **mail)
        )

    def standing(self) -> "CertificateQuerySet":
        """Return those that are neither replaced nor revoked."""
        return self.filter(superseded_by=None, revoked_at=None)


class Certificate(models.Model):
    """Proof of one award. Nothing on it changes after issue: a correction is a new version that supersedes it.

    One without anything to prove any more is revoked, with a reason for its owner; the public learns only since when.

    `data` holds every word that is printed (see `certificates.services.Words`) and names its pictures; `template` is
    the design with its version; `deliver_at` is when the mail may leave.
    """

    class State(models.TextChoices):
        """Until the mail with the PDF has been written."""

        ISSUED = "issued", "issued"
        DELIVERED = "delivered", "delivered"

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certificates")
    reference = models.CharField("claim", max_length=40, db_index=True)
    kind = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    number = models.CharField(max_length=20, unique=True, default=readable_number)
    code = models.CharField(max_length=30, unique=True, default=new_code)
    data = models.JSONField()
    template = models.CharField(max_length=60)
    issued_at = models.DateTimeField()
    deliver_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ISSUED)
    delivered_at = models.DateTimeField(null=True, blank=True)
    delivered_to = models.EmailField(blank=True, help_text="The learner's address of then.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=300, blank=True)
    outdated_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when the activity's page says something else."
    )
    outdated_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    issued_because = models.CharField(max_length=300, blank=True, help_text="Why it replaces an earlier one.")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(F("reference"), F("kind"), F("version"), name="certificate_once"),
            models.CheckConstraint(
                condition=Q(state="issued", delivered_at__isnull=True)
                | Q(state="delivered", delivered_at__isnull=False),
                name="certificate_delivered_at_when_delivered",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_because="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
                name="certificate_revoked_with_reason",
            ),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the owner's PDF."""
        return reverse("certificates:download", args=[self.number])

    @property
    def replacement(self) -> "Certificate | None":
        """The version that replaced this one."""
        return getattr(self, "superseded_by", None)

    @property
    def current(self) -> "Certificate":
        """The version that replaced it in the end; itself where nothing did."""
        found = self
        while found.replacement:
            found = found.replacement
        return found

    @property
    def zone(self) -> str:
        """The activity's time zone."""
        return str(self.data["zone"])

    @property
    def delivery(self) -> Delivery | None:
        """Where its mail is, read by `with_mail`; None before there is one."""
        found = delivery_of(self.mail_state)  # type: ignore[attr-defined]
        return found or (Delivery.SENT if self.delivered_at else None)

    @property
    def is_valid(self) -> bool:
        """Whether it is neither replaced nor revoked."""
        return not self.replacement and not self.revoked_at

    @property
    def is_due(self) -> bool:
        """Whether its mail may leave."""
        return self.deliver_at <= timezone.now()

    @property
    def is_late(self) -> bool:
        """Whether its mail should have left an hour ago and has not been written, because something is in the way."""
        return not self.delivered_at and self.deliver_at <= timezone.now() - LATE

    @property
    def verification_path(self) -> str:
        """The address of the public page that says whether this certificate is valid."""
        return reverse("certificates:verify_code", args=[self.code])

    @property
    def facts(self) -> dict[str, Any]:
        """The frozen words with the number, as the PDF and the mail print them."""
        return {**self.data, "number": self.number}


class Picture(models.Model):
    """A logo or signature as it was when a certificate was issued; the same one is kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256


class Sheet(models.Model):
    """The bytes with which thousands of certificates begin (see `printing.stationery`), kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256


class Damaged(Exception):
    """The stored bytes of a certificate are not the ones that were issued."""


class StoredPdf(models.Model):
    """The bytes of a certificate, made once and kept; apart from Certificate so that lists stay light.

    `content` is the whole PDF, or what follows the bytes of its sheet; `sha256` is the digest of the whole.
    """

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="pdf")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = "stored PDF"

    def __str__(self) -> str:
        return self.sha256

    def read(self) -> bytes:
        """Return the whole PDF, byte for byte as it was issued; raises Damaged."""
        whole = (bytes(self.sheet.content) if self.sheet else b"") + bytes(self.content)
        if hashlib.sha256(whole).hexdigest() != self.sha256:
            raise Damaged(f"Certificate {self.certificate_id}")
        return whole


class NameCorrection(models.Model):
    """A learner's wish to be named otherwise on their certificates, and what the office said."""

    class State(models.TextChoices):
        """Decided once."""

        ASKED = "asked", "asked"
        GRANTED = "granted", "granted"
        DECLINED = "declined", "declined"

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="name_corrections")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    first_name = NameField("first and middle names", max_length=100)
    last_name = NameField("family name", max_length=100)
    degrees = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint("learner", condition=Q(state="asked"), name="name_correction_asked_once"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None, decided_by=None)
                | (~Q(state="asked") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="name_correction_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}{f', {self.degrees}' if self.degrees else ''}"


class ListRequest(models.Model):
    """Somebody asked for the certificates of an address; the row is erased with the answer."""

    email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"list {self.pk}"
