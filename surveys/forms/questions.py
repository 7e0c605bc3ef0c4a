"""Questions as form fields, and fields as answers: one entry for each kind of question."""

import random
from collections.abc import Callable
from typing import Any

from crispy_forms.layout import Div, Field, Layout, LayoutObject
from django import forms
from django.template.loader import render_to_string
from django.utils.html import escape

from surveys.forms.page import PageForm
from surveys.models import Choice, Question

LONGEST = {Question.Kind.SHORT: 300, Question.Kind.TEXT: 20_000, Question.Kind.COMMITMENT: 2_000}
Asked = set[int]


class QuestionsForm(PageForm):
    """A page of questions.

    `asked` are the numbers of those that apply to this learner; the others are on the page because an answer on it
    decides, and what is typed there does not count. `needed` are the numbers of those that must be answered if asked.
    """

    def __init__(
        self, *args: Any, questions: list[Question], asked: Asked, needed: Asked, seed: int | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions, self.asked = questions, asked
        matrices = [row for row in questions if row.kind == Question.Kind.MATRIX and row.field_names]
        self.headings = {row.field_names[0]: row.text for row in matrices}
        layout = Layout()
        for question in questions:
            drawn = self._add(question, needed, _ordered(question, seed))
            layout.append(_under_condition(question, questions, drawn))
        self.helper.layout = layout

    def _add(self, question: Question, needed: Asked, choices: list[Choice]) -> LayoutObject:
        names = question.field_names
        rows = [row.text for row in question.rows.all()] if question.kind == Question.Kind.MATRIX else [question.text]
        for name, text in zip(names, rows, strict=True):
            required = question.pk in needed
            shared = {
                "label": _labelled(question, text, required=required),
                "help_text": "" if question.kind == Question.Kind.MATRIX else escape(question.help),
                "required": required and question.pk in self.asked,
                "error_messages": {"required": f"Answer: {text}"},
            }
            self.fields[name] = FIELDS[Question.Kind(question.kind)](question, choices, shared)
        if question.kind == Question.Kind.MATRIX:
            return Matrix(question, choices)
        css = "scale" if question.kind == Question.Kind.SCALE else "question"
        return Field(names[0], wrapper_class=css)

    def is_asked(self, name: str) -> bool:
        """Whether the field's question applies to this learner."""
        return any(name in question.field_names for question in self.questions if question.pk in self.asked)

    def answers(self) -> list[dict[str, Any]]:
        """Return the facts of `Answer` rows for what was answered among what was asked; call it on a valid form."""
        found = []
        for question in self.questions:
            if question.pk in self.asked:
                for name in question.field_names:
                    row = int(name.rpartition("_")[2]) if question.kind == Question.Kind.MATRIX else None
                    found += _facts(question, row, self.cleaned_data.get(name))
        return found


class Matrix(LayoutObject):
    """Draws the rows of a matrix as a table, which becomes a list on a phone."""

    template = "surveys/matrix.html"

    def __init__(self, question: Question, choices: list[Choice]) -> None:
        self.question, self.choices, self.fields = question, choices, question.field_names

    def render(self, form: PageForm, _context: Any, **_kwargs: Any) -> str:
        """Return the table."""
        form.rendered_fields.update(self.fields)  # type: ignore[attr-defined]  # crispy's own bookkeeping
        rows = [form[name] for name in self.fields]
        return render_to_string(self.template, {"question": self.question, "choices": self.choices, "rows": rows})


def _one(_question: Question, choices: list[Choice], shared: dict[str, Any]) -> forms.Field:
    shared["error_messages"]["invalid_choice"] = "Choose one of the answers shown here."
    return forms.ChoiceField(choices=_pairs(choices), widget=forms.RadioSelect, **shared)


def _several(_question: Question, choices: list[Choice], shared: dict[str, Any]) -> forms.Field:
    shared["error_messages"]["invalid_choice"] = "Choose among the answers shown here."
    return forms.MultipleChoiceField(choices=_pairs(choices), widget=forms.CheckboxSelectMultiple, **shared)


def _written(question: Question, _choices: list[Choice], shared: dict[str, Any]) -> forms.Field:
    kind = Question.Kind(question.kind)
    widget = forms.TextInput() if kind == Question.Kind.SHORT else forms.Textarea(attrs={"rows": 3})
    widget.attrs["dir"] = "auto"
    shared["error_messages"]["max_length"] = (
        f"This is longer than {LONGEST[kind]:,} characters (it has %(show_value)s). Shorten it; nothing is lost."
    )
    return forms.CharField(max_length=LONGEST[kind], widget=widget, **shared)


def _number(_question: Question, _choices: list[Choice], shared: dict[str, Any]) -> forms.Field:
    shared["error_messages"]["invalid"] = "Enter a number, for example 12 or 0.5."
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.DecimalField(max_digits=14, decimal_places=6, widget=widget, **shared)


def _date(_question: Question, _choices: list[Choice], shared: dict[str, Any]) -> forms.Field:
    shared["error_messages"]["invalid"] = "Enter a day, for example 2026-06-01."
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **shared)


Build = Callable[[Question, list[Choice], dict[str, Any]], forms.Field]
FIELDS: dict[Question.Kind, Build] = {
    Question.Kind.SINGLE: _one,
    Question.Kind.MULTIPLE: _several,
    Question.Kind.YES_NO: _one,
    Question.Kind.SCALE: _one,
    Question.Kind.MATRIX: _one,
    Question.Kind.SHORT: _written,
    Question.Kind.TEXT: _written,
    Question.Kind.NUMBER: _number,
    Question.Kind.DATE: _date,
    Question.Kind.COMMITMENT: _written,
}


def _pairs(choices: list[Choice]) -> list[tuple[str, str]]:
    return [(str(choice.pk), choice.text) for choice in choices]


def _ordered(question: Question, seed: int | None) -> list[Choice]:
    """Return the choices in their order, or shuffled by the attempt's seed where order means nothing."""
    choices = list(question.choices.all())
    if seed is not None and question.kind in {Question.Kind.SINGLE, Question.Kind.MULTIPLE}:
        random.Random(f"{seed}:{question.pk}").shuffle(choices)  # noqa: S311 (mixes, guards nothing)
    return choices


def _labelled(question: Question, text: str, *, required: bool) -> str:
    if question.required_for_moc and not question.required:
        return f"{text} (needed for MOC points)"
    return text if required else f"{text} (optional)"


def _under_condition(question: Question, here: list[Question], drawn: LayoutObject) -> LayoutObject:
    """Let the page show a question only after the answer that decides about it, if that is on the same page."""
    condition = question.shown_if
    if condition is None or condition.question_id not in {row.pk for row in here}:
        return drawn
    name = f"question_{condition.question_id}"
    return Div(drawn, data_shown_when=f"{name}={condition.pk}", css_class="conditional")


def _facts(question: Question, row: int | None, value: Any) -> list[dict[str, Any]]:
    if value in (None, "", []):
        return []
    shared = {"question_id": question.pk, "row_id": row}
    if question.kind in Question.CHOOSING:
        values = dict.fromkeys(value) if isinstance(value, list) else [value]
        return [shared | {"choice_id": int(choice)} for choice in values]
    if question.kind in Question.WRITTEN:
        return [shared | {"text": value}]
    return [shared | {"number" if question.kind == Question.Kind.NUMBER else "date": value}]
