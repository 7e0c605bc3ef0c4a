"""The claim of one learner for one activity, and the sessions that it names."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.urls import reverse

from accounts.models import User
from activities import zones
from activities.credit import CreditField
from activities.models import Activity, Session
from certificates.numbers import readable_number
from outbox.models import Delivery, delivery_of, latest

if TYPE_CHECKING:
    from credits.models.award import Award


def new_reference() -> str:
    """Return `R-4K7M-Q2XP-9TRD`, the word by which learner and office speak of a claim."""
    return f"R-{readable_number()}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Many claims."""

    def of(self, learner: User) -> "ClaimQuerySet":
        """Return the person's own, newest first."""
        return self.filter(learner=learner).order_by("-claimed_at", "-id")

    def barring(self) -> "ClaimQuerySet":
        """Return those that bar their person from claiming: all but what the office made and took back itself."""
        return self.annotate(balance=Sum("awards__amount")).filter(Q(by_office=False) | Q(balance__gt=0))

    def with_confirmation(self) -> "ClaimQuerySet":
        """Annotate the latest mail about each claim: `confirmation_state`, `confirmation_to`."""
        mail = {"reference": OuterRef("reference"), "about": "claims"}
        return self.annotate(confirmation_state=latest("state", **mail), confirmation_to=latest("to", **mail))

    def with_certificate_mail(self) -> "ClaimQuerySet":
        """Annotate the state of the latest mail with a certificate of each claim: `certificate_mail`."""
        return self.annotate(certificate_mail=latest("state", reference=OuterRef("reference"), attachment_key__gt=""))

    def with_both_roles(self) -> "ClaimQuerySet":
        """Annotate `both_roles`: whether the person has a claim in the activity's other role as well."""
        others = Claim.objects.filter(learner=OuterRef("learner"), activity=OuterRef("activity"))
        return self.annotate(both_roles=Exists(others.exclude(role=OuterRef("role"))))

    def by_learner(self, learner: User, activity: Activity) -> "ClaimQuerySet":
        """Return what a person claimed for taking part in an activity, not for teaching there."""
        return self.filter(learner=learner, activity=activity, role=Claim.Role.LEARNER)


class Claim(models.Model):
    """A person's request for credit for one activity, as it was attested. There is one per person, activity and role.

    `reference` is the thread that certificates, submissions, jobs and messages of this claim carry as well. What was
    awarded are its rows in the ledger; a claim all of whose awards were reversed is withdrawn.
    """

    class Role(models.TextChoices):
        """For what credit is awarded."""

        LEARNER = "learner", "taking part"
        FACULTY = "faculty", "teaching"

    reference = models.CharField(max_length=20, unique=True, default=new_reference)
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="claims")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.LEARNER)
    profession = models.CharField(max_length=30)
    claimed_at = models.DateTimeField()
    completed_on = models.DateField(
        null=True, blank=True, help_text="As a list of completions says; otherwise it follows from claim and activity."
    )
    attestation = models.TextField(help_text="The words the learner attested.")
    wants_moc = models.BooleanField("MOC wished", default=False)
    by_office = models.BooleanField("made by the office", default=False, help_text="By a list of completions.")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(F("learner"), F("activity"), F("role"), name="claim_once_per_person_and_activity"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the address of the learner's page that shows what followed from the claim."""
        return reverse("credits:claim", args=[self.reference])

    @property
    def standing(self) -> "list[Award]":
        """The awards that were not reversed, one per credit type; queries nothing where `awards` is prefetched."""
        rows = list(self.awards.all())
        reversed_ones = {row.reverses_id for row in rows}
        return [row for row in rows if row.reverses_id is None and row.pk not in reversed_ones]

    @property
    def completed_day(self) -> date:
        """The day on which the activity was completed: a meeting's last, of self-study that of the claim."""
        if self.completed_on:
            return self.completed_on
        activity: Activity = self.activity
        return zones.local(self.claimed_at, activity.time_zone).date() if activity.is_self_study else activity.ends_on

    @property
    def confirmation_delivery(self) -> Delivery | None:
        """Where the latest mail about it is, read by `with_confirmation`; None without one."""
        return delivery_of(self.confirmation_state)  # type: ignore[attr-defined]

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing that was awarded stands."""
        return not self.standing

    @property
    def was_set_by_office(self) -> bool:
        """Whether what stands was awarded or corrected by somebody else than the learner."""
        return any(row.by_office for row in self.standing)

    @property
    def can_be_claimed_anew(self) -> bool:
        """Whether the office made this claim itself and took it back, so that it bars nobody."""
        return self.by_office and self.is_withdrawn

    @property
    def fingerprint(self) -> str:
        """A word that changes whenever what is awarded or the sessions change; for pages that stay open."""
        awards = [row.pk for row in self.standing]
        sessions = sorted(self.sessions.values_list("session", "amount"))
        return hashlib.sha256(repr((awards, sessions)).encode()).hexdigest()[:16]

    def is_recorded_as(self, amount: Decimal) -> bool:
        """Whether the office made this claim, and what it awarded for this amount stands."""
        standing = self.standing
        return self.by_office and bool(standing) and max(row.amount for row in standing) == amount

    @property
    def in_words(self) -> str:
        """`12.25 ANCC contact hours and 10.00 IPCE credits`, or that it was withdrawn."""
        return " and ".join(str(row) for row in self.standing) or "withdrawn"


class ClaimedSession(models.Model):
    """A session that the claim names, with how much of its credit the learner attended."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="sessions")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="claimed")
    amount = CreditField()

    class Meta:
        ordering = ("session__starts_at", "id")
        constraints = (
            models.UniqueConstraint(F("claim"), F("session"), name="session_claimed_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="session_claimed_positive"),
        )

    def __str__(self) -> str:
        return f"{self.session}: {self.amount}"
