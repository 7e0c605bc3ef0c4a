"""The ledger: amounts of credit, only ever added."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from activities.credit import CreditField
from activities.credit_types import CREDIT_TYPES, CreditType, choices
from activities.models import CreditDesignation
from credits.models.claim import Claim


class Award(models.Model):
    """A row of the ledger: an amount of one credit type under the designation whose maximum bounds it.

    A correction is a reversal (the same amount, negative) and a new row; the balance is the sum. The database itself
    refuses to change or delete a row, a sum below zero, and a sum above the maximum (see `credits.guard`).
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="awards")
    designation = models.ForeignKey(CreditDesignation, on_delete=models.PROTECT, related_name="awards")
    credit_type = models.CharField(max_length=20, choices=choices)
    amount = CreditField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")
    awarded_at = models.DateTimeField()
    awarded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_office = models.BooleanField(
        "by the office", default=False, db_default=False, help_text="Awarded by somebody else than the person."
    )
    reason = models.CharField(max_length=300, blank=True)

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
