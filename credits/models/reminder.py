"""A reminder that was sent: one per person, activity and number of days before the deadline."""

from django.db import models
from django.db.models import F

from accounts.models import User
from activities.models import Activity


class Reminder(models.Model):
    """So many days before the deadline, this person was told that credit is about to be lost."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+")
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(F("activity"), F("learner"), F("days"), name="reminded_once"),)

    def __str__(self) -> str:
        return f"{self.learner}: {self.activity}, {self.days} days"
