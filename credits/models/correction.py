"""A correction of awards by staff, for one claim or many, row by row."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from activities.credit import CreditField
from credits.models.claim import Claim


class Correction(models.Model):
    """What staff decided about several claims, and why; `amount` is set where the credit is changed."""

    class Verb(models.TextChoices):
        """What becomes of the claims."""

        WITHDRAW = "withdraw", "Withdraw all credit"
        CHANGE = "change", "Set the credit to this amount"
        REISSUE = "reissue", "Issue certificates anew, with current wording and design"

    verb = models.CharField(max_length=10, choices=Verb.choices)
    amount = CreditField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(verb="change", amount__isnull=False) | (~Q(verb="change") & Q(amount=None)),
                name="correction_amount_when_changed",
            ),
        )

    def __str__(self) -> str:
        return f"set to {self.amount}" if self.amount else self.verb


class CorrectionRow(models.Model):
    """One claim of a correction, and what became of it."""

    class State(models.TextChoices):
        """A row that fails stops no other."""

        TODO = "todo", "to do"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="rows")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=State.choices, default=State.TODO)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(F("correction"), F("claim"), name="corrected_once"),)

    def __str__(self) -> str:
        return str(self.claim)
