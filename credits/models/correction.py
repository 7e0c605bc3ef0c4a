"""A correction of awards by staff, for one claim or many, row by row."""

from django.db import models
from django.db.models import F

from accounts.models import User
from activities.credit import CreditField
from credits.models.claim import Claim


class Correction(models.Model):
    """What staff decided: to withdraw, or to set the amount of, several claims, and why.

    `amount` empty means that everything is withdrawn.
    """

    amount = CreditField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"set to {self.amount}" if self.amount else "withdrawal"


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
