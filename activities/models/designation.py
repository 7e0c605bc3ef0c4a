"""The credit for which an activity is designated, and its registrations with certifying boards."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from activities import boards, credit_types, zones
from activities.boards import Board
from activities.codes import CodesField
from activities.credit import CreditField
from activities.credit_types import CREDIT_TYPES, CreditType
from activities.models.activity import Activity

# ACPE: provider, own or joint, year, sequence, live/home and topic, audience.
UAN = r"\A([0-9]{4}|JA[0-9]{7})-(0000|9999)-[0-9]{2}-[0-9]{3,4}-[HLBC](0[1-8]|99)-[PT]\Z"
UAN_WORDS = "This is not a Universal Activity Number. It looks like 1234-0000-26-001-L01-P."


class CreditDesignation(models.Model):
    """The maximum of one credit type for which the activity was designated before it began."""

    class PharmacyKind(models.TextChoices):
        """ACPE's types of activities, each with its shortest length."""

        KNOWLEDGE = "knowledge", "Knowledge"
        APPLICATION = "application", "Application"
        PRACTICE = "practice", "Practice"

    SHORTEST = {
        PharmacyKind.KNOWLEDGE: Decimal("0.25"),
        PharmacyKind.APPLICATION: Decimal(1),
        PharmacyKind.PRACTICE: Decimal(8),
    }

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="designations")
    credit_type = models.CharField(max_length=20, choices=credit_types.choices)
    maximum = CreditField()
    per_session = CreditField(null=True, blank=True, help_text="Series: the most that one session gives.")
    uan = models.CharField("ACPE UAN", max_length=30, blank=True, validators=[RegexValidator(UAN, UAN_WORDS)])
    pharmacy_kind = models.CharField(
        "ACPE type",
        max_length=12,
        choices=PharmacyKind.choices,
        blank=True,
        help_text="Knowledge takes at least 0.25 h, application 1 h, practice 8 h.",
    )
    live_date = models.DateField(
        "ACPE live date",
        null=True,
        blank=True,
        validators=[zones.check_day],
        help_text="Of a live number: the day registered with the ACPE.",
    )
    approved_until = models.DateField(
        "AAPA approval until",
        null=True,
        blank=True,
        validators=[zones.check_day],
        help_text="Empty: until the activity's last day.",
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                F("activity"),
                F("credit_type"),
                name="designation_once_per_type",
                violation_error_message="This credit type is designated already. Change that row instead.",
            ),
            models.CheckConstraint(
                condition=Q(maximum__gt=0),
                name="designation_positive",
                violation_error_message="Designate at least 0.25.",
            ),
            models.CheckConstraint(
                condition=Q(per_session=None) | Q(per_session__gt=0, per_session__lte=F("maximum")),
                name="designation_session_within_maximum",
                violation_error_message="A session gives at least 0.25 and not more than the whole.",
            ),
        )

    def __str__(self) -> str:
        return self.kind.amount(self.maximum)

    @property
    def kind(self) -> CreditType:
        """The entry in the table of credit types."""
        return CREDIT_TYPES[self.credit_type]

    @property
    def stated(self) -> Decimal:
        """The amount that the designation statement names: a session's in a series, otherwise the maximum."""
        amount: Decimal = self.per_session if self.activity.kind.series and self.per_session else self.maximum
        return amount

    @property
    def pharmacy_noun(self) -> str:
        """`a knowledge-based activity`; empty when no type is chosen."""
        name = str(self.get_pharmacy_kind_display()).lower()
        return f"{'an' if name[:1] == 'a' else 'a'} {name}-based activity" if name else ""

    @property
    def shortest(self) -> Decimal:
        """The least hours that ACPE accepts for this type of activity; 0 when none is chosen."""
        return (
            self.SHORTEST.get(self.PharmacyKind(self.pharmacy_kind), Decimal(0)) if self.pharmacy_kind else Decimal(0)
        )


class MocRegistration(models.Model):
    """The activity's registration with one certifying board, for one or more of that board's kinds of credit."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="moc_registrations")
    board = models.CharField(max_length=10, choices=boards.choices)
    point_types = CodesField("kinds of credit", table=boards.type_choices, blank=False)
    maximum = CreditField()
    claim_until_day = models.DateField(
        "points can be claimed until",
        null=True,
        blank=True,
        validators=[zones.check_day],
        help_text="PARS: CreditClaimDate.",
    )

    class Meta:
        verbose_name = "MOC registration"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                F("activity"),
                F("board"),
                name="moc_once_per_board",
                violation_error_message="This board is registered already. Add the kind of credit there.",
            ),
            models.CheckConstraint(
                condition=Q(maximum__gt=0), name="moc_positive", violation_error_message="Register at least 0.25."
            ),
        )

    def __str__(self) -> str:
        return f"{self.maximum} {self.board} {' and '.join(self.point_types)} {self.kind.unit}"

    def clean(self) -> None:
        """Refuse a kind of credit that the board does not know."""
        if self.board not in boards.BOARDS:
            return  # the field itself says so
        unknown = [str(kind) for kind in self.point_types or [] if kind not in self.kind.types]
        if unknown:
            known = ", ".join(self.kind.types)
            raise ValidationError(
                {"point_types": f"{self.board} does not know {', '.join(unknown)}; it knows {known}."}
            )

    @property
    def kind(self) -> Board:
        """The entry in the table of boards."""
        return boards.BOARDS[self.board]

    def points_for(self, credits_claimed: Decimal) -> Decimal:
        """Return the points for credits claimed: as many, but at most those registered (ACCME, CME for MOC)."""
        maximum: Decimal = self.maximum
        return min(credits_claimed, maximum)
