"""Commercial support: who supported an activity, by name only."""

from django.db import models
from django.db.models import F

from activities.models.activity import Activity


class CommercialSupport(models.Model):
    """An ineligible company's educational grant. There is no field for a logo (ACCME Standard 4)."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="support")
    supporter = models.CharField(max_length=120)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "commercial support"
        constraints = (models.UniqueConstraint(F("activity"), F("supporter"), name="supporter_once"),)

    def __str__(self) -> str:
        return self.supporter
