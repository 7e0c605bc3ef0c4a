"""Surveys as plain rows: how an activity's document writes them, a copy takes them over, and a question set is kept.

A row of a question is what `QUESTION` lists. `choices` are texts, or mappings of text, correct and feedback; `rows` of
a matrix are texts, or mappings of text and objective, or the word `objectives` for one row for each objective. An
`objective` is named by its number in the activity; `shown_if` names question and choice by their numbers in the
survey.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from activities import document
from activities.models import Activity, Objective
from surveys.models import Choice, Question, Row, Survey

KEY = "surveys"
SURVEY = (
    "kind", "name", "introduction", "pass_mark", "attempts", "cooling_minutes", "shuffle", "feedback", "after_days",
)  # fmt: skip
FACTS = ("kind", "text", "help", "required", "required_for_moc", "feedback")
QUESTION = (*FACTS, "objective", "choices", "rows", "shown_if")
CHOICE = ("text", "correct", "feedback")
ROW = ("text", "objective")
EVERY_OBJECTIVE = "objectives"
Plain = dict[str, Any]


def write(activity: Activity) -> list[Plain]:
    """Return the surveys in use as a document writes them."""
    in_use = Survey.objects.in_use().filter(activity=activity).order_by("kind")
    return [document.plain(row, SURVEY) | {"questions": write_questions(row)} for row in in_use]


def write_questions(survey: Survey) -> list[Plain]:
    """Return a survey's questions as rows."""
    questions = list(survey.questions.select_related("shown_if").prefetch_related("choices", "rows"))
    numbers = {row.pk: number for number, row in enumerate(_objectives(survey.activity), start=1)}
    places = {row.pk: number for number, row in enumerate(questions, start=1)}
    return [_question(row, numbers, places) for row in questions]


def read(activity: Activity, rows: list[Plain]) -> None:
    """Save the surveys of a document; raises ValidationError."""
    for row in rows:
        survey = Survey(activity=activity)
        _set(survey, row, SURVEY)
        survey.full_clean(exclude=["version", "state"])
        survey.save()
        read_questions(survey, _list(row, "questions"))


def read_questions(survey: Survey, rows: list[Any]) -> list[Question]:
    """Add questions to a survey, after those that it has, and return them; raises ValidationError.

    Where only the Request for Credit can ask for what MOC needs, any other survey requires it of everybody.
    """
    objectives = list(_objectives(survey.activity))
    last = survey.questions.aggregate(last=models.Max("position"))["last"] or 0
    made: list[Question | None] = []
    for number, row in enumerate(rows, start=1):
        with _located(f"{survey.get_kind_display()}, question {number}"):
            _check(row, QUESTION, "question")
            if row.get("rows") == EVERY_OBJECTIVE and not objectives:
                made.append(None)  # the numbers in conditions count it
                continue
            objective = _numbered(row, "objective", objectives)
            question = Question(survey=survey, position=last + number, objective=objective)
            _set(question, row, FACTS)
            if question.required_for_moc and survey.kind not in {Survey.Kind.REQUEST_FOR_CREDIT, Survey.Kind.SET}:
                question.required, question.required_for_moc = True, False
            question.shown_if = _condition(row, made)
            question.full_clean(exclude=["survey", "objective", "shown_if"])
            question.save()
            _add_choices(question, _list(row, "choices"))
            _add_rows(question, row.get("rows", []), objectives)
            made.append(question)
    return [question for question in made if question]


@contextmanager
def _located(place: str) -> Iterator[None]:
    """Say in which question something is wrong."""
    try:
        yield
    except ValidationError as error:
        found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        words = [f"{name}: {text}" if name else text for name, texts in found.items() for text in texts]
        raise ValidationError([f"{place}: {text}" for text in words]) from None


def _question(question: Question, numbers: dict[int, int], places: dict[int, int]) -> Plain:
    facts = document.plain(question, FACTS)
    if question.objective_id in numbers:
        facts["objective"] = numbers[question.objective_id]
    choices = [document.plain(row, CHOICE) for row in question.choices.all()]
    if choices:
        facts["choices"] = [row["text"] if len(row) == 1 else row for row in choices]
    rows = [
        {"text": row.text, "objective": numbers[row.objective_id]} if row.objective_id in numbers else row.text
        for row in question.rows.all()
    ]
    if rows:
        facts["rows"] = rows
    if question.shown_if:
        siblings = [row.pk for row in question.shown_if.question.choices.all()]
        place = places[question.shown_if.question_id]
        facts["shown_if"] = {"question": place, "choice": siblings.index(question.shown_if.pk) + 1}
    return facts


def _add_choices(question: Question, rows: list[Any]) -> None:
    if rows:
        question.choices.all().delete()  # those that a yes-or-no question brought along
    for number, row in enumerate(rows, start=1):
        facts = row if isinstance(row, dict) else {"text": row}
        _check(facts, CHOICE, "choice")
        choice = Choice(question=question, position=number)
        _set(choice, facts, CHOICE)
        choice.full_clean(exclude=["question"])
        choice.save()


def _add_rows(question: Question, rows: Any, objectives: list[Objective]) -> None:
    if rows == EVERY_OBJECTIVE:
        rows = [{"text": row.text, "objective": number} for number, row in enumerate(objectives, start=1)]
    if not isinstance(rows, list):
        raise ValidationError({"rows": f"A list belongs here, or the word {EVERY_OBJECTIVE}."})
    for number, row in enumerate(rows, start=1):
        facts = row if isinstance(row, dict) else {"text": row}
        _check(facts, ROW, "row")
        made = Row(question=question, position=number, objective=_numbered(facts, "objective", objectives))
        _set(made, facts, ("text",))
        made.full_clean(exclude=["question", "objective"])
        made.save()


def _condition(row: Plain, made: list[Question | None]) -> Choice | None:
    named = row.get("shown_if")
    if named is None:
        return None
    wrong = ValidationError({"shown_if": "Name an earlier question and its choice by their numbers."})
    if not isinstance(named, dict):
        raise wrong
    question = _numbered(named, "question", made)
    choice: Choice | None = _numbered(named, "choice", list(question.choices.all())) if question else None
    if choice is None:
        raise wrong
    return choice


def _numbered(row: Plain, name: str, among: list[Any]) -> Any:
    """Return the one that `row[name]` names by its number; None if it names none."""
    if name not in row:
        return None
    number = str(row[name])
    if not number.isdecimal() or not 1 <= int(number) <= len(among):
        raise ValidationError({name: f"There is no {name} number {number} here."})
    return among[int(number) - 1]


def _objectives(activity: Activity | None) -> Any:
    """The objectives in the order in which the page lists them; competence bullets come first."""
    return activity.objectives.all() if activity else Objective.objects.none()


def _set(row: models.Model, facts: Plain, fields: tuple[str, ...]) -> None:
    """Put plain values into a row, texts as they come from a document; raises ValidationError."""
    for name in fields:
        if name in facts:
            field = row._meta.get_field(name)  # noqa: SLF001 (Django's public name for it)
            value = facts[name]
            if isinstance(value, list | dict):
                raise ValidationError({name: "A text belongs here."})
            if isinstance(field, models.BooleanField):
                value = {"true": True, "false": False}.get(str(value).lower(), value)
            setattr(row, name, field.to_python(value))  # type: ignore[union-attr]


def _list(row: Plain, name: str) -> list[Any]:
    if not isinstance(row.get(name, []), list):
        raise ValidationError({name: "A list belongs here."})
    return list(row.get(name, []))


def _check(row: Any, known: tuple[str, ...], what: str) -> None:
    if not isinstance(row, dict):
        raise ValidationError(f"Keys belong to each {what}: {', '.join(known)}.")
    unknown = [name for name in row if name not in known]
    if unknown:
        raise ValidationError(f"“{unknown[0]}” is not a known key of a {what}. Known here: {', '.join(known)}.")
