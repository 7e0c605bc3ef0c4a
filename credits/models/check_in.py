"""Codes that prove participation: those that a learner entered in time, and those that did not fit."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.models import User
from activities.models import Activity, Session


class CheckIn(models.Model):
    """A learner entered the code of a session, or the activity's own code, while it held."""

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="check_ins")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="check_ins")
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="check_ins", help_text="Empty: the activity's code."
    )
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = "entered code"
        ordering = ("-entered_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("learner", "session"), name="check_in_once_per_session"),
            models.UniqueConstraint(
                fields=("learner", "activity"), condition=Q(session=None), name="check_in_once_per_activity"
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner}: {self.session or self.activity}"


class WrongCode(models.Model):
    """A code that did not fit. Many of them silence a person, or a network, for this activity (see `checking_in`)."""

    KEPT_FOR = timedelta(days=365)

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="wrong_codes")
    network = models.CharField(
        max_length=16, help_text="A digest of the network address; the same for a whole building."
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("learner", "activity", "at"), name="wrong_code_by_learner"),
            models.Index(fields=("activity", "network", "at"), name="wrong_code_by_network"),
        )

    def __str__(self) -> str:
        return f"{self.learner}: {self.activity}"
