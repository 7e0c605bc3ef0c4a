"""The certificate: a number, a code, the frozen words, and the stored PDF."""

import secrets
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from certificates.numbers import readable_number


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

    def standing(self) -> "CertificateQuerySet":
        """Return those that are neither replaced nor revoked."""
        return self.filter(superseded_by=None, revoked_at=None)


class Certificate(models.Model):
    """Proof of one award. Nothing on it changes after issue: a correction is a new version that supersedes it.

    One without anything to prove any more is revoked, with a reason for its owner; the public learns only since when.

    `data` holds every word that is printed (see `certificates.pdf`); `deliver_at` is when the mail may leave.
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
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=300, blank=True)

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
    def is_due(self) -> bool:
        """Whether its mail may leave."""
        return self.deliver_at <= timezone.now()

    @property
    def verification_path(self) -> str:
        """The address of the public page that says whether this certificate is valid."""
        return reverse("certificates:verify_code", args=[self.code])

    @property
    def facts(self) -> dict[str, Any]:
        """The frozen words with the number, as the PDF and the mail print them."""
        return {**self.data, "number": self.number}


class StoredPdf(models.Model):
    """The bytes of a certificate, made once and kept; apart from Certificate so that lists stay light."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="pdf")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "stored PDF"

    def __str__(self) -> str:
        return self.sha256
