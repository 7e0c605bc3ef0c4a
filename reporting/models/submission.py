"""The submission, a completion on its way to a board, and the exchanges with the registry, kept as evidence."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import EncryptedJSONField, EncryptedTextField
from accounts.models import User
from reporting import states
from reporting.models.batch import Batch
from reporting.snapshots import STATE_CREDIT
from reporting.states import DECIDED


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Many submissions."""

    def standing(self, *references: str) -> "SubmissionQuerySet":
        """Return what was, or is to be, added for these claims and is not taken back; a refused deletion is none."""
        rows = self.filter(reference__in=references)
        gone = rows.filter(action=Submission.Action.DELETE).exclude(state="rejected").values("credit_id")
        added = rows.filter(action=Submission.Action.ADD).exclude(state__in=("withdrawn", "corrected"))
        return added.exclude(credit_id__in=gone)


class Submission(models.Model):
    """One credit of one board for one learner, as it was when they asked: what is sent never changes.

    `credit_id` (`ccid:<domain>:<number>`) is the idempotency key in the registry. `identity` holds given_name,
    family_name, board_number, birth_month, birth_day; `completion` is a `reporting.snapshots.Completion`.
    A draft or one that was not sent yet may still be put right.
    """

    State = states.State

    class Registry(models.TextChoices):
        """Who is told."""

        PARS = "PARS", "PARS"
        CPE = "CPE", "CPE Monitor"

    class Fault(models.TextChoices):
        """In whose data a rejection finds its cause."""

        LEARNER = "learner", "the learner's"
        OFFICE = "office", "ours"

    class Action(models.TextChoices):
        """Registries know no update: a correction is a delete and a new add."""

        ADD = "add", "add"
        DELETE = "delete", "delete"

    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="submissions")
    reference = models.CharField("claim", max_length=40, db_index=True)
    registry = models.CharField(max_length=20, choices=Registry.choices, default=Registry.PARS)
    board = models.CharField(max_length=10)
    action = models.CharField(max_length=6, choices=Action.choices, default=Action.ADD)
    credit_id = models.CharField("CreditID", max_length=300)
    identity = EncryptedJSONField()
    number_digest = models.CharField(max_length=64, db_index=True, editable=False, default="")
    completion = models.JSONField()
    reply_to = models.EmailField()
    after = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="It waits for that one."
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    state = models.CharField(max_length=10, choices=states.State.choices, default=states.State.READY)
    reason = EncryptedTextField(blank=True, default="", help_text="The registry's, the board's or the office's words.")
    fault = models.CharField("whose data", max_length=7, choices=Fault.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    send_at = models.DateTimeField(default=timezone.now, help_text="Not before this.")
    clocks = models.JSONField(default=list, help_text="Deadlines: name and day, the nearest first.")
    report_by = models.DateField(db_index=True, help_text="The nearest of them.")
    attempted_at = models.DateTimeField(
        "last sent at", null=True, blank=True, help_text="When it last left; it may arrive for a day."
    )
    seen_at = models.DateTimeField(
        "last seen at", null=True, blank=True, help_text="When the registry last said that it has it."
    )
    absent_since = models.DateTimeField(null=True, blank=True, help_text="Since when the registry says it has not.")
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When the registry took it for processing.")
    decided_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When the learner was told that it was accepted.")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "report_by"), name="submission_queue"),)
        constraints = (
            models.UniqueConstraint(F("credit_id"), F("action"), name="submission_once"),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False)
                | (~Q(state__in=DECIDED) & Q(decided_at__isnull=True)),
                name="submission_decided_at_when_decided",
            ),
        )

    def __str__(self) -> str:
        return f"{self.board}: {self.completion['points']} {self.completion['credit_type']}, {self.reference}"

    @property
    def state_in_words(self) -> str:
        """The state, in the words of its registry: a board accepts, CPE Monitor and PARS record, a deletion is done."""
        if self.state != states.State.ACCEPTED:
            return str(self.get_state_display())
        if self.is_deletion:
            return "deleted"
        return str(self.get_state_display()) if self.is_moc else "recorded"

    @property
    def is_decided(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.decided_at is not None

    @property
    def is_deletion(self) -> bool:
        """Whether it takes an earlier one back."""
        return self.action == self.Action.DELETE

    @property
    def is_moc(self) -> bool:
        """Whether it reports points to a certifying board."""
        return self.registry == self.Registry.PARS and not self.is_for_state

    @property
    def is_for_state(self) -> bool:
        """Whether it reports credit to a state medical board."""
        return bool(self.completion["credit_type"] == STATE_CREDIT)

    @property
    def may_be_corrected(self) -> bool:
        """Whether the learner's identity can be put right: not on its way, nor taken back, nor when all is well."""
        open_to_it = not self.is_deletion and self.state in (*states.NOT_SENT, states.State.REJECTED)
        return open_to_it and self.stands

    @property
    def stands(self) -> bool:
        """Whether it is to be added and nobody takes it back."""
        return Submission.objects.standing(self.reference).filter(pk=self.pk).exists()

    def leave(self) -> bool:
        """Become SENDING, unless somebody has changed it or put it into a file meanwhile; say whether it may leave."""
        rows = Submission.objects.filter(pk=self.pk, state=self.state, batch=None)
        news = {"attempted_at": timezone.now(), "absent_since": None}
        left = rows.update(state=states.State.SENDING, reason="", fault="", **news)
        self.refresh_from_db()
        return bool(left)

    def note_seen(self, now: datetime) -> None:
        """Remember that the registry has the record."""
        self.seen_at, self.absent_since = now, None
        Submission.objects.filter(pk=self.pk).update(seen_at=now, absent_since=None)

    def note_absent(self, now: datetime) -> None:
        """Remember since when the registry says that it does not have the record."""
        self.absent_since = self.absent_since or now
        Submission.objects.filter(pk=self.pk).update(absent_since=self.absent_since)

    @property
    def was_sent(self) -> bool:
        """Whether the registry may have heard of it by the service."""
        return self.taken_at is not None or self.exchanges.exists()

    @property
    def learner_is_missing(self) -> bool:
        """Whether what is missing is the learner's to add."""
        person = self.identity
        return not (person["board_number"] and person["birth_month"] and person["birth_day"])

    def days_left(self, today: date) -> int:
        """Return the days until the nearest deadline; negative when it is over."""
        return int((self.report_by - today).days)

    def move(self, to: str, *, reason: str = "", fault: str = "", now: datetime | None = None) -> bool:
        """Go to another state if the table of states allows it, and say whether it did; a decision has its time."""
        now, decided = now or timezone.now(), to in DECIDED
        rows = Submission.objects.filter(pk=self.pk, state__in=states.before(states.State(to)))
        news = {"state": to, "reason": reason, "fault": fault, "decided_at": now if decided else None}
        if to == states.State.PENDING:
            news["taken_at"] = now
        if to in (states.State.READY, states.State.UNKNOWN):
            news["batch"] = None  # what waits for the service is in no file
        moved = rows.update(**news)
        self.refresh_from_db(fields=("state", "reason", "fault", "decided_at", "taken_at", "batch"))
        return bool(moved)


def standing_among(rows: Iterable[Submission]) -> list[Submission]:
    """Return those of a claim's reports that stand, by the rule of `SubmissionQuerySet.standing`, in their order."""
    rows = list(rows)
    gone = {row.credit_id for row in rows if row.is_deletion and row.state != states.State.REJECTED}
    ended = (states.State.WITHDRAWN, states.State.CORRECTED)
    return [row for row in rows if not row.is_deletion and row.state not in ended and row.credit_id not in gone]


class Exchange(models.Model):
    """What was sent and what was answered, with the credentials blanked; an empty status means no answer came.

    The same question with the same answer, one after the other, is one row with the number of times.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="exchanges")
    at = models.DateTimeField(default=timezone.now)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(default=timezone.now)
    operation = models.CharField(max_length=20)
    sent = EncryptedJSONField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answered = EncryptedJSONField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.operation}: {self.status or 'no answer'}"
