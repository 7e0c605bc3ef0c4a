"""A reporting year whose days differ from the usual ones."""

from django.db import models
from django.db.models import F, Q


class ReportingYear(models.Model):
    """ACCME's days for completions of one year, where they are not those of the settings."""

    year = models.PositiveSmallIntegerField(unique=True)
    counts_until = models.DateField(help_text="What is in PARS by this day counts for the year (usually 31 December).")
    closes_on = models.DateField(help_text="The last day on which PARS takes completions (usually 31 March).")

    class Meta:
        ordering = ("-year",)
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("counts_until")),
                name="reporting_year_in_order",
                violation_error_message="PARS closes after the day until which completions count.",
            ),
        )

    def __str__(self) -> str:
        return str(self.year)
