"""What surveys add to activities: rules at the gate, a section of an activity's document, a copy's questions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from activities import compliance, document
from activities.boards import ABIM
from activities.compliance.findings import Finding, error, warning
from activities.document import Extra
from activities.models import Activity
from activities.signals import activity_copied
from activities.statements.words import listed
from surveys.models import Choice, Question, Survey

KEY = "request_for_credit"
FIELDS = ("kind", "text", "help", "required", "required_for_moc")
LIST = "admin:surveys_survey_changelist?activity__id__exact={pk}"
MAKE = "admin:surveys_survey_add?activity={pk}&kind=request"


@compliance.PUBLISHING.add
def request_exists(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Without a Request for Credit nobody can claim; MOC needs an evaluation; a choice needs something to choose."""
    asked = Question.objects.filter(survey=OuterRef("pk"))
    empty = asked.exclude(kind=Question.Kind.TEXT).filter(choices=None)
    evaluating = Exists(asked.filter(required_for_moc=True))
    survey = _surveys(activity).annotate(evaluates=evaluating, unanswerable=Exists(empty)).first()
    if survey is None:
        words = "Make its Request for Credit: nobody can claim without it."
        yield error("request", words, "The portal's own rule", MAKE.format(pk=activity.pk))
        return
    place = LIST.format(pk=activity.pk)
    if survey.unanswerable:
        words = "A question of the Request for Credit has no choices: it cannot be answered."
        yield error("no-choices", words, "The portal's own rule", place)
    if activity.moc_registrations.all() and not survey.evaluates:
        words = "MOC needs an evaluation of the learner: mark questions as required when MOC is wished."
        yield error("moc-evaluation", words, "ACCME: CME for MOC", place)


@compliance.PUBLISHING.add
def boards_asked_for(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """The Request for Credit asks for ABIM's number alone."""
    others = [row.board for row in activity.moc_registrations.all() if row.board != ABIM.code]
    if others:
        words = f"The Request for Credit asks for ABIM alone: collect and report {listed(others)} by hand."
        yield warning("board-not-asked", words, "A known gap of the portal", "moc_registrations-group")


def write(activity: Activity) -> list[dict[str, Any]]:
    """Return the Request for Credit's questions as a document writes them."""
    survey = _surveys(activity).first()
    return [_written(row) for row in survey.questions.prefetch_related("choices")] if survey else []


def read(activity: Activity, rows: list[dict[str, Any]]) -> None:
    """Save the questions of a document; raises ValidationError."""
    if not rows:
        return
    survey = Survey.objects.create(activity=activity, kind=Survey.Kind.REQUEST_FOR_CREDIT)
    for position, row in enumerate(rows, start=1):
        facts = {name: row[name] for name in FIELDS if name in row}
        for name in ("required", "required_for_moc"):
            facts[name] = str(facts.get(name, "")).lower() == "true"
        question = Question(survey=survey, position=position, **facts)
        question.full_clean(exclude=["survey"])
        question.save()
        if not isinstance(row.get("choices", []), list):
            raise ValidationError({"choices": "A list belongs here."})
        for number, text in enumerate(row.get("choices", []), start=1):
            choice = Choice(question=question, position=number, text=text)
            choice.full_clean(exclude=["question"])
            choice.save()


def copy(*, source: Activity, made: Activity, **_signal: Any) -> None:
    """Give a copied activity the same questions."""
    if _surveys(source).exists():
        read(made, write(source))


def connect() -> None:
    """Offer all of this; called once when the room is ready."""
    document.extend(Extra(KEY, (*FIELDS, "choices"), write, read))
    activity_copied.connect(copy, dispatch_uid="surveys.copy")


def _surveys(activity: Activity) -> QuerySet[Survey]:
    return Survey.objects.filter(activity=activity, kind=Survey.Kind.REQUEST_FOR_CREDIT)


def _written(question: Question) -> dict[str, Any]:
    facts = document.plain(question, FIELDS)
    choices = [row.text for row in question.choices.all()]
    return facts | ({"choices": choices} if choices else {})
