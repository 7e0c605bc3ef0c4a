"""Results without names: all of them, counted by the database, on a page, in a workbook, on paper."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities.models import Activity
from audit.models import Event
from surveys import results
from surveys.models import Answer, Question, Response, Survey
from surveys.services import building
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.making import TEST, post_test, respond, self_study, study_all, survey, take_test

pytestmark = pytest.mark.django_db
ASKED = [
    {"kind": "section", "text": "Page"},
    {"kind": "multiple", "text": "Which?", "choices": ["A", "B"]},
    {"kind": "scale", "text": "How?", "choices": ["Bad", "Fair", "Good"]},
    {"kind": "matrix", "text": "Each?", "rows": ["R"], "choices": ["Low", "High"]},
    {"kind": "text", "text": "Words?"},
    {"kind": "number", "text": "Number?"},
    {"kind": "date", "text": "Day?"},
]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(UserFactory(officer=True, email="officer@example.org", last_name="Vance"))
    return client


@pytest.fixture
def asked(db: None) -> Survey:
    activity = ActivityFactory()
    return survey(activity, "evaluation", ASKED)


def answer(asked: Survey, count: int, text: str = "=1+1") -> None:
    """Let so many people answer: the first two choose both and the best, the others the first and the worst."""
    questions = {row.text: row for row in asked.questions.prefetch_related("choices", "rows")}
    for number in range(count):
        best = number < 2
        which = [str(row.pk) for row in questions["Which?"].choices.all()]
        typed = {
            questions["Which?"].field_name: which if best else which[:1],
            questions["How?"].field_name: [str(questions["How?"].choices.all()[2 if best else 0].pk)],
            questions["Each?"].rows.all()[0].field_name: [str(questions["Each?"].choices.all()[best].pk)],
            questions["Words?"].field_name: [f"{text}{number}"],
            questions["Number?"].field_name: [str(number)],
            questions["Day?"].field_name: [f"2026-06-0{number + 1}"],
        }
        assert asked.activity
        respond(asked.activity, "evaluation", UserFactory(), typed)


def address(asked: Survey, end: str = "/") -> str:
    return f"/admin/surveys/survey/{asked.pk}/results{end}"


def test_answers_are_counted(asked: Survey) -> None:
    answer(asked, 5)
    found = results.of(asked)
    which, how, each, words, number, day = found.questions
    assert (found.submitted, which.answered) == (5, 5)
    assert [(bar.text, bar.count, bar.share) for bar in which.distributions[0].bars] == [("A", 5, 100), ("B", 2, 40)]
    assert ([bar.count for bar in how.distributions[0].bars], how.distributions[0].mean) == ([3, 0, 2], 1.8)
    assert (each.distributions[0].title, each.distributions[0].mean) == ("R", 1.4)
    assert words.texts == [f"=1+1{n}" for n in range(5)]
    assert (float(number.numbers["mean"]), number.numbers["most"]) == (2.0, Decimal(4))
    assert (day.numbers["first"], day.numbers["last"]) == (date(2026, 6, 1), date(2026, 6, 5))


def test_everything_is_told_whoever_few_have_answered(officer: Client, asked: Survey) -> None:
    words = Question.objects.get(text="Words?")
    assert "Nobody has submitted it yet." in officer.get(address(asked)).content.decode()
    answer(asked, 1, "The slides were an advertisement.")
    page = officer.get(address(asked)).content.decode()
    assert ("1 person has submitted it." in page, "The slides were an advertisement.0" in page) == (True, True)
    assert "The slides were" in officer.get(address(asked, f"/{words.pk}/")).content.decode()
    book = load_workbook(BytesIO(officer.get(address(asked, ".xlsx")).content))
    assert ("Words?", "The slides were an advertisement.0") in [row[:2] for row in book["Free text"].values]
    pdf = PdfReader(BytesIO(officer.get(address(asked, ".pdf")).content))
    assert "The slides were" in "".join(page.extract_text() for page in pdf.pages)


def test_what_was_said_about_bias_is_told(officer: Client) -> None:
    board = ActivityFactory(title="Tumor board")
    asked = survey(board, "evaluation", building.standard_evaluation())
    question = asked.questions.get(text="What was biased?")
    response = Response.objects.create(
        survey=asked, learner=UserFactory(), state="submitted", submitted_at=timezone.now()
    )
    Answer.objects.create(response=response, question=question, text="Only one drug was named.")
    assert "Only one drug was named." in officer.get(address(asked)).content.decode()


def test_page_shows_figures_without_names(officer: Client, asked: Survey) -> None:
    answer(asked, 5)
    page = officer.get(address(asked)).content.decode()
    for words in ("5 people have submitted it.", "Mean, of 3", "1.8", "Mean 2.00, from 0 to 4.", "From June 1, 2026"):
        assert words in page
    assert ("Okafor" in page, "person0" in page) == (False, False)


def test_free_texts_fill_pages_of_their_own(officer: Client, asked: Survey) -> None:
    answer(asked, 5)
    words = Question.objects.get(text="Words?")
    for number in range(200):
        other = Response.objects.create(
            survey=asked, learner=UserFactory(), state="submitted", submitted_at=timezone.now()
        )
        Answer.objects.create(response=other, question=words, text=f"Text {number:03}")
    assert "All 205 answers" in officer.get(address(asked)).content.decode()
    page = officer.get(address(asked, f"/{words.pk}/?page=2")).content.decode()
    assert ("Text 095" in page, "Text 094" in page, "Page 2 of 3" in page) == (True, False, True)


def test_workbook_takes_no_formula_from_anybody(officer: Client, asked: Survey) -> None:
    answer(asked, 5, "=HYPERLINK(1)\x07")
    answered = officer.get(address(asked, ".xlsx"))
    assert answered["Content-Disposition"].startswith("attachment; filename=")
    book = load_workbook(BytesIO(answered.content))
    assert book.sheetnames == ["About", "Answers", "Free text"]
    cell = book["Free text"]["B2"]
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)0")
    rows = [row[:4] for row in book["Answers"].iter_rows(values_only=True)]
    assert rows[1:3] == [("Which?", None, "A", 5), ("Which?", None, "B", 2)]
    assert ("Number?", None, "most", 4) in rows
    assert Event.objects.get(action="took results away").after == {"as": "xlsx"}


def test_paper_holds_the_figures(officer: Client, asked: Survey) -> None:
    answer(asked, 5)
    answered = officer.get(address(asked, ".pdf"))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answered.content)).pages)
    assert answered["Content-Type"] == "application/pdf"
    assert ("Results: Evaluation: Progress in Examples" in text, "Mean, of 3" in text) == (True, True)


class TestGain:
    """Before and after, per objective, of the same heads."""

    @pytest.fixture
    def learned(self, db: None) -> Activity:
        activity = self_study()
        first = activity.objectives.create(position=1, text="Know it.")
        activity.objectives.create(position=2, text="Not tested.")
        for made in (survey(activity, "pre-test", TEST), post_test(activity)):
            made.questions.filter(text__in=("Question 1?", "Question 2?")).update(objective=first)
        return activity

    def go(self, activity: Activity, before: int | None, *after: int) -> None:
        learner = UserFactory()
        if before is not None:
            take_test(activity, learner, right=before, kind="pre-test")
        study_all(activity, learner)
        for right in after:
            take_test(activity, learner, right=right)

    def test_counts_the_first_attempt_of_those_who_took_both(self, learned: Activity) -> None:
        for before, *after in ((0, 2), (1, 2), (0, 1, 3), (1, 2), (2, 3)):
            self.go(learned, before, *after)
        self.go(learned, None, 0, 3)
        self.go(learned, 2)
        (gain,) = results.gains(learned)
        assert (gain.objective, gain.before, gain.after, gain.gain) == ("Know it.", 40.0, 90.0, 50.0)

    def test_without_anybody_who_took_both_there_is_none(self, learned: Activity) -> None:
        self.go(learned, None, 3)
        assert results.gains(learned) == []

    def test_is_drawn_on_the_page_and_in_the_workbook(self, officer: Client, learned: Activity) -> None:
        for _ in range(5):
            self.go(learned, 0, 1, 3)
        test = learned.surveys.get(kind="post-test")
        page = officer.get(address(test)).content.decode()
        assert ("What was learned, by objective" in page, 'class="before"' in page) == (True, True)
        assert "5 people, 10 attempts. On average 2.0 of 3 questions right; 5 attempts passed (60 % needed)." in page
        book = load_workbook(BytesIO(officer.get(address(test, ".xlsx")).content))
        assert list(book["Gain"].values)[1] == ("Know it.", 0, 50, 50)
        assert len(book["Gain"]._charts) == 1


def test_results_are_for_who_may_see_them(client: Client, asked: Survey) -> None:
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_survey"))
    client.force_login(viewer)
    for end in ("/", ".xlsx", ".pdf", f"/{asked.questions.last().pk}/"):  # type: ignore[union-attr]
        assert client.get(address(asked, end)).status_code == 403
    client.force_login(UserFactory())
    assert client.get(address(asked)).status_code == 302


def test_question_set_has_no_results(officer: Client) -> None:
    assert officer.get(address(survey(None, "set", name="Mine"))).status_code == 404


@pytest.mark.parametrize("people", [5, 50])
def test_results_cost_the_same_with_few_and_many(
    asked: Survey, django_assert_num_queries: DjangoAssertNumQueries, people: int
) -> None:
    choice = asked.questions.get(text="Which?").choices.first()
    learners = User.objects.bulk_create(User(email=f"many{n}@example.org") for n in range(people))
    responses = Response.objects.bulk_create(
        Response(survey=asked, learner=row, state="submitted", submitted_at=timezone.now()) for row in learners
    )
    for row in asked.questions.filter(kind="multiple"):
        Answer.objects.bulk_create(Answer(response=response, question=row, choice=choice) for response in responses)
    with django_assert_num_queries(8):
        found = results.of(asked)
    assert found.questions[0].distributions[0].bars[0].count == people


def test_survey_without_questions_counts_who_submitted_it() -> None:
    activity = ActivityFactory()
    made = survey(activity, "evaluation")
    for _ in range(5):
        respond(activity, "evaluation", UserFactory(), {})
    found = results.of(made)
    assert (found.submitted, found.questions) == (5, [])


def test_question_that_nobody_has_answered_says_so(asked: Survey, officer: Client) -> None:
    answer(asked, 2)
    Answer.objects.filter(question__text="Words?").delete()
    assert "Nobody answered." in officer.get(address(asked)).content.decode()


def test_workbook_survives_what_no_cell_can_hold(asked: Survey, officer: Client) -> None:
    answer(asked, 5)
    Answer.objects.filter(question__text="Words?").update(text="\uffff" + "🙂" * 20_000)
    book = load_workbook(BytesIO(officer.get(address(asked, ".xlsx")).content))
    assert book["Free text"]["B2"].value == "🙂" * 16_383
