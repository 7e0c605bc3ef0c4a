"""The merge of two accounts of one person, kept so that it can be undone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.encryption import EncryptedJSONField
from accounts.models import User


class Merge(models.Model):
    """`merged` was joined to `kept`: which rows moved, and what both accounts said before.

    `moved` lists numbers of rows by model; `before` holds the changed fields of both accounts as they were, `after`
    those of the kept one as the merge left them.
    """

    kept = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    before = EncryptedJSONField()
    after = EncryptedJSONField()
    reason = models.CharField(max_length=300)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_of_two"),
            models.UniqueConstraint(F("merged"), condition=Q(undone_at=None), name="merged_once"),
        )

    def __str__(self) -> str:
        return f"{self.before['merged']['email']} into {self.kept.email}"

    @property
    def undo_until(self) -> datetime:
        """How long it can be undone."""
        return self.merged_at + timedelta(days=settings.MERGE_UNDO_DAYS)

    def may_be_undone(self, now: datetime) -> bool:
        """Whether it stands, and not for too long."""
        return self.undone_at is None and now <= self.undo_until
