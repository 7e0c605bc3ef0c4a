"""What a registry said of a learner's identity before anything was reported, and whose number it is here."""

from django.db import models
from django.utils import timezone

from accounts.models import User


class IdentityCheck(models.Model):
    """The latest answer about one identity at one board; the digest is keyed, so it tells nobody who it is."""

    class Verdict(models.TextChoices):
        """What the registry's match said."""

        MATCHED = "matched", "known"
        MISMATCH = "mismatch", "belongs to another name or birthday"
        NOT_FOUND = "not_found", "not found yet"

    digest = models.CharField(max_length=64, unique=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.get_verdict_display()


class ReportedNumber(models.Model):
    """Which account reports a number at a board for an activity: one person, however many accounts they have.

    The digest is keyed, and of the board, the number, and the activity's ID.
    """

    digest = models.CharField(max_length=64, unique=True)
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.learner)
