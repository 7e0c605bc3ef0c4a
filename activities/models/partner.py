"""Joint providership: organisations that are not accredited and take part in providing an activity."""

from django.db import models
from django.db.models import F

from activities.models.activity import Activity


class Partner(models.Model):
    """An organisation that is not accredited and provides the activity together with the provider."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="partners")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("id",)
        verbose_name = "jointly providing organization"
        constraints = (models.UniqueConstraint(F("activity"), F("name"), name="partner_once"),)

    def __str__(self) -> str:
        return self.name
