"""Questions, the choices they offer, and the rows of a matrix."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from activities.models import Objective
from activities.models.programme import LAST
from surveys.models.survey import Survey


class Question(models.Model):
    """One question, or the title of a section, which begins a new page.

    `required_for_moc` ones must be answered by those who wish for MOC points. `feedback` is the rationale that is read
    after the submit. A question with `shown_if` is asked only of those who gave that answer before.
    """

    class Kind(models.TextChoices):
        """How it is answered."""

        SECTION = "section", "— section: a new page"
        SINGLE = "single", "one choice"
        MULTIPLE = "multiple", "several choices"
        YES_NO = "yes_no", "yes or no"
        SCALE = "scale", "scale"
        MATRIX = "matrix", "matrix: rows on one scale"
        SHORT = "short", "short text"
        TEXT = "text", "long text"
        NUMBER = "number", "number"
        DATE = "date", "date"
        COMMITMENT = "commitment", "commitment to change"

    CHOOSING = (Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO, Kind.SCALE, Kind.MATRIX)
    WRITTEN = (Kind.SHORT, Kind.TEXT, Kind.COMMITMENT)
    SCORED = (Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO)

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=LAST)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=600)
    help = models.CharField(max_length=400, blank=True)
    required = models.BooleanField(default=False)
    required_for_moc = models.BooleanField("required when MOC is wished", default=False)
    objective = models.ForeignKey(
        Objective, on_delete=models.RESTRICT, null=True, blank=True, help_text="Which objective a test question tests."
    )
    feedback = models.TextField(blank=True, help_text="The rationale, read after the submit.")
    shown_if = models.ForeignKey(
        "Choice",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="shows",
        verbose_name="asked only after the answer",
        help_text="Answers of questions that are saved already; the question must stand before this one.",
    )

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A yes-or-no question brings its two choices along."""
        super().save(*args, **kwargs)
        if self.kind == self.Kind.YES_NO and not Choice.objects.filter(question=self).exists():
            Choice.objects.bulk_create(
                Choice(question=self, position=n, text=text) for n, text in enumerate(("Yes", "No"), start=1)
            )

    def clean(self) -> None:
        """Refuse conditions that cannot be met in time, and what only the Request for Credit can know."""
        if self.required_for_moc and self.survey.kind not in {Survey.Kind.REQUEST_FOR_CREDIT, Survey.Kind.SET}:
            raise ValidationError(
                {"required_for_moc": "Only the Request for Credit knows the wish for MOC: ask it there, or require it."}
            )
        if self.objective and self.objective.activity_id != self.survey.activity_id:
            raise ValidationError({"objective": "Choose an objective of this survey's activity."})
        asked = self.shown_if.question if self.shown_if else None
        if asked and (asked.survey_id != self.survey_id or asked.pk == self.pk):
            raise ValidationError({"shown_if": "Choose an answer to another question of this survey."})
        if asked and self.kind == self.Kind.SECTION:
            raise ValidationError({"shown_if": "A section is always shown. Set the condition on its questions."})
        if asked and asked.kind == self.Kind.MATRIX:
            raise ValidationError({"shown_if": "A row of a matrix cannot be a condition."})

    @property
    def field_name(self) -> str:
        """The question's name in a form."""
        return f"question_{self.pk}"

    @property
    def field_names(self) -> list[str]:
        """The names of its fields: one for each row of a matrix, none for a section."""
        if self.kind == self.Kind.SECTION:
            return []
        if self.kind == self.Kind.MATRIX:
            return [row.field_name for row in self.rows.all()]
        return [self.field_name]

    @property
    def is_scored(self) -> bool:
        """Whether there are right and wrong answers to it."""
        return self.kind in self.SCORED and any(choice.correct for choice in self.choices.all())


class Choice(models.Model):
    """One of a question's answers, or a point of its scale: the first is 1."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField(default=LAST)
    text = models.CharField(max_length=300)
    correct = models.BooleanField("right", default=False)
    feedback = models.CharField(max_length=600, blank=True, help_text="For who chose it, after the submit.")

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class Row(models.Model):
    """A row of a matrix: a statement judged on the question's scale."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField(default=LAST)
    text = models.CharField(max_length=600)
    objective = models.ForeignKey(Objective, on_delete=models.RESTRICT, null=True, blank=True)

    class Meta:
        ordering = ("position", "id")
        verbose_name = "row of a matrix"
        verbose_name_plural = "rows of a matrix"
        constraints = (
            models.UniqueConstraint(
                F("question"), F("objective"), condition=Q(objective__isnull=False), name="row_once_per_objective"
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def field_name(self) -> str:
        """The row's name in a form."""
        return f"question_{self.question_id}_{self.pk}"
