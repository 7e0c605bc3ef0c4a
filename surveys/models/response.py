"""What learners answered: drafts as typed, frozen answers, and the marks of tests."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.encryption import EncryptedJSONField
from accounts.models import User
from activities.models import Activity
from surveys.models.question import Choice, Question, Row
from surveys.models.survey import Survey


class Response(models.Model):
    """One learner's way through one survey; a test may have several attempts, all others have one.

    `typed` holds, by field name, the very strings the learner typed, valid or not, until the response is submitted;
    it may hold a board number and is encrypted. Submitting turns it into answers and empties it. A test's choices are
    shuffled by `seed`; `right` of `asked` questions were answered correctly, and `passed` is judged at the submit.
    """

    class State(models.TextChoices):
        """Once submitted, a response does not change; it can gain what points require (`surveys.services.points`)."""

        DRAFT = "draft", "being answered"
        SUBMITTED = "submitted", "submitted"

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="responses")
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="responses")
    attempt = models.PositiveSmallIntegerField(default=1)
    seed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    typed = EncryptedJSONField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    right = models.PositiveSmallIntegerField(null=True, blank=True)
    asked = models.PositiveSmallIntegerField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(F("survey"), F("learner"), F("attempt"), name="response_once_per_attempt"),
            models.UniqueConstraint(
                fields=("survey", "learner"), condition=Q(state="draft"), name="response_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False),
                name="response_submitted_at_when_submitted",
            ),
            models.CheckConstraint(
                condition=Q(right__isnull=True, asked__isnull=True) | Q(right__lte=F("asked")),
                name="response_right_of_asked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner}: {self.survey}"

    @property
    def activity(self) -> Activity:
        """The activity whose survey it answers; question sets are answered by nobody."""
        assert self.survey.activity is not None  # noqa: S101 (see above)
        return self.survey.activity

    @property
    def is_submitted(self) -> bool:
        """Whether it is frozen."""
        return self.state == self.State.SUBMITTED

    @property
    def is_kept(self) -> bool:
        """Whether something was typed that was not submitted."""
        return not self.is_submitted and self.saved_at is not None

    @property
    def percent(self) -> int:
        """The score of a test, rounded down so that nobody reads a pass mark they did not reach."""
        return self.right * 100 // self.asked if self.right and self.asked else 0

    def may_follow_at(self) -> datetime | None:
        """Return when the next attempt may begin after this submitted one; None when it may at once."""
        minutes = self.survey.cooling_minutes
        return self.submitted_at + timedelta(minutes=minutes) if minutes and self.submitted_at else None


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Many answers."""

    def plans(self, *, activity: Activity, learner: User) -> list[str]:
        """Return what the learner said they would change, in their own words."""
        made = self.filter(
            response__survey__activity=activity, response__learner=learner, question__kind=Question.Kind.COMMITMENT
        )
        asked_before = made.exclude(response__survey__kind=Survey.Kind.FOLLOW_UP)
        return list(asked_before.order_by("id").values_list("text", flat=True))


class Answer(models.Model):
    """One frozen answer: a chosen choice (for a matrix of one row), a text, a number or a date.

    Several choices are several answers. Answers never change, nor do the questions they belong to.
    """

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    row = models.ForeignKey(Row, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    text = models.TextField(blank=True)
    number = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    date = models.DateField(null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("question", "row", "choice"), name="answer_by_choice"),)
        constraints = (
            models.UniqueConstraint(
                F("response"), F("question"), Coalesce(F("row"), Value(0)), Coalesce(F("choice"), Value(0)),
                name="answer_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        parts = (self.row, self.choice, self.text, self.number, self.date)
        return ": ".join(str(part) for part in parts if part not in (None, ""))


class Mark(models.Model):
    """Whether one question of a test was answered correctly."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="marks")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="marks")
    right = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(F("response"), F("question"), name="mark_once"),)

    def __str__(self) -> str:
        return f"{self.question}: {'right' if self.right else 'wrong'}"


class ExtraAttempt(models.Model):
    """One more attempt at the post-test, allowed to one learner by staff."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="extra_attempts")
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="extra_attempts")
    reason = models.CharField(max_length=300)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.learner}: {self.activity}"
