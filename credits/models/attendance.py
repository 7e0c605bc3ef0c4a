"""Who attended what, as lists of the office say, and the lists themselves, row by row."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from activities.credit import CreditField
from activities.models import Activity, Session
from credits.models.claim import Claim


class Attendance(models.Model):
    """How long a person attended, by record: of one session, or of the activity as a whole where none is named."""

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendance")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="attendance")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendance", null=True, blank=True)
    amount = CreditField("hours")

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "attendance"
        constraints = (
            models.UniqueConstraint(F("learner"), F("session"), name="attendance_once_per_session"),
            models.UniqueConstraint(
                F("learner"), F("activity"), condition=Q(session=None), name="attendance_once_per_activity"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attendance_positive"),
        )

    def __str__(self) -> str:
        return f"{self.learner}: {self.session or self.activity}, {self.amount}"


LISTS = "lists"


def list_name(_instance: Any, _name: str) -> str:
    """Return a random name for a list."""
    return f"{LISTS}/{uuid4().hex}"


class AttendanceImport(models.Model):
    """An uploaded list: checked row by row by a job, carried out when staff say so, undone as a whole."""

    class State(models.TextChoices):
        """Each `-ing` is a job's work and ends by itself."""

        CHECKING = "checking", "being checked"
        CHECKED = "checked", "checked; nothing is imported yet"
        IMPORTING = "importing", "being imported"
        IMPORTED = "imported", "imported"
        UNDOING = "undoing", "being undone"
        UNDONE = "undone", "undone"
        REFUSED = "refused", "refused"

    class Kind(models.TextChoices):
        """What a row means."""

        ATTENDANCE = "attendance", "attendance: who was there; they claim themselves"
        COMPLETION = "completion", "completion: credit is awarded and certificates are sent"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ATTENDANCE)
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to=list_name)
    sha256 = models.CharField(max_length=64, db_index=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refusal = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def awards(self) -> bool:
        """Whether its rows award credit."""
        return self.kind == self.Kind.COMPLETION


class ImportedRow(models.Model):
    """One row of a list, what is to become of it, and what became of it.

    A row about nobody we know waits: it joins when somebody confirms that address.
    """

    class Verdict(models.TextChoices):
        """What a row is good for."""

        OK = "ok", "ok"
        DOUBTFUL = "doubtful", "doubtful"
        WAITING = "waiting", "waiting for the person"
        SAME = "same", "nothing new"
        REPEATED = "repeated", "repeated in the list"
        REFUSED = "refused", "refused"

    class State(models.TextChoices):
        """What became of it."""

        TODO = "todo", "to do"
        DONE = "done", "imported"
        HELD = "held", "waits for the person"
        FAILED = "failed", "failed"
        UNDONE = "undone", "undone"
        LEFT = "left", "left out"

    source = models.ForeignKey(AttendanceImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    email = models.EmailField(blank=True, db_index=True)
    member_number = models.CharField(max_length=40, blank=True, db_index=True)
    name = models.CharField(max_length=200, blank=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    learner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    amount = CreditField(null=True)
    completed_on = models.DateField(null=True)
    cells = models.JSONField(default=dict, help_text="The row as it stands in the list, by the field's name.")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    words = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.TODO)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(F("source"), F("number"), name="imported_row_once"),)
        indexes = (models.Index(fields=("state", "email"), name="imported_row_held"),)

    def __str__(self) -> str:
        return f"row {self.number}"
