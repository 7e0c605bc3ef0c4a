"""The line to a registry: how fast it may be used, and whether it is silent."""

from django.db import models
from django.utils import timezone

CREDENTIALS_REFUSED = "The registry does not accept our credentials."


class Line(models.Model):
    """One registry's service, shared by all workers: the next free moment, and since how many faults it is silent."""

    registry = models.CharField(max_length=20, unique=True)
    free_at = models.DateTimeField(default=timezone.now)
    faults = models.PositiveIntegerField(default=0, help_text="In a row; an answer sets it to 0.")
    silent_until = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True, help_text="What the last fault was.")

    def __str__(self) -> str:
        return self.registry

    @property
    def needs_somebody(self) -> bool:
        """Whether it stays silent until somebody does something: the credentials are refused."""
        return self.words == CREDENTIALS_REFUSED
