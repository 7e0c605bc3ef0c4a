"""The activity, its objectives, its programme, and the credit for which it is designated."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from activities import zones
from activities.credit import CreditField
from activities.credit_types import CHOICES, CREDIT_TYPES, CreditType, awarded_to
from activities.models.provider import Provider


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Many activities."""

    def published(self) -> "ActivityQuerySet":
        """Return what learners may see."""
        return self.filter(state__in=(Activity.State.PUBLISHED, Activity.State.CLOSED))

    def with_credit(self) -> "ActivityQuerySet":
        """Load provider and designations along."""
        return self.select_related("provider").prefetch_related("designations", "moc_registrations")


class Activity(models.Model):
    """A regulated document: what is taught, to whom, by whom, for how much credit, and until when it can be claimed.

    Staff give days and hours of the activity's own zone; `starts_at`, `ends_at` and `claim_until` are the UTC
    instants computed from them at each save, for rules and queries. For self-study the first and last day are
    release and expiry.
    """

    class Format(models.TextChoices):
        """AMA's learning formats; the noun stands in statements and on certificates."""

        LIVE = "live", "live activity"
        ENDURING = "enduring", "enduring material"

    class State(models.TextChoices):
        """Whether learners see it."""

        DRAFT = "draft", "draft"
        PUBLISHED = "published", "published"
        CLOSED = "closed", "closed"
        ARCHIVED = "archived", "archived"

    class SupportState(models.TextChoices):
        """Commercial support, as the page must say it."""

        NONE = "none", "No commercial support"
        PENDING = "pending", "Agreements pending: supporters will be named at the activity"
        NAMED = "named", "Supporters are named below"

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="activities")
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=250)
    format = models.CharField(max_length=20, choices=Format.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    pars_id = models.CharField(
        "ACCME activity ID",
        max_length=9,
        blank=True,
        validators=[RegexValidator(r"^\d{9}$", "Nine digits, as PARS assigned them.")],
    )

    venue = models.CharField(max_length=150, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=60, default="America/New_York", validators=[zones.check_zone])
    starts_on = models.DateField("first day or release")
    ends_on = models.DateField("last day or expiry")
    claim_until_day = models.DateField("credit can be claimed until")
    claim_until_hour = models.TimeField("at", default=zones.END_OF_DAY)
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    claim_until = models.DateTimeField(editable=False, db_index=True)
    estimated_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Self-study: time to complete.")

    summary = models.TextField(blank=True)
    need = models.TextField("educational need", blank=True)
    audience = models.TextField("target audience", blank=True)
    free = models.BooleanField("free of charge", default=False)
    credit_note = models.TextField(blank=True, help_text="What else must be said about the number of credits.")
    system_requirements = models.TextField(blank=True)
    off_label = models.TextField("unlabeled use", blank=True)
    support_state = models.CharField(max_length=10, choices=SupportState.choices, default=SupportState.NONE)
    relationships_mitigated = models.BooleanField(default=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "title")
        verbose_name_plural = "activities"
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="activity_ends_after_start"),
            models.CheckConstraint(condition=Q(claim_until__gte=F("ends_at")), name="activity_claim_until_after_end"),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Compute the instants from the local days and hours, then save."""
        self.set_instants()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of the public page."""
        return reverse("activities:activity", args=[self.slug])

    def set_instants(self) -> None:
        """Compute `starts_at`, `ends_at` and `claim_until`."""
        self.starts_at = zones.instant(self.starts_on, datetime.min.time(), self.time_zone)
        self.ends_at = zones.instant(self.ends_on, zones.END_OF_DAY, self.time_zone)
        self.claim_until = zones.instant(self.claim_until_day, self.claim_until_hour, self.time_zone)

    def clean(self) -> None:
        """Say which date is wrong before the database refuses it."""
        if not (self.starts_on and self.ends_on and self.claim_until_day and self.claim_until_hour):
            return
        if not zones.is_zone(self.time_zone):
            return  # the field itself says so
        if self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "The last day lies before the first."})
        self.set_instants()
        if self.claim_until < self.ends_at:
            raise ValidationError({"claim_until_day": "Credit must be claimable until the activity has ended."})

    @property
    def is_self_study(self) -> bool:
        """Whether learners work on their own between release and expiry."""
        return self.format == self.Format.ENDURING

    def deadline_has_passed(self, now: datetime) -> bool:
        """Whether `now` is after the last second of the deadline; that second itself still counts in full."""
        return now.replace(microsecond=0) > self.claim_until

    @property
    def deadline_in_words(self) -> str:
        """`Wednesday, February 23, 2022, 11:59 p.m. PST (Portland)`."""
        return zones.in_words(self.claim_until, self.time_zone, self.city)

    @property
    def offers_moc(self) -> bool:
        """Whether points can be reported: PARS must know the activity, and a board must have registered it."""
        return bool(self.pars_id) and bool(self.moc_registrations.all())

    @property
    def start_in_words(self) -> str:
        """The first day's beginning, with its zone."""
        return zones.in_words(self.starts_at, self.time_zone, self.city)

    @property
    def dates_in_words(self) -> str:
        """`January 24–27, 2022`."""
        return zones.span_in_words(self.starts_on, self.ends_on)

    @property
    def place(self) -> str:
        """`Portland, Oregon`; empty for self-study."""
        return ", ".join(part for part in (self.city, self.region, self.country) if part)

    def designation_for(self, profession: str) -> "CreditDesignation | None":
        """Return what a learner of this profession may be awarded here; None when the activity offers them nothing."""
        rows = {row.credit_type: row for row in self.designations.all()}
        kind = awarded_to(profession, set(rows))
        return rows[kind.code] if kind else None


class CreditDesignation(models.Model):
    """The maximum of one credit type for which the activity was designated before it began."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="designations")
    credit_type = models.CharField(max_length=20, choices=CHOICES)
    maximum = CreditField()
    uan = models.CharField("ACPE UAN", max_length=30, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(F("activity"), F("credit_type"), name="designation_once_per_type"),
            models.CheckConstraint(condition=Q(maximum__gt=0), name="designation_positive"),
        )

    def __str__(self) -> str:
        return self.kind.amount(self.maximum)

    @property
    def kind(self) -> CreditType:
        """The entry in the table of credit types."""
        return CREDIT_TYPES[self.credit_type]


class MocRegistration(models.Model):
    """The activity's registration with a certifying board for Maintenance of Certification points."""

    class Board(models.TextChoices):
        """Boards that take completions through PARS."""

        ABIM = "ABIM", "American Board of Internal Medicine"

    class PointType(models.TextChoices):
        """ABIM's kinds of points."""

        KNOWLEDGE = "Medical Knowledge", "Medical Knowledge"
        PRACTICE = "Practice Assessment", "Practice Assessment"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="moc_registrations")
    board = models.CharField(max_length=10, choices=Board.choices)
    point_type = models.CharField(max_length=30, choices=PointType.choices)
    maximum = CreditField()

    class Meta:
        verbose_name = "MOC registration"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(F("activity"), F("board"), F("point_type"), name="moc_once_per_board_and_type"),
            models.CheckConstraint(condition=Q(maximum__gt=0), name="moc_positive"),
        )

    def __str__(self) -> str:
        return f"{self.maximum} {self.board} {self.point_type} MOC points"

    def points_for(self, credits_claimed: Decimal) -> Decimal:
        """Return the points for credits claimed: as many, but at most those registered (ACCME, CME for MOC)."""
        maximum: Decimal = self.maximum
        return min(credits_claimed, maximum)


class Objective(models.Model):
    """What the activity is designed to change, or what a learner should be able to do afterwards."""

    class Kind(models.TextChoices):
        """Bullets under the need, or the numbered list."""

        COMPETENCE = "competence", "change in competence"
        OBJECTIVE = "objective", "learning objective"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="objectives")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OBJECTIVE)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=400)

    class Meta:
        ordering = ("kind", "position")
        constraints = (models.UniqueConstraint(F("activity"), F("kind"), F("position"), name="objective_position"),)

    def __str__(self) -> str:
        return self.text


class Session(models.Model):
    """One item of a live activity's programme."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=250)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    credit = CreditField()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
        )

    def __str__(self) -> str:
        return self.title


def by_kind(objectives: Iterable[Objective]) -> dict[str, list[Objective]]:
    """Sort an activity's objectives into competence bullets and the numbered list."""
    return {kind.value: [row for row in objectives if row.kind == kind] for kind in Objective.Kind}
