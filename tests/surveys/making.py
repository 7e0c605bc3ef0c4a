"""Activities with content, tests and surveys, and learners who go through them without a browser."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from activities.models import Activity, ContentItem
from activities.services import study
from surveys import document
from surveys.models import Question, Response, Survey
from surveys.request import whole
from surveys.services import answering
from tests.factories import ActivityFactory

MOMENT = timedelta(seconds=1)
LENGTH = timedelta(seconds=100)
TEST = [
    {"kind": "single", "text": f"Question {n}?", "choices": [{"text": "Right", "correct": "true"}, "Wrong"]}
    for n in range(1, 4)
]


def survey(activity: Activity | None, kind: str, questions: Iterable[dict[str, Any]] = (), **facts: Any) -> Survey:
    """Return a survey in use with these questions, as a document writes them."""
    made: Survey = Survey.objects.create(activity=activity, kind=kind, **facts)
    document.read_questions(made, list(questions))
    return made


def post_test(activity: Activity, **facts: Any) -> Survey:
    """A test of three questions of which two are enough."""
    return survey(activity, "post-test", TEST, **{"pass_mark": 60} | facts)


def self_study(*kinds: str, **facts: Any) -> Activity:
    """Self-study with two parts, a text and a recording, and surveys of these kinds."""
    activity: Activity = ActivityFactory(self_study=True, to_study=True, **facts)
    ContentItem.objects.create(activity=activity, position=1, kind="text", title="Read", text="# Read *this*")
    ContentItem.objects.create(activity=activity, position=2, kind="audio", title="Listen", length=LENGTH, share=90)
    if "pre-test" in kinds:
        survey(activity, "pre-test", TEST)
    if "post-test" in kinds:
        post_test(activity)
    if "evaluation" in kinds:
        survey(activity, "evaluation", [{"kind": "text", "text": "How was it?", "required": "true"}])
    return activity


def study_all(activity: Activity, learner: User, now: datetime | None = None) -> None:
    """Read the disclosures and do every part, playing recordings for as long as they take."""
    now = now or timezone.now()
    study.begin(activity=activity, learner=learner, now=now)
    for item in activity.content.all():
        study.open_item(item=item, learner=learner, now=now - LENGTH)
        study.finish(item=item, learner=learner, now=now)


def respond(
    activity: Activity, kind: str, learner: User, typed: dict[str, list[str]], now: datetime | None = None
) -> Response:
    """Answer a survey and submit it."""
    now = now or timezone.now()
    response = answering.begin(activity=activity, learner=learner, kind=kind, now=now)
    answering.save_typed(response=response, typed=typed, base={}, now=now)
    return answering.submit(response=response, seen=whole(response, now).fingerprint, now=now)


def answers(activity: Activity, kind: str, *, right: int = 3, text: str = "Good") -> dict[str, list[str]]:
    """Return what is typed: of a test's questions so many rightly, of others the first choice or a text."""
    typed: dict[str, list[str]] = {}
    questions = Question.objects.filter(survey__activity=activity, survey__kind=kind, survey__state="in_use")
    for number, question in enumerate(questions.prefetch_related("choices", "rows")):
        choices = [row.pk for row in question.choices.all()]
        for name in question.field_names:
            chosen = choices[0 if number < right else -1] if choices else text
            typed[name] = [str(chosen)]
    return typed


def take_test(activity: Activity, learner: User, *, right: int, kind: str = "post-test", **at: Any) -> Response:
    """Take a test with so many right answers."""
    return respond(activity, kind, learner, answers(activity, kind, right=right), **at)


def claim(activity: Activity, learner: User, amount: str = "1", **at: Any) -> Response:
    """Submit the Request for Credit."""
    typed = answers(activity, "request") | {"amount": [amount], "wants_moc": ["no"]}
    return respond(activity, "request", learner, typed, **at)
