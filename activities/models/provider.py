"""The provider: the accredited organisation that answers for an activity."""

from django.core.validators import RegexValidator
from django.db import models


class Provider(models.Model):
    """An accredited organisation, with its CME office and the person who signs certificates."""

    class Accreditation(models.TextChoices):
        """Who accredits the provider; decides the accreditation statement."""

        ACCME = "accme", "ACCME"
        JOINT = "joint", "Joint Accreditation"

    name = models.CharField(max_length=200, unique=True)
    short_name = models.CharField(max_length=40)
    accreditation = models.CharField(max_length=10, choices=Accreditation.choices)
    domain = models.CharField(
        max_length=100,
        validators=[RegexValidator(r"^[a-z0-9.-]+$", "Lower-case letters, digits, dots and hyphens.")],
        help_text="The organisation's internet domain; part of every credit's number in a registry.",
    )
    pars_id = models.CharField(
        "PARS provider ID",
        max_length=7,
        validators=[RegexValidator(r"^\d{7}$", "Seven digits, leading zeros included.")],
    )
    office_name = models.CharField(max_length=100, default="Office of CME")
    office_phone = models.CharField(max_length=40, blank=True)
    office_email = models.EmailField()
    address = models.CharField(max_length=200, blank=True)
    website = models.URLField(blank=True)
    disclosure_policy = models.TextField(blank=True)
    signatory_name = models.CharField(max_length=100)
    signatory_title = models.CharField(max_length=150)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def name_with_short(self) -> str:
        """`American Association for Cancer Research (AACR)`."""
        return self.name if self.name == self.short_name else f"{self.name} ({self.short_name})"
