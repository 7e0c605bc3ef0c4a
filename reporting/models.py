"""The submission, a completion on its way to a board, and the exchanges with the registry, kept as evidence."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import EncryptedJSONField, EncryptedTextField
from accounts.models import User

DECIDED = ("accepted", "rejected", "withdrawn")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Many submissions."""

    def standing(self, *references: str) -> "SubmissionQuerySet":
        """Return what was, or is to be, added for these claims and is not taken back; a refused deletion is none."""
        rows = self.filter(reference__in=references)
        gone = rows.filter(action=Submission.Action.DELETE).exclude(state="rejected").values("credit_id")
        return rows.filter(action=Submission.Action.ADD).exclude(state="withdrawn").exclude(credit_id__in=gone)


class Submission(models.Model):
    """One credit of one board for one learner, as it was when they asked: what is sent never changes.

    `credit_id` (`ccid:<domain>:<number>`) is the idempotency key in the registry. `identity` holds given_name,
    family_name, board_number, birth_month, birth_day; `completion` holds provider, provider_id, activity,
    activity_id, completed_on (a date, never a time), credit_type and points (text, quarters).
    """

    class State(models.TextChoices):
        """From ready to the board's answer; every way through is in `reporting.tasks`."""

        READY = "ready", "ready to send"
        SENDING = "sending", "being sent"
        UNKNOWN = "unknown", "no answer; asking"
        PENDING = "pending", "accepted for processing"
        ACCEPTED = "accepted", "accepted by the board"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "taken back"

    class Action(models.TextChoices):
        """Registries know no update: a correction is a delete and a new add."""

        ADD = "add", "add"
        DELETE = "delete", "delete"

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="submissions")
    reference = models.CharField("claim", max_length=40, db_index=True)
    registry = models.CharField(max_length=20, default="PARS")
    board = models.CharField(max_length=10)
    action = models.CharField(max_length=6, choices=Action.choices, default=Action.ADD)
    credit_id = models.CharField("CreditID", max_length=300)
    identity = EncryptedJSONField()
    completion = models.JSONField()
    reply_to = models.EmailField()
    after = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="It waits for that one."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    reason = EncryptedTextField(blank=True, default="", help_text="The registry's or the board's own words.")
    created_at = models.DateTimeField(default=timezone.now)
    report_by = models.DateField(help_text="ACCME: within 30 days after the evaluation was completed.")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(F("credit_id"), F("action"), name="submission_once"),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False)
                | (~Q(state__in=DECIDED) & Q(decided_at__isnull=True)),
                name="submission_decided_at_when_decided",
            ),
        )

    def __str__(self) -> str:
        return f"{self.board} {self.completion['points']} points, {self.reference}"

    @property
    def is_decided(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.decided_at is not None

    @property
    def is_deletion(self) -> bool:
        """Whether it takes an earlier one back."""
        return self.action == self.Action.DELETE

    def move(self, to: str, *, reason: str = "", now: datetime | None = None) -> None:
        """Go to another state; a decision carries its time, and a decided submission stays decided."""
        decided = to in DECIDED
        rows = Submission.objects.filter(pk=self.pk, decided_at__isnull=True)
        rows.update(state=to, reason=reason, decided_at=(now or timezone.now()) if decided else None)
        self.refresh_from_db(fields=("state", "reason", "decided_at"))


class Exchange(models.Model):
    """What was sent and what was answered, with the credentials blanked; an empty status means no answer came."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="exchanges")
    at = models.DateTimeField(default=timezone.now)
    operation = models.CharField(max_length=20)
    sent = EncryptedJSONField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answered = EncryptedJSONField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.operation}: {self.status or 'no answer'}"
