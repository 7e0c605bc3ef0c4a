"""What the publish gate asks of an activity's surveys."""

from collections.abc import Iterator
from datetime import datetime

from activities import compliance
from activities.compliance.findings import Finding, error, warning
from activities.models import Activity
from activities.statements.words import listed
from surveys.models import Question, Row, Survey

OWN = "The portal's own rule"
LIST = "admin:surveys_survey_changelist?activity__id__exact={pk}"
MAKE = "admin:surveys_survey_add?activity={pk}&kind={kind}"
Kind = Survey.Kind


def add() -> None:
    """Add the rules to the gate; called once when the room is ready."""
    compliance.PUBLISHING.add(surveys_ask)


def surveys_ask(activity: Activity, _now: datetime) -> Iterator[Finding]:
    """Everybody needs a Request for Credit; every survey must be answerable, a test right or wrong."""
    surveys = {row.kind: row for row in Survey.objects.in_use().filter(activity=activity)}
    questions = Question.objects.filter(survey__in=surveys.values()).select_related("shown_if__question")
    by_survey: dict[int, list[Question]] = {row.pk: [] for row in surveys.values()}
    for question in questions.prefetch_related("choices", "rows"):
        by_survey[question.survey_id].append(question)
    for survey in surveys.values():
        yield from _answerable(activity, survey, by_survey[survey.pk])
    yield from _asked_of_all(activity, surveys, by_survey)


def _answerable(activity: Activity, survey: Survey, questions: list[Question]) -> Iterator[Finding]:
    place, name = LIST.format(pk=activity.pk), survey.get_kind_display()
    asking = [row for row in questions if row.kind != Question.Kind.SECTION]
    if not asking and survey.kind != Kind.REQUEST_FOR_CREDIT:
        yield error("no-questions", f"The {name} asks nothing. Add questions, or delete it.", OWN, place, survey.kind)
    for row in asking:
        subject = str(row.pk)
        if row.kind in Question.CHOOSING and not row.choices.all():
            words = f"“{row}” has no choices: it cannot be answered."
            yield error("no-choices", words, OWN, place, subject)
        if row.kind == Question.Kind.MATRIX and not row.rows.all():
            yield error("no-rows", f"The matrix “{row}” has no rows.", OWN, place, subject)
        condition = row.shown_if.question if row.shown_if else None
        if condition and questions.index(condition) > questions.index(row):
            words = f"“{row}” depends on an answer that is given after it. Move it below."
            yield error("condition-later", words, OWN, place, subject)
    if survey.is_test and asking and not any(row.is_scored for row in asking):
        words = f"No question of the {name} has a right answer: mark the right choices."
        yield error("no-right-answer", words, OWN, place, survey.kind)


def _asked_of_all(
    activity: Activity, surveys: dict[str, Survey], questions: dict[int, list[Question]]
) -> Iterator[Finding]:
    place = LIST.format(pk=activity.pk)
    request, test = surveys.get(Kind.REQUEST_FOR_CREDIT), surveys.get(Kind.POST_TEST)
    imported = not activity.is_claimed_by_learners
    if request is None and not imported:
        make = MAKE.format(pk=activity.pk, kind=Kind.REQUEST_FOR_CREDIT.value)
        yield error("request", "Make its Request for Credit: nobody can claim without it.", OWN, make)
    elif (
        activity.moc_registrations.all()
        and not (imported or test)
        and not any(map(_evaluates_learner, questions.values()))
    ):
        words = "MOC needs an evaluation of the learner: a post-test, or questions required when MOC is wished."
        yield error("moc-evaluation", words, "ACCME: CME for MOC", place)
    if activity.moc_registrations.all() and test and test.feedback == Survey.Feedback.NEVER:
        words = "MOC needs an evaluation with feedback: let the post-test tell which answers are right, and why."
        yield error("moc-feedback", words, "ACCME: CME for MOC", place)
    if activity.kind.assessed and not test and not imported:
        make = MAKE.format(pk=activity.pk, kind=Kind.POST_TEST.value)
        words = (
            "Learners must be assessed. Make a post-test; or, where they are assessed elsewhere, choose that credit is "
            "claimed by completions that you import."
        )
        yield error("no-assessment", words, f"AMA PRA: {activity.kind.noun}", make)
    missing = _unevaluated(activity) if any(_objectives_judged(rows) for rows in questions.values()) else []
    if missing:
        yield warning("objective-not-evaluated", f"Not evaluated: {listed(missing)}", "ACCME: measured change", place)


def _evaluates_learner(questions: list[Question]) -> bool:
    """Whether somebody who wishes for points must answer a question of this survey that gives feedback (ABIM)."""
    return any(row.required_for_moc or (row.required and row.feedback) for row in questions)


def _objectives_judged(questions: list[Question]) -> bool:
    return any(row.objective_id for question in questions for row in question.rows.all())


def _unevaluated(activity: Activity) -> list[str]:
    judged = Row.objects.filter(question__survey__activity=activity, question__survey__state=Survey.State.IN_USE)
    return list(activity.objectives.exclude(pk__in=judged.values("objective")).values_list("text", flat=True))
