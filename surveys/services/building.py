"""Building surveys: versions, question sets, the standard evaluation, copies of questions.

A survey that somebody has begun to answer is never changed. Every change here locks the survey's row first, which in
PostgreSQL also holds up whoever is about to begin; SQLite lets one writer in at a time anyway.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import models

from accounts.models import User
from activities.models import Activity
from activities.services.guard import guarded
from audit.models import record
from audit.rows import is_number
from jobs.transactions import short_write
from surveys import document
from surveys.models import Question, Survey

STANDARD = Path(__file__).resolve().parent.parent / "standard_evaluation.yaml"
State = Survey.State


class CannotBuild(Exception):
    """The survey cannot be changed like this; the words say what to do instead."""


def locked(survey: Survey) -> Survey:
    """Return the survey with its row locked; raises CannotBuild when its questions may not be changed any more."""
    fresh = Survey.objects.select_for_update(of=("self",)).select_related("activity").get(pk=survey.pk)
    if fresh.state == State.RETIRED:
        raise CannotBuild("This version is retired: what was answered in it stays as it is.")
    if fresh.is_answered:
        raise CannotBuild("Learners have begun to answer this version. Start a new version and change that.")
    return fresh


@short_write
def new_version(*, survey: Survey, actor: User) -> Survey:
    """Return a draft with the same questions, or the draft that there is already."""
    existing = Survey.objects.filter(activity=survey.activity, kind=survey.kind, state=State.DRAFT).first()
    if survey.is_set or existing:
        return existing or survey
    versions = Survey.objects.filter(activity=survey.activity, kind=survey.kind)
    last = versions.aggregate(last=models.Max("version"))["last"]
    made = Survey.objects.get(pk=survey.pk)
    made.pk, made._state.adding = None, True  # noqa: SLF001 (Django's documented way to copy a row)
    made.version, made.state = last + 1, State.DRAFT
    made.save()
    document.read_questions(made, document.write_questions(survey))
    record(action="began a version", subject=made, actor=actor)
    return made


@short_write
def put_in_use(*, survey: Survey, actor: User, now: datetime) -> Survey:
    """Let learners answer this version from now on; who has begun the one before may finish it.

    Raises compliance.Refused when a published activity's gate has something against it.
    """
    with guarded(_activity(survey), actor=actor, now=now):
        fresh = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
        if fresh.state == State.IN_USE:
            raise CannotBuild("This version is in use already.")
        same = Survey.objects.filter(activity=fresh.activity, kind=fresh.kind, state=State.IN_USE)
        same.update(state=State.RETIRED)
        fresh.state = State.IN_USE
        fresh.save(update_fields=["state"])
        record(action="put in use", subject=fresh, actor=actor)
    return fresh


@short_write
def retire(*, survey: Survey, actor: User, now: datetime) -> None:
    """Ask it of nobody any more; what was answered stays. Raises CannotBuild and compliance.Refused."""
    with guarded(_activity(survey), actor=actor, now=now):
        if survey.is_set or not Survey.objects.filter(pk=survey.pk, state=State.IN_USE).update(state=State.RETIRED):
            raise CannotBuild("Only a survey that is in use can be retired.")
        record(action="retired", subject=survey, actor=actor)


@short_write
def add_questions(*, survey: Survey, source: str, actor: User, now: datetime) -> int:
    """Add the questions of a source and return how many they are; raises CannotBuild and compliance.Refused.

    `source` is `standard` for the standard evaluation, or the number of a question set.
    """
    with guarded(_activity(survey), actor=actor, now=now):
        fresh = locked(survey)
        rows = standard_evaluation() if source == "standard" else _questions_of_set(source)
        made = document.read_questions(fresh, rows)
        record(action="added questions", subject=fresh, actor=actor, after={"from": source, "questions": len(made)})
    return len(made)


@short_write
def keep_as_set(*, survey: Survey, name: str, actor: User) -> Survey:
    """Return a question set with this survey's questions, to be used in other activities; raises CannotBuild."""
    name = name.strip()
    if not name:
        raise CannotBuild("Give the question set a name by which it is found.")
    made = Survey.objects.create(kind=Survey.Kind.SET, name=name[:120])
    rows = document.write_questions(survey)
    for row in rows:
        row.pop("objective", None)
        row["rows"] = [part["text"] if isinstance(part, dict) else part for part in row.get("rows", [])]
    document.read_questions(made, rows)
    record(action="kept as a question set", subject=made, actor=actor, after={"from": str(survey)})
    return made


@short_write
def duplicate(*, question: Question, actor: User, now: datetime) -> Question:
    """Return a copy of a question right behind it; raises CannotBuild and compliance.Refused."""
    with guarded(_activity(question.survey), actor=actor, now=now):
        survey = locked(question.survey)
        rows = list(survey.questions.order_by("position", "id"))
        place = rows.index(question)
        row = document.write_questions(survey)[place]
        condition = row.pop("shown_if", None)
        made = document.read_questions(survey, [row])[0]
        made.shown_if = question.shown_if if condition else None
        rows.insert(place + 1, made)
        for position, other in enumerate(rows, start=1):
            other.position = position
        Question.objects.bulk_update(rows, ["position", "shown_if"])
        record(action="duplicated a question", subject=survey, actor=actor)
    return made


def standard_evaluation() -> list[dict[str, Any]]:
    """Return the questions that answer what ACCME and ABIM ask of an evaluation."""
    rows: list[dict[str, Any]] = yaml.safe_load(STANDARD.read_text())
    return rows


def _questions_of_set(source: str) -> list[dict[str, Any]]:
    found = Survey.objects.filter(kind=Survey.Kind.SET, pk=source).first() if is_number(source) else None
    if found is None:
        raise CannotBuild("Choose the standard evaluation or a question set.")
    return document.write_questions(found)


def _activity(survey: Survey) -> Any:
    return Activity.objects.filter(surveys=survey)
