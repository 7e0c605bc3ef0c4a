"""What became of a submitted survey: thanks, the score of a test, which answers were right, and why."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import signed_in
from surveys import pathway
from surveys.models import Choice, Question, Response, Survey
from surveys.steps import Step
from surveys.views import door

Kind = Survey.Kind
Feedback = Survey.Feedback


@dataclass(frozen=True)
class Reviewed:
    """One question looked back at: the answer given, and for a test what was right."""

    question: Question
    given: list[str]
    right: bool | None
    correct: list[Choice]
    words: list[str]


@login_required
def result(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Show what became of the learner's last response of this kind, and the next step."""
    activity, learner = door.activity(slug), signed_in.person(request)
    submitted = Response.objects.filter(
        survey__activity=activity, survey__kind=kind, learner=learner, state=Response.State.SUBMITTED
    )
    responses = list(submitted.defer("typed").select_related("survey").order_by("-attempt", "-id"))
    if not responses:
        return redirect("surveys:begin", slug=slug, kind=kind)
    steps = pathway.steps(activity=activity, learner=learner, now=timezone.now())
    context = {
        "activity": activity,
        "survey": responses[0].survey,
        "response": responses[0],
        "attempts": responses,
        "reviewed": review(responses[0], told=may_review(responses)) if may_see_marks(responses[0].survey) else [],
        "study": step_to_study(steps),
        "next": _next(steps, kind),
        "step": next((row for row in steps if row.key == kind), None),
    }
    return render(request, "surveys/result.html", context)


def step_to_study(steps: list[Step]) -> Step | None:
    """Where the content can be read again; None when there is none."""
    return next((step for step in steps if step.key == "part" and step.address), None)


def may_see_marks(survey: Survey) -> bool:
    """Whether the learner may see which of their answers were right: of a pre-test never."""
    return survey.kind != Kind.PRE_TEST and (survey.kind != Kind.POST_TEST or survey.feedback != Feedback.NEVER)


def may_review(responses: list[Response]) -> bool:
    """Whether the learner may see what would have been right, and why; a post-test's survey says when."""
    survey = responses[0].survey
    if survey.kind != Kind.POST_TEST or survey.feedback == Feedback.AFTER_SUBMIT:
        return True
    return any(row.passed for row in responses)


def review(response: Response, *, told: bool) -> list[Reviewed]:
    """Return the questions to look back at: all of a test, and those others that have something to say.

    Unless it is `told`, a test's questions come with nothing but whether they were answered correctly.
    """
    questions = response.survey.questions.prefetch_related("choices")
    marks = {row.question_id: row.right for row in response.marks.all()}
    given: dict[int, list[object]] = {}
    for row in response.answers.select_related("choice").filter(row=None):
        given.setdefault(row.question_id, []).append(row.choice or str(row))
    rows = [_reviewed(row, given.get(row.pk, []), marks.get(row.pk), told=told) for row in questions]
    return [row for row in rows if row.right is not None or (row.words and row.given)]


def _reviewed(question: Question, given: list[object], right: bool | None, *, told: bool) -> Reviewed:
    if not told:
        return Reviewed(question, [str(row) for row in given], right, [], [])
    chosen = [row for row in given if isinstance(row, Choice)]
    words = [row.feedback for row in chosen if row.feedback] + ([question.feedback] if question.feedback else [])
    correct = [row for row in question.choices.all() if row.correct] if right is False else []
    return Reviewed(question, [str(row) for row in given], right, correct, words)


def _next(steps: list[Step], kind: str) -> Step | None:
    """The step to go on with: the test again if it is open, or the first open one behind it."""
    keys = [step.key for step in steps]
    behind = steps[keys.index(kind) :] if kind in keys else steps
    return next((step for step in behind if step.is_open and step.address), None)
