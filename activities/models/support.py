"""Commercial support: who supported an activity, with what, under which agreement. Learners read names only."""

from django.db import models
from django.db.models import F, Q

from activities import uploads
from activities.models.activity import Activity


class CommercialSupport(models.Model):
    """One ineligible company's grant or support in kind. There is no field for a logo (ACCME Standard 4)."""

    class Kind(models.TextChoices):
        """Money or things."""

        GRANT = "grant", "Educational grant"
        IN_KIND = "in_kind", "In-kind support"

    class Nature(models.TextChoices):
        """What is given in kind (PARS)."""

        EQUIPMENT = "equipment", "durable equipment"
        SPACE = "space", "facilities and space"
        SUPPLIES = "supplies", "disposable supplies"
        ANIMAL = "animal", "animal parts or tissue"
        HUMAN = "human", "human parts or tissue"
        OTHER = "other", "other"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="support")
    supporter = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.GRANT)
    nature = models.CharField("nature, if in kind", max_length=10, choices=Nature.choices, blank=True)
    nature_described = models.CharField("other nature", max_length=120, blank=True)
    amount = models.PositiveIntegerField("amount in whole US dollars", null=True, blank=True)
    executed_on = models.DateField(
        "agreement executed on", null=True, blank=True, help_text="Empty: pending; learners do not read the name yet."
    )
    agreement = models.FileField("signed agreement (PDF)", upload_to=uploads.agreement_name, blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "commercial support"
        constraints = (
            models.UniqueConstraint(
                F("activity"),
                F("supporter"),
                F("kind"),
                F("nature"),
                name="supporter_once",
                violation_error_message="This supporter is entered already.",
            ),
            models.CheckConstraint(
                condition=Q(kind="grant") | ~Q(nature=""),
                name="in_kind_has_a_nature",
                violation_error_message="Learners must read the nature of in-kind support. Choose it.",
            ),
            models.CheckConstraint(
                condition=~Q(nature="other") | ~Q(nature_described=""),
                name="other_nature_is_described",
                violation_error_message="Describe the other nature in a few words.",
            ),
        )

    def __str__(self) -> str:
        return self.supporter

    @property
    def is_executed(self) -> bool:
        """Whether both sides have signed."""
        return self.executed_on is not None

    @property
    def nature_in_words(self) -> str:
        """What was given in kind; empty for a grant."""
        if self.kind == self.Kind.GRANT:
            return ""
        return self.nature_described if self.nature == self.Nature.OTHER else str(self.get_nature_display())
