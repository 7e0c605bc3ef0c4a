"""A hand edit of a prescribed text, kept beside the text that the portal generated at the time."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from activities.models.activity import Activity


class StatementEdit(models.Model):
    """Staff's own words in place of one generated statement; `key` names the statement."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="statement_edits")
    key = models.CharField(max_length=40)
    text = models.TextField()
    generated = models.TextField(help_text="What the portal had written when the edit was made.")
    reason = models.CharField(max_length=200)
    edited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(F("activity"), F("key"), name="edit_once_per_statement"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(reason=""), name="edit_has_text_and_reason"),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.activity}"
