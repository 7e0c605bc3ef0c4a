"""What learners answered, added up by the database: counts, means, free text, and the gain from pre- to post-test.

Answers are shown without names, and all of them: the office must act on what a single learner says, above all about
bias. There is no filter that could point at a person. Nothing here reads answers one by one but the free texts of one
page, in an order that says nothing about who wrote when.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Max, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from activities.models import Activity
from surveys.models import Answer, Mark, Question, Response, Survey

TEXTS_SHOWN = 10
Kind = Survey.Kind


@dataclass(frozen=True)
class Bar:
    """One choice: how often it was given, and its share of those who answered, in percent."""

    text: str
    count: int
    share: float
    correct: bool = False


@dataclass(frozen=True)
class Distribution:
    """The bars of a question, or of one row of a matrix; of a scale also the mean, the first point being 1."""

    title: str
    bars: list[Bar]
    mean: float | None = None


@dataclass(frozen=True)
class QuestionResult:
    """What was answered to one question."""

    question: Question
    answered: int
    distributions: list[Distribution]
    numbers: dict[str, Any]
    texts: list[str]


@dataclass(frozen=True)
class Gain:
    """The share of right answers before and after, in percent, for one objective and those who took both tests."""

    objective: str
    before: float
    after: float

    @property
    def gain(self) -> float:
        """Percentage points."""
        return round(self.after - self.before, 1)


@dataclass(frozen=True)
class Results:
    """One version of a survey, with all that was submitted."""

    survey: Survey
    submitted: int
    answers: QuerySet[Answer]
    questions: list[QuestionResult]
    scores: dict[str, Any]

    def texts(self, question: Question) -> QuerySet[Answer, str]:
        """Return all free texts given to a question, in the order of the alphabet."""
        return _written(self.answers).filter(question=question).order_by("text").values_list("text", flat=True)


def of(survey: Survey) -> Results:
    """Return the results in a fixed number of queries, whatever the number of questions and responses."""
    responses = Response.objects.filter(survey=survey, state=Response.State.SUBMITTED)
    facts: dict[str, Any] = {"count": Count("id"), "people": Count("learner", distinct=True)}
    if survey.is_test:
        facts |= {"right": Avg("right"), "asked": Max("asked"), "passed": Count("id", filter=Q(passed=True))}
    scores = responses.aggregate(**facts)
    answers = Answer.objects.filter(response__in=responses.values("pk"))
    scored = scores if survey.is_test and scores["count"] else {}
    return Results(survey, scores["count"], answers, _questions(survey, answers), scored)


def gains(activity: Activity) -> list[Gain]:
    """Return the gain per objective between the pre-test and the first attempt at the post-test.

    Only people who took both count, so that the same heads are compared.
    """
    tests = Response.objects.filter(survey__activity=activity, state=Response.State.SUBMITTED, attempt=1)
    before = tests.filter(survey__kind=Kind.PRE_TEST)
    after = tests.filter(survey__kind=Kind.POST_TEST, learner__in=before.values("learner"))
    before = before.filter(learner__in=after.values("learner"))
    marks = Mark.objects.filter(Q(response__in=before.values("pk")) | Q(response__in=after.values("pk")))
    counted = marks.exclude(question__objective=None).values("question__objective", "response__survey__kind")
    shares: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for row in counted.annotate(asked=Count("id"), right=Count("id", filter=Q(right=True))):
        shares[row["question__objective"]][row["response__survey__kind"]] = 100 * row["right"] / row["asked"]
    return [
        Gain(row.text, round(shares[row.pk][Kind.PRE_TEST], 1), round(shares[row.pk][Kind.POST_TEST], 1))
        for row in activity.objectives.all()
        if len(shares[row.pk]) > 1
    ]


def _written(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    return answers.exclude(text="")


def _questions(survey: Survey, answers: QuerySet[Answer]) -> list[QuestionResult]:
    answered = dict(answers.values_list("question").annotate(n=Count("response", distinct=True)))
    counts: defaultdict[tuple[int, int | None], dict[int, int]] = defaultdict(dict)
    chosen = answers.exclude(choice=None).values_list("question", "row", "choice")
    for question, row, choice, count in chosen.annotate(n=Count("id")):
        counts[question, row][choice] = count
    numbers = {row["question"]: row for row in _measured(answers)}
    words = defaultdict(list)
    for question, text in _first_texts(answers):
        words[question].append(text)
    rows = survey.questions.exclude(kind=Question.Kind.SECTION).prefetch_related("choices", "rows")
    return [
        QuestionResult(
            row,
            answered.get(row.pk, 0),
            list(_distributions(row, counts, answered.get(row.pk, 0))),
            numbers.get(row.pk, {}),
            words[row.pk],
        )
        for row in rows
    ]


def _measured(answers: QuerySet[Answer]) -> Any:
    """Means and limits of numbers, limits of dates."""
    measured = answers.filter(Q(number__isnull=False) | Q(date__isnull=False)).values("question")
    return measured.annotate(
        mean=Avg("number"), least=Min("number"), most=Max("number"), first=Min("date"), last=Max("date")
    )


def _first_texts(answers: QuerySet[Answer]) -> QuerySet[Answer, tuple[int, str]]:
    """The first few texts of every question, in one query."""
    numbered = _written(answers).annotate(place=Window(RowNumber(), partition_by="question", order_by=["text", "id"]))
    return numbered.filter(place__lte=TEXTS_SHOWN).order_by("question", "place").values_list("question", "text")


def _distributions(
    question: Question, counts: dict[tuple[int, int | None], dict[int, int]], answered: int
) -> Iterator[Distribution]:
    """A row's share is of those who judged it; of several choices each is held against those who answered."""
    choices = list(question.choices.all())
    rows: list[tuple[int | None, str]] = [(None, "")] if question.kind in Question.CHOOSING and choices else []
    if question.kind == Question.Kind.MATRIX:
        rows = [(row.pk, row.text) for row in question.rows.all()]
    for row, title in rows:
        given = counts.get((question.pk, row), {})
        total = sum(given.values()) if row else answered
        bars = [
            Bar(choice.text, given.get(choice.pk, 0), _percent(given.get(choice.pk, 0), total), choice.correct)
            for choice in choices
        ]
        scaled = question.kind in {Question.Kind.SCALE, Question.Kind.MATRIX} and total
        points = sum(place * bar.count for place, bar in enumerate(bars, start=1))
        yield Distribution(title, bars, round(points / total, 2) if scaled else None)


def _percent(count: int, total: int) -> float:
    return round(100 * count / total, 1) if total else 0.0
