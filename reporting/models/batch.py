"""The batch: submissions that leave together in one file, for a registry that takes files."""

from django.db import models
from django.utils import timezone

from accounts.models import User


class Batch(models.Model):
    """A file of submissions, written by the office; its bytes can be made again from what it holds."""

    class Kind(models.TextChoices):
        """Which form the file has."""

        PARS = "pars", "PARS learners (Excel)"
        CPE = "cpe", "CPE Monitor (CSV)"

    kind = models.CharField(max_length=4, choices=Kind.choices)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "batches"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
