"""What an activity wants to achieve, and its programme: objectives, sessions, and imported tables of sessions."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from activities import credit_types, zones
from activities.codes import CodesField
from activities.credit import CreditField, from_quarters
from activities.models.activity import Activity, short_code

QUARTER = timedelta(minutes=15)
EVENING = time(18)
LAST = 999  # a row that nobody has placed yet comes last


check_code = RegexValidator(r"\A[A-Za-z0-9]{6}\Z", "A code has six letters or digits.")


class Objective(models.Model):
    """What the activity is designed to change, or what a learner should be able to do afterwards."""

    class Kind(models.TextChoices):
        """Bullets under the need, or the numbered list."""

        COMPETENCE = "competence", "change in competence"
        OBJECTIVE = "objective", "learning objective"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="objectives")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OBJECTIVE)
    position = models.PositiveSmallIntegerField(default=LAST)
    text = models.TextField(max_length=600)

    class Meta:
        ordering = ("kind", "position", "id")

    def __str__(self) -> str:
        return self.text


class Session(models.Model):
    """One item of the programme.

    Staff give day and hours of the activity's zone; an evening's end at or before the begin is on the next day.
    `starts_at`, `ends_at` and `credit` are computed at each save: the credit from the minutes, unless staff set it.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=250)
    track = models.CharField(max_length=100, blank=True)
    room = models.CharField(max_length=100, blank=True)
    day = models.DateField(validators=[zones.check_day])
    begins = models.TimeField()
    ends = models.TimeField()
    credit_set = CreditField(
        "credit",
        null=True,
        blank=True,
        validators=[MinValueValidator(0, "Credit is not negative. 0 gives none.")],
        help_text="Empty: computed from the minutes. 0: none.",
    )
    credit_types = CodesField(
        "for", table=credit_types.choices, help_text="None ticked: for every credit type of the activity."
    )
    code = models.CharField(
        max_length=6, default=short_code, validators=[check_code], help_text="Shown at the session; six characters."
    )
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    credit = CreditField(editable=False)

    class Meta:
        ordering = ("starts_at", "room", "id")
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(credit__gte=0), name="session_credit_not_negative"),
            models.UniqueConstraint(
                F("activity"),
                F("day"),
                F("begins"),
                F("room"),
                F("title"),
                name="session_once",
                violation_error_message="This session is in the programme already.",
            ),
            models.UniqueConstraint(
                F("activity"),
                F("code"),
                name="session_code_once",
                violation_error_message="Another session of this activity has this code.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Compute the instants and the credit, then save."""
        self.code = self.code.upper()
        self.compute()
        super().save(*args, **kwargs)

    def compute(self) -> None:
        """Compute `starts_at`, `ends_at` and `credit`."""
        zone = self.activity.time_zone
        self.starts_at = zones.first_instant(self.day, self.begins, zone)
        last = self.day if self.ends > self.begins else self.day + timedelta(days=1)
        self.ends_at = zones.first_instant(last, self.ends, zone)
        self.credit = credit_for(self.ends_at - self.starts_at) if self.credit_set is None else self.credit_set

    def clean(self) -> None:
        """Refuse a day outside the activity, hours that cannot be meant, and more credit than time."""
        if None in {self.day, self.begins, self.ends, self.activity_id}:
            return
        if not self.activity.starts_on <= self.day <= self.activity.ends_on:
            raise ValidationError({"day": f"Outside the activity's days, {self.activity.dates_in_words}."})
        if self.ends == self.begins or (self.ends < self.begins and self.begins < EVENING):
            raise ValidationError(
                {"ends": "It ends before it begins. Only a session of the evening goes past midnight."}
            )
        self.compute()
        if self.ends_at <= self.starts_at:
            raise ValidationError({"begins": "The clocks are put forward at this hour: it does not exist on this day."})
        most = credit_for(self.ends_at - self.starts_at)
        if self.credit > most:
            raise ValidationError({"credit_set": f"An hour is one credit: this session gives at most {most}."})


class SessionImport(models.Model):
    """An uploaded table of sessions: read, shown row by row, and carried out when staff say so."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="session_imports")
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    rows = models.JSONField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


def credit_for(length: timedelta) -> Decimal:
    """Return the credit for a length of time: an hour is one, rounded to the nearest quarter (AMA PRA booklet)."""
    quarters = (Decimal(length.total_seconds()) / Decimal(QUARTER.total_seconds())).quantize(Decimal(1), ROUND_HALF_UP)
    return from_quarters(int(quarters))


def hours_covered(sessions: Iterable[Session]) -> Decimal:
    """Return the hours in which at least one session gives credit: simultaneous ones count once (AMA)."""
    total, reached = timedelta(0), None
    for session in sorted((row for row in sessions if row.credit), key=lambda row: row.starts_at):
        begin = session.starts_at if reached is None else max(session.starts_at, reached)
        total += max(session.ends_at - begin, timedelta(0))
        reached = session.ends_at if reached is None else max(reached, session.ends_at)
    return credit_for(total)


def give_codes(sessions: Iterable[Session], taken: Iterable[str]) -> None:
    """Give sessions that are about to be added other codes where theirs are taken, so that none is refused."""
    codes = set(taken)
    for session in sessions:
        while session.code in codes:
            session.code = short_code()
        codes.add(session.code)


def by_kind(objectives: Iterable[Objective]) -> dict[str, list[Objective]]:
    """Sort an activity's objectives into competence bullets and the numbered list."""
    return {kind.value: [row for row in objectives if row.kind == kind] for kind in Objective.Kind}


def by_day(sessions: Iterable[Session]) -> dict[date, list[Session]]:
    """Sort sessions by the day on which they begin in the activity's zone."""
    days: dict[date, list[Session]] = {}
    for session in sessions:
        days.setdefault(session.day, []).append(session)
    return days
