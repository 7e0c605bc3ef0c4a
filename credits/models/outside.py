"""Credit that the learner earned elsewhere and keeps in the transcript, reported by nobody but themselves."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q

from accounts.models import User


def document_name(_instance: Any, _name: str) -> str:
    """Return a random name for a document."""
    return f"outside-credit/{uuid4().hex}"


class OutsideCredit(models.Model):
    """What a learner says they earned elsewhere, perhaps with a document; the office vouches for none of it."""

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="outside_credit")
    title = models.CharField("activity", max_length=250)
    provider = models.CharField(max_length=200)
    credit = models.CharField("kind of credit", max_length=100, help_text="For example AMA PRA Category 1 Credits™.")
    amount = models.DecimalField(max_digits=7, decimal_places=2)
    earned_on = models.DateField("completed on")
    document = models.FileField(upload_to=document_name, blank=True, help_text="PDF, PNG or JPEG, at most 5 MB.")

    class Meta:
        ordering = ("-earned_on", "-id")
        verbose_name = "credit from elsewhere"
        verbose_name_plural = "credit from elsewhere"
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="outside_credit_positive"),)

    def __str__(self) -> str:
        return f"{self.amount} {self.credit}"
