"""A question as staff write it: its choices and rows as lines of text, so that a whole survey fits one form."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget

from surveys.models import Choice, Question, Row, Survey

RIGHT, BECAUSE, LITERALLY = "* ", " | ", "\\"
LIKE_A_MARK = re.compile(r"\\*\* ")  # a choice that begins so has a backslash more in front of it in its line


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One question. The lines' order is that of the choices."""

    choice_lines = forms.CharField(
        label="Choices",
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 5}),
        help_text=(
            "A line for each. In tests: a star and a space before what is right, and feedback after a bar: "
            "“* 70 % | Since 2019.” A backslash before a star or a bar makes it part of the choice."
        ),
    )
    row_lines = forms.CharField(
        label="Rows of a matrix",
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="A line for each. A line that is an objective counts as its evaluation.",
    )

    class Meta:
        model = Question
        exclude = ("survey",)  # noqa: DJ006 (the inline knows it)
        widgets = {"feedback": UnfoldAdminTextareaWidget({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["choice_lines"] = "\n".join(_line(row) for row in self.instance.choices.all())
            self.initial["row_lines"] = "\n".join(row.text for row in self.instance.rows.all())

    def clean_choice_lines(self) -> list[Choice]:
        """Return the lines as choices."""
        wanted = [_checked(_choice(line), "question") for line in _lines(self.cleaned_data["choice_lines"])]
        stored = list(self.instance.choices.all()) if self.instance.pk else []
        for choice in _matched(stored, wanted):
            for question in choice.shows.all():
                raise ValidationError(f"“{question}” is asked only after “{choice}”. Change that condition first.")
        return wanted

    def clean_row_lines(self) -> list[Row]:
        """Return the lines as rows."""
        rows = [_checked(Row(text=line), "question") for line in _lines(self.cleaned_data["row_lines"])]
        if len({row.text for row in rows}) < len(rows):
            raise ValidationError("Two rows are the same. Remove one.")
        return rows

    def clean(self) -> dict[str, Any]:
        """Refuse a question that nobody could answer."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind in Question.CHOOSING and kind != Question.Kind.YES_NO and not cleaned.get("choice_lines", True):
            self.add_error("choice_lines", "Give the choices, a line for each: it cannot be answered without them.")
        if kind == Question.Kind.MATRIX and not cleaned.get("row_lines", True):
            self.add_error("row_lines", "Give the rows of the matrix, a line for each.")
        return cleaned

    def _save_m2m(self) -> None:
        """Bring the stored choices and rows in line; called by Django once the question itself is saved."""
        super()._save_m2m()  # type: ignore[misc]  # Django's, though not in its stubs
        question: Question = self.instance
        choices = self.cleaned_data["choice_lines"]
        if "choice_lines" in self.changed_data or not choices:
            _replace(list(question.choices.all()), choices, question)
            question.save()  # brings yes and no again
        if "row_lines" in self.changed_data:
            known = _objectives(question.survey)
            for row in self.cleaned_data["row_lines"]:
                row.objective_id = known.get(row.text)
            stored = list(question.rows.all())
            Row.objects.filter(question=question).update(objective=None)  # one objective never stands twice meanwhile
            _replace(stored, self.cleaned_data["row_lines"], question)


def _matched(stored: list[Any], wanted: list[Any]) -> list[Any]:
    """Give each wanted row the number of a stored one and return the stored ones that are left over.

    Rows with the same words stay the same, wherever they stand now; the others take the places that are left, in order,
    so that a corrected word does not lose the conditions on its choice.
    """
    left = {row.text: row for row in reversed(stored)}
    same = {id(row): left.pop(row.text) for row in wanted if row.text in left}
    taken = {row.pk for row in same.values()}
    free = [row for row in stored if row.pk not in taken]
    for row in wanted:
        match = same.get(id(row)) or (free.pop(0) if free else None)
        if match:
            row.pk, row._state.adding = match.pk, False  # noqa: SLF001 (Django's documented way)
    return free


def _replace(stored: list[Any], wanted: list[Any], question: Question) -> None:
    """Make the stored rows the wanted ones."""
    superfluous = _matched(stored, wanted)
    for number, row in enumerate(wanted, start=1):
        row.question, row.position = question, number
        row.save()
    for row in superfluous:
        row.delete()


def _objectives(survey: Survey) -> dict[str, int]:
    return {row.text: row.pk for row in survey.activity.objectives.all()} if survey.activity else {}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _line(choice: Choice) -> str:
    text = choice.text.replace(BECAUSE, f" {LITERALLY}| ")
    if LIKE_A_MARK.match(text):
        text = LITERALLY + text
    return f"{RIGHT if choice.correct else ''}{text}{BECAUSE if choice.feedback else ''}{choice.feedback}"


def _choice(line: str) -> Choice:
    text, _, feedback = line.removeprefix(RIGHT).strip().partition(BECAUSE)
    if LIKE_A_MARK.match(text):
        text = text.removeprefix(LITERALLY)
    text = text.replace(f" {LITERALLY}| ", BECAUSE)
    return Choice(text=text.strip(), correct=line.startswith(RIGHT), feedback=feedback.strip())


def _checked(row: Any, *without: str) -> Any:
    """Return the row if its texts fit; raises ValidationError in words that name the line."""
    try:
        row.clean_fields(exclude=list(without))
    except ValidationError as error:
        raise ValidationError([f"“{row.text[:60]}”: {words}" for words in error.messages]) from None
    return row


class QuestionFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The questions of a survey; what they may refer to is read once for all of them."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer only choices of this survey and objectives of its activity."""
        super().add_fields(form, index)
        form.instance.survey = self.instance
        for name, found in self._offered().items():
            if name in form.fields:
                form.fields[name].choices = [("", "—"), *found]

    def _offered(self) -> dict[str, list[tuple[int, str]]]:
        if not hasattr(self, "_found"):
            survey: Survey = self.instance
            asked = survey.questions.prefetch_related("choices") if survey.pk else ()
            conditions = [
                (choice.pk, f"{question.text[:60]}: {choice.text}")
                for question in asked
                if question.kind in Question.SCORED or question.kind == Question.Kind.SCALE
                for choice in question.choices.all()
            ]
            objectives = survey.activity.objectives.all() if survey.activity_id and survey.activity else ()
            self._found = {"shown_if": conditions, "objective": [(row.pk, row.text[:90]) for row in objectives]}
        return self._found
