"""What a registry said of a learner's identity before anything was reported."""

from django.db import models
from django.utils import timezone


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
