"""The claim of one learner for one activity, and the awards that follow from it."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from activities.credit import CreditField
from activities.credit_types import CREDIT_TYPES, CreditType, choices
from activities.models import Activity
from certificates.numbers import readable_number


def new_reference() -> str:
    """Return `R-4K7M-Q2XP-9TRD`, the word by which learner and office speak of a claim."""
    return f"R-{readable_number()}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Many claims."""

    def of(self, learner: User) -> "ClaimQuerySet":
        """Return the learner's own, newest first."""
        return self.filter(learner=learner).order_by("-claimed_at")


class Claim(models.Model):
    """A learner's request for credit for one activity, as it was attested. There is one per learner and activity.

    `reference` is the thread that certificates, submissions, jobs and messages of this claim carry as well.
    """

    reference = models.CharField(max_length=20, unique=True, default=new_reference)
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="claims")
    profession = models.CharField(max_length=30)
    claimed_at = models.DateTimeField()
    attestation = models.TextField(help_text="The words the learner attested.")
    wants_moc = models.BooleanField("MOC wished", default=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(F("learner"), F("activity"), name="claim_once_per_learner_and_activity"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """Return the address of the learner's page that shows what followed from the claim."""
        return reverse("credits:claim", args=[self.reference])


class Award(models.Model):
    """A row of the ledger: an amount of one credit type, only ever added.

    A correction is a reversal (the same amount, negative) and a new row; the balance is the sum.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="awards")
    credit_type = models.CharField(max_length=20, choices=choices)
    amount = CreditField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")
    awarded_at = models.DateTimeField()
    awarded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                name="award_positive_reversal_negative",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | ~Q(reason=""), name="award_reversal_has_reason"
            ),
        )

    def __str__(self) -> str:
        return self.kind.amount(self.amount)

    @property
    def kind(self) -> CreditType:
        """The entry in the table of credit types."""
        return CREDIT_TYPES[self.credit_type]
