"""Which design a provider's certificates have, for all credit types or for one."""

from django.conf import settings
from django.db import models
from django.db.models import F

from activities.credit_types import choices
from activities.models import Provider
from certificates import designs


class CertificateDesign(models.Model):
    """What the office chose. Certificates that were issued keep the design they were issued in."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="designs")
    credit_type = models.CharField(
        max_length=20, choices=choices, blank=True, help_text="Empty: all types that have no design of their own."
    )
    template = models.CharField("design", max_length=60, choices=list(designs.DESIGNS.items()))
    paper = models.CharField(max_length=10, choices=list(designs.PAPERS.items()), default="letter")

    class Meta:
        ordering = ("provider", "credit_type")
        constraints = (
            models.UniqueConstraint(
                F("provider"),
                F("credit_type"),
                name="design_once_per_provider_and_type",
                violation_error_message="This provider has a design for this type already: change that one.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_credit_type_display() or 'All types'}: {self.get_template_display()}"

    @classmethod
    def of(cls, provider: Provider, credit_type: str) -> "CertificateDesign":
        """Return what was chosen for this type, else for all, else the classic design on the portal's usual paper."""
        chosen = {row.credit_type: row for row in provider.designs.all()}
        usual = cls(provider=provider, template=designs.CLASSIC, paper=settings.PAPER)
        return chosen.get(credit_type) or chosen.get("") or usual
