"""Surveys, their questions, and what learners answered."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import EncryptedJSONField
from accounts.models import User
from activities.models import Activity


class Survey(models.Model):
    """The questions of one kind that an activity asks."""

    class Kind(models.TextChoices):
        """What the survey is for."""

        REQUEST_FOR_CREDIT = "request", "Request for Credit"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="surveys")
    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        constraints = (models.UniqueConstraint(F("activity"), F("kind"), name="survey_once_per_kind"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.activity}"


class Question(models.Model):
    """One question; `required_for_moc` ones must be answered by those who wish for MOC points."""

    class Kind(models.TextChoices):
        """How it is answered."""

        SINGLE = "single", "one choice"
        MULTIPLE = "multiple", "several choices"
        TEXT = "text", "free text"

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=400)
    help = models.CharField(max_length=300, blank=True)
    required = models.BooleanField(default=False)
    required_for_moc = models.BooleanField("required when MOC is wished", default=False)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(F("survey"), F("position"), name="question_position"),)

    def __str__(self) -> str:
        return self.text

    @property
    def field_name(self) -> str:
        """The question's name in a form."""
        return f"question_{self.pk}"


class Choice(models.Model):
    """One of a question's answers."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(F("question"), F("position"), name="choice_position"),)

    def __str__(self) -> str:
        return self.text


class Response(models.Model):
    """One learner's way through one survey.

    `typed` holds, by field name, the very strings the learner typed, valid or not, until the response is submitted;
    it may hold a board number and is encrypted. Submitting turns it into answers and a claim, and empties it.
    """

    class State(models.TextChoices):
        """Once submitted, a response does not change."""

        DRAFT = "draft", "being answered"
        SUBMITTED = "submitted", "submitted"

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="responses")
    learner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="responses")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    typed = EncryptedJSONField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(F("survey"), F("learner"), name="response_once"),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False),
                name="response_submitted_at_when_submitted",
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner}: {self.survey}"


class Answer(models.Model):
    """A frozen answer: text, or the chosen choices' texts as a list."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    value = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(F("response"), F("question"), name="answer_once"),)

    def __str__(self) -> str:
        return str(self.value)
