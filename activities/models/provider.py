"""The provider: the accredited organisation that answers for an activity."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from activities import uploads, zones
from activities.credit import CreditField

TEACHING_RATE = Decimal("2.00")


class Provider(models.Model):
    """An accredited organisation, with its CME office and the person who signs certificates."""

    class Accreditation(models.TextChoices):
        """Who accredits the provider; decides the accreditation statement."""

        ACCME = "accme", "ACCME"
        STATE = "state", "State medical society recognized by the ACCME"
        JOINT = "joint", "Joint Accreditation"
        NONE = "none", "None of these: by the ANCC, the ACPE, or the AAPA alone"

    name = models.CharField(max_length=200, unique=True)
    short_name = models.CharField(max_length=40)
    takes_article = models.BooleanField(
        "is named with “The”",
        default=True,
        help_text="As the AMA writes it: “The American Society … designates …”.",
    )
    accreditation = models.CharField(max_length=10, choices=Accreditation.choices)
    state_society = models.CharField(
        max_length=150, blank=True, help_text="The recognized society that accredits this provider, if it is one."
    )
    accredited_by_ancc = models.BooleanField("also accredited by the ANCC", default=False)
    accredited_by_acpe = models.BooleanField("also accredited by the ACPE", default=False)
    authorized_by_aapa = models.BooleanField("authorized to award AAPA Category 1 CME credit", default=False)
    domain = models.CharField(
        max_length=100,
        validators=[RegexValidator(r"\A[a-z0-9.-]+\Z", "Lower-case letters, digits, dots and hyphens.")],
        help_text="The organisation's internet domain; part of every credit's number in a registry.",
    )
    pars_id = models.CharField(
        "PARS provider ID",
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{7}\Z", "Seven digits, leading zeros included.")],
        help_text="Of providers that the ACCME or a state society accredits, or that have Joint Accreditation.",
    )
    logo = models.ImageField(
        upload_to=uploads.logo_name, blank=True, help_text="PNG, JPEG or WebP, the organisation's own; at most 2 MB."
    )
    office_name = models.CharField(max_length=100, default="Office of CME")
    office_phone = models.CharField(max_length=40, blank=True)
    office_email = models.EmailField()
    address = models.CharField(max_length=200, blank=True)
    website = models.URLField(blank=True)
    time_zone = models.CharField(
        "the CME office's time zone",
        max_length=40,
        blank=True,
        choices=zones.choices,
        help_text="Empty: the portal's own. Staff read days and hours in it; learners read those of each activity.",
    )
    disclosure_policy = models.TextField(blank=True)
    late_grants = models.PositiveSmallIntegerField(
        "late grants per activity",
        default=20,
        help_text="The office's policy: how many people may claim after an activity's deadline. 0: nobody.",
    )
    teaching_rate = CreditField(
        "credit per presented hour",
        default=TEACHING_RATE,
        validators=[MinValueValidator(0, "Credit is not negative. 0: teaching gives none.")],
        help_text="For faculty. AMA PRA: two.",
    )
    reports_to_states = models.BooleanField(
        "offer to report to state medical boards",
        default=False,
        help_text="Physicians who ask for no points are asked in the Request for Credit; PARS passes their credit on.",
    )
    signatory_name = models.CharField(max_length=100)
    signatory_title = models.CharField(max_length=150)
    signature = models.ImageField(
        upload_to=uploads.logo_name,
        blank=True,
        help_text="Printed on certificates. Best a PNG without background, three times as wide as high; at most 2 MB.",
    )
    second_signatory_name = models.CharField(max_length=100, blank=True)
    second_signatory_title = models.CharField(max_length=150, blank=True)
    second_signature = models.ImageField(upload_to=uploads.logo_name, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(accreditation="state") | ~Q(state_society=""),
                name="provider_names_state_society",
                violation_error_message="Name the state medical society that accredits this provider.",
            ),
            models.CheckConstraint(
                condition=Q(accreditation="none") | ~Q(pars_id=""),
                name="provider_has_pars_id",
                violation_error_message="Enter the PARS provider ID: this provider reports to PARS.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name_with_short(self) -> str:
        """`American Association for Cancer Research (AACR)`."""
        return self.name if self.name == self.short_name else f"{self.name} ({self.short_name})"

    @property
    def with_article(self) -> str:
        """`The American Association for Cancer Research (AACR)`, as the prescribed sentences begin."""
        bare = self.name.startswith("The ") or not self.takes_article
        return self.name_with_short if bare else f"The {self.name_with_short}"

    @property
    def zone(self) -> str:
        """The zone in which its CME office reads days and hours."""
        return self.time_zone or settings.TIME_ZONE

    @property
    def teaches_physicians(self) -> bool:
        """Whether it is accredited to give physicians credit, and so reports to PARS."""
        return self.accreditation != self.Accreditation.NONE

    @property
    def is_jointly_accredited(self) -> bool:
        """Whether ACCME, ACPE and ANCC accredit it together."""
        return self.accreditation == self.Accreditation.JOINT

    @property
    def signatories(self) -> list[tuple[str, str, models.fields.files.ImageFieldFile]]:
        """Who signs certificates: name, title and the picture of the signature."""
        second = (self.second_signatory_name, self.second_signatory_title, self.second_signature)
        return [(self.signatory_name, self.signatory_title, self.signature), *([second] if second[0] else [])]

    @property
    def logo_address(self) -> str:
        """Where the logo is served; empty without one."""
        return reverse("activities:logo", args=[self.pk]) if self.logo else ""
