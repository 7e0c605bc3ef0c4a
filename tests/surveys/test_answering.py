"""The engine: every kind of question, conditions, sections, tests, and two devices at once."""

import json
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from surveys import document
from surveys.answering import fingerprint
from surveys.models import Answer, Mark, Question, Response, Survey
from surveys.request import whole
from surveys.services import answering
from surveys.steps import NotOpen
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.conftest import address, submit
from tests.surveys.making import TEST, answers, post_test, respond, self_study, study_all, survey, take_test

pytestmark = pytest.mark.django_db
ONE_OF_EACH = [
    {"kind": "section", "text": "First page", "help": "About you."},
    {"kind": "single", "text": "One?", "required": "true", "choices": ["A", "B"]},
    {"kind": "multiple", "text": "Several?", "choices": ["A", "B", "C"]},
    {"kind": "yes_no", "text": "Yes?", "required": "true"},
    {"kind": "scale", "text": "How?", "help": "Honestly.", "choices": ["Bad", "Fair", "Good"]},
    {"kind": "section", "text": "Second page"},
    {"kind": "matrix", "text": "Each?", "help": "Both.", "required": "true", "rows": ["R1", "R2"],
     "choices": ["Low", "High"]},
    {"kind": "short", "text": "Short?"},
    {"kind": "text", "text": "Long?", "feedback": "Compare."},
    {"kind": "number", "text": "Number?"},
    {"kind": "date", "text": "Day?"},
    {"kind": "commitment", "text": "Plan?", "shown_if": {"question": 4, "choice": 1}},
]  # fmt: skip
LONG = "سرطان 🙂 " + "x" * 9_990


@pytest.fixture
def asking(learner: User) -> Activity:
    """A meeting with an evaluation of every kind of question."""
    activity: Activity = ActivityFactory()
    survey(activity, "evaluation", ONE_OF_EACH)
    return activity


def question(text: str) -> Question:
    return Question.objects.get(text=text)


def choice(text: str, number: int) -> str:
    return str(question(text).choices.all()[number].pk)


def pages(activity: Activity) -> list[str]:
    response = Response.objects.select_related("survey__activity", "learner").get()
    return [page.key for page in whole(response, timezone.now()).pages]


def full(**other: str) -> dict[str, list[str]]:
    """Return an answer to every question; `other` ones by the question's first word."""
    first, second = question("Each?").rows.all()
    typed = {
        question("One?").field_name: [choice("One?", 1)],
        question("Several?").field_name: [choice("Several?", 0), choice("Several?", 2)],
        question("Yes?").field_name: [choice("Yes?", 0)],
        question("How?").field_name: [choice("How?", 2)],
        first.field_name: [choice("Each?", 0)],
        second.field_name: [choice("Each?", 1)],
        question("Short?").field_name: ["Short"],
        question("Long?").field_name: [LONG],
        question("Number?").field_name: ["2.5"],
        question("Day?").field_name: ["2026-06-01"],
        question("Plan?").field_name: ["I will test."],
    }
    return typed | {question(f"{word}?").field_name: [value] for word, value in other.items()}


def test_every_kind_of_question_is_answered_page_by_page(signed_in: Client, asking: Activity) -> None:
    first = signed_in.get(address(asking, kind="evaluation"))["Location"]
    page = signed_in.get(first).content.decode()
    assert ("About you." in page, "Step 1 of 3: First page" in page, "3 questions left" in page) == (True, True, True)
    second = signed_in.post(first, full())["Location"]
    assert "1 question left" in signed_in.get(second).content.decode()
    check = signed_in.post(second, full())["Location"]
    shown = signed_in.get(check).content.decode()
    assert all(words in shown for words in ("A; C", "2.5", "2026-06-01", "High", LONG[:20], "Submit the evaluation"))
    assert submit(signed_in, asking, "evaluation")["Location"] == address(asking, "result", "evaluation")
    kept = {str(row.question): str(row) for row in Answer.objects.exclude(question__kind__in=("multiple", "matrix"))}
    assert kept == {
        "One?": "B", "Yes?": "Yes", "How?": "Good", "Short?": "Short", "Long?": LONG, "Number?": "2.500000",
        "Day?": "2026-06-01", "Plan?": "I will test.",
    }  # fmt: skip
    assert [str(row) for row in Answer.objects.filter(question__kind="matrix")] == ["R1: Low", "R2: High"]
    assert Answer.objects.filter(question__kind="multiple").count() == 2
    assert question("First page").field_names == []
    assert Response.objects.get().typed == {}


def test_thanks_bring_the_feedback_of_what_was_answered(signed_in: Client, asking: Activity) -> None:
    respond(asking, "evaluation", User.objects.get(), full())
    page = signed_in.get(address(asking, "result", "evaluation")).content.decode()
    assert "Compare." in page
    assert "Go on: Request for Credit" in page
    assert signed_in.get(address(asking, kind="evaluation"))["Location"] == address(asking, "result", "evaluation")


def test_result_of_what_was_not_answered_leads_to_it(signed_in: Client, asking: Activity) -> None:
    assert signed_in.get(address(asking, "result", "evaluation"))["Location"] == address(asking, kind="evaluation")


def test_question_with_a_condition_is_asked_only_after_that_answer(signed_in: Client, asking: Activity) -> None:
    signed_in.get(address(asking, kind="evaluation"))
    second = address(asking, pages(asking)[1], "evaluation")
    assert question("Plan?").field_name not in signed_in.get(second).content.decode()
    signed_in.post(address(asking, pages(asking)[0], "evaluation"), full())
    assert question("Plan?").field_name in signed_in.get(second).content.decode()


def test_answer_to_a_question_that_is_not_asked_never_counts(learner: User, asking: Activity) -> None:
    respond(asking, "evaluation", learner, full(Yes=choice("Yes?", 1)) | {"question_999": ["1"]})
    assert not Answer.objects.filter(question=question("Plan?")).exists()
    assert Answer.objects.values("question").distinct().count() == 9


def test_condition_on_the_same_page_is_shown_by_the_script_and_required_when_met(signed_in: Client) -> None:
    activity = ActivityFactory()
    condition = {"kind": "text", "text": "Why?", "required": "true", "shown_if": {"question": 1, "choice": 2}}
    survey(activity, "evaluation", [{"kind": "yes_no", "text": "Fine?", "required": "true"}, condition])
    page = signed_in.get(address(activity, "questions", "evaluation")).content.decode()
    assert f'data-shown-when="{question("Fine?").field_name}={choice("Fine?", 1)}"' in page
    answer = signed_in.post(
        address(activity, "questions", "evaluation"), {question("Fine?").field_name: choice("Fine?", 1)}
    )
    assert (answer.status_code, "Answer: Why?" in answer.content.decode()) == (422, True)
    answer = signed_in.post(
        address(activity, "questions", "evaluation"), {question("Fine?").field_name: choice("Fine?", 0)}
    )
    assert answer.status_code == 302


def test_choice_of_another_survey_is_refused(signed_in: Client, asking: Activity) -> None:
    other = survey(ActivityFactory(), "evaluation", [{"kind": "single", "text": "Other?", "choices": ["X"]}])
    foreign = str(other.questions.get().choices.get().pk)
    signed_in.get(address(asking, kind="evaluation"))
    first = address(asking, pages(asking)[0], "evaluation")
    answer = signed_in.post(first, full(One=foreign, Several=foreign))
    assert answer.status_code == 422
    assert "Choose one of the answers shown here." in answer.content.decode()
    assert "Choose among the answers shown here." in answer.content.decode()


@pytest.mark.parametrize(
    ("text", "typed", "words"),
    [
        ("Number?", "many", "Enter a number, for example 12 or 0.5."),
        ("Number?", "1E999999", "Ensure that there are no more than"),
        ("Day?", "soon", "Enter a day, for example 2026-06-01."),
    ],
)
def test_wrong_input_is_refused_in_words_and_kept(
    signed_in: Client, asking: Activity, text: str, typed: str, words: str
) -> None:
    signed_in.get(address(asking, kind="evaluation"))
    answer = signed_in.post(address(asking, pages(asking)[1], "evaluation"), full(**{text.rstrip("?"): typed}))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Response.objects.get().typed[question(text).field_name] == [typed]


@pytest.mark.parametrize(
    ("text", "typed", "words"),
    [
        ("Short?", "x" * 301, "This is longer than 300 characters (it has 301). Shorten it; nothing is lost."),
        ("Long?", "x" * 20_001, "This is longer than 20,000 characters (it has 20001)."),
        ("Number?", "1" * 301, "Ensure that there are no more than"),
    ],
)
def test_what_is_too_long_stays_on_the_page_and_is_not_kept(
    signed_in: Client, asking: Activity, text: str, typed: str, words: str
) -> None:
    """Nobody fills the portal with text that no form would take; by saving as little as by sending."""
    signed_in.get(address(asking, kind="evaluation"))
    here = address(asking, pages(asking)[1], "evaluation")
    answer = signed_in.post(here, full(**{text.rstrip("?"): typed}))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert typed in answer.content.decode()
    saved = signed_in.post(f"{here}save/", full(**{text.rstrip("?"): typed}))
    assert (saved.status_code, "longer than it can be" in saved.json()["refused"]) == (422, True)
    assert not Response.objects.get().typed.get(question(text).field_name)


def test_more_values_than_a_question_has_are_not_kept(signed_in: Client, asking: Activity) -> None:
    signed_in.get(address(asking, kind="evaluation"))
    here = address(asking, pages(asking)[0], "evaluation")
    saved = signed_in.post(f"{here}save/", full() | {question("Several?").field_name: ["1"] * 501})
    assert saved.status_code == 422


def test_error_summary_links_to_the_row_of_a_matrix(signed_in: Client, asking: Activity) -> None:
    signed_in.get(address(asking, kind="evaluation"))
    page = signed_in.post(address(asking, pages(asking)[1], "evaluation"), {}).content.decode()
    row = question("Each?").rows.all()[1]
    assert f'href="#id_{row.field_name}_0">Answer: R2' in page
    assert page.count("Answer: R2") == 2


def test_begun_survey_is_resumed_where_something_is_left(signed_in: Client, asking: Activity) -> None:
    first = signed_in.get(address(asking, kind="evaluation"))["Location"]
    signed_in.post(first, full())
    assert signed_in.get(address(asking, kind="evaluation"))["Location"] == address(
        asking, pages(asking)[1], "evaluation"
    )
    signed_in.post(address(asking, pages(asking)[1], "evaluation"), full())
    assert signed_in.get(address(asking, kind="evaluation"))["Location"] == address(asking, "check", "evaluation")


def test_survey_that_the_activity_does_not_have_is_not_open(signed_in: Client, asking: Activity) -> None:
    answer = signed_in.get(address(asking, kind="pre-test"))
    assert (answer.status_code, "This activity does not have it." in answer.content.decode()) == (403, True)
    answer = signed_in.post(address(asking, "questions", "pre-test") + "save/")
    assert (answer.status_code, answer.json()) == (403, {"refused": "This activity does not have it."})
    assert signed_in.get(f"/activities/{asking.slug}/set/").status_code == 404


class TestTwoDevices:
    """The last write per question wins, and nothing vanishes."""

    @pytest.fixture
    def page(self, signed_in: Client) -> tuple[Client, str]:
        activity = ActivityFactory()
        survey(activity, "evaluation", [{"kind": "short", "text": text} for text in ("A?", "B?")])
        return signed_in, address(activity, "questions", "evaluation")

    def send(self, page: tuple[Client, str], base: str, **typed: str) -> Any:
        names = {question(f"{letter}?").field_name: typed.get(letter.lower(), "") for letter in "AB"}
        return page[0].post(page[1] + "save/", names | {"shown": base})

    def shown(self, page: tuple[Client, str]) -> str:
        form = page[0].get(page[1]).content.decode()
        return form.partition('name="shown" value="')[2].partition('"')[0].replace("&quot;", '"')

    def test_a_stale_page_does_not_undo_what_another_device_typed(self, page: tuple[Client, str]) -> None:
        first, second = self.shown(page), self.shown(page)
        self.send(page, first, a="1")
        self.send(page, second, b="2")
        assert sorted(value for (value,) in Response.objects.get().typed.values()) == ["1", "2"]

    def test_a_field_that_was_cleared_is_cleared(self, page: tuple[Client, str]) -> None:
        base = self.send(page, self.shown(page), a="1").json()["shown"]
        assert json.loads(base)[question("A?").field_name] == fingerprint(["1"])
        self.send(page, base, a="")
        assert Response.objects.get().typed[question("A?").field_name] == [""]

    def test_what_this_page_shows_is_told_and_not_what_another_device_typed(self, page: tuple[Client, str]) -> None:
        first, second = self.shown(page), self.shown(page)
        self.send(page, first, a="theirs")
        base = self.send(page, second, b="2").json()["shown"]
        self.send(page, base, b="3")
        typed = Response.objects.get().typed
        assert [typed[question(text).field_name] for text in ("A?", "B?")] == [["theirs"], ["3"]]

    @pytest.mark.parametrize("base", ["", "nonsense", "[1]"])
    def test_without_knowing_what_was_shown_everything_counts(self, page: tuple[Client, str], base: str) -> None:
        self.send(page, self.shown(page), a="1")
        self.send(page, base, a="2", b="")
        assert Response.objects.get().typed[question("A?").field_name] == ["2"]


class TestTests:
    """Scores, shuffling, feedback."""

    @pytest.fixture
    def testing(self, learner: User) -> Activity:
        activity = self_study()
        study_all(activity, learner)
        return activity

    @pytest.mark.parametrize(
        ("right", "percent", "passed"), [(0, 0, False), (1, 33, False), (2, 66, True), (3, 100, True)]
    )
    def test_is_marked_in_whole_numbers(
        self, testing: Activity, learner: User, right: int, percent: int, passed: bool
    ) -> None:
        post_test(testing, pass_mark=66)
        response = take_test(testing, learner, right=right)
        assert (response.right, response.asked, response.percent, response.passed) == (right, 3, percent, passed)
        assert sorted(str(mark) for mark in Mark.objects.filter(right=False)) == [
            f"Question {n}?: wrong" for n in range(right + 1, 4)
        ]

    def test_several_right_choices_are_right_together_or_not_at_all(self, testing: Activity, learner: User) -> None:
        choices = [{"text": "A", "correct": "true"}, {"text": "B", "correct": "true"}, "C"]
        post_test(testing).questions.all().delete()
        made = testing.surveys.get(kind="post-test")
        document.read_questions(made, [{"kind": "multiple", "text": "Which?", "choices": choices}])
        numbers = [str(row.pk) for row in question("Which?").choices.all()]
        for typed, right in ((numbers[:1], 0), (numbers, 0), (numbers[:2], 1)):
            response = respond(testing, "post-test", learner, {question("Which?").field_name: typed})
            assert (response.right, response.asked) == (right, 1)

    def test_scored_question_must_be_answered(self, signed_in: Client, testing: Activity) -> None:
        post_test(testing)
        assert "3 questions left" in signed_in.get(address(testing, "questions", "post-test")).content.decode()
        assert signed_in.post(address(testing, "questions", "post-test"), {}).status_code == 422

    def test_score_cannot_be_sent(self, signed_in: Client, testing: Activity) -> None:
        post_test(testing)
        typed = answers(testing, "post-test", right=0) | {"right": ["3"], "passed": ["true"], "percent": ["100"]}
        signed_in.post(address(testing, "questions", "post-test"), typed)
        submit(signed_in, testing, "post-test")
        response = Response.objects.get(survey__kind="post-test")
        assert (response.right, response.passed) == (0, False)

    def test_choices_are_shuffled_anew_in_each_attempt_and_stay_within_it(
        self, testing: Activity, learner: User
    ) -> None:
        made = post_test(testing)
        many = [f"Choice {n}" for n in range(8)]
        document.read_questions(made, [{"kind": "single", "text": "Order?", "choices": many}])
        orders = [self.order(made, seed) for seed in (1, 1, 2)]
        assert orders[0] == orders[1] != orders[2]
        assert sorted(orders[0]) == many
        made.shuffle = False
        assert self.order(made, 1) == many

    def order(self, made: Survey, seed: int) -> list[str]:
        response = Response(survey=made, learner=UserFactory(), seed=seed, typed={})
        whole_response = whole(response, timezone.now())
        form = whole_response.form(whole_response.pages[0])
        return [text for _, text in form.fields[question("Order?").field_name].choices]  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("feedback", "failed", "passed"),
        [("submit", True, True), ("passing", False, True), ("never", False, False)],
    )
    def test_feedback_comes_when_the_survey_says(  # noqa: PLR0917 (fixtures and a case)
        self, signed_in: Client, testing: Activity, learner: User, feedback: str, failed: bool, passed: bool
    ) -> None:
        made = post_test(testing, feedback=feedback)
        made.questions.update(feedback="Because of the trial.")
        made.questions.first().choices.update(feedback="Chosen often.")  # type: ignore[union-attr]
        for right, told in ((0, failed), (3, passed)):
            take_test(testing, learner, right=right)
            page = signed_in.get(address(testing, "result", "post-test")).content.decode()
            assert ("Because of the trial." in page, "Chosen often." in page) == (told, told)
        assert "Your attempts: 0 %, 100 %. The best one counts." in page

    def test_pre_test_reveals_nothing(self, signed_in: Client, learner: User) -> None:
        activity = self_study()
        survey(activity, "pre-test", [row | {"feedback": "Because."} for row in TEST])
        take_test(activity, learner, right=1, kind="pre-test")
        page = signed_in.get(address(activity, "result", "pre-test")).content.decode()
        assert "Your answers are kept." in page
        assert not any(word in page for word in ("Because.", "Right is", "33 %", "Question 1?"))
        assert Response.objects.get().right == 1

    def test_failed_test_is_tried_again(self, signed_in: Client, testing: Activity, learner: User) -> None:
        post_test(testing)
        take_test(testing, learner, right=0)
        page = signed_in.get(address(testing, "result", "post-test")).content.decode()
        assert [words in page for words in ("Not passed yet", "Try again", "Study again", "× Wrong", "Right is:")] == [
            True, True, True, True, False,
        ]  # fmt: skip
        signed_in.get(address(testing, kind="post-test"))
        assert Response.objects.filter(survey__kind="post-test").values_list("attempt", "state").first() == (2, "draft")


def test_second_submit_of_an_evaluation_changes_nothing(learner: User, asking: Activity) -> None:
    response = respond(asking, "evaluation", learner, full())
    count = Answer.objects.count()
    assert answering.submit(response=response, seen="", now=timezone.now()) == response
    assert Answer.objects.count() == count


def test_learner_who_begins_in_two_tabs_begins_one_attempt(
    learner: User, asking: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, facts = timezone.now(), {"activity": asking, "learner": learner, "kind": "evaluation"}
    first = answering.begin(**facts, now=now)
    assert answering._begin(asking, learner, "evaluation", now).pk == first.pk


class TestStalePages:
    """A page of an attempt that was submitted neither begins nor fills the next one."""

    @pytest.fixture
    def failed(self, signed_in: Client, learner: User) -> Activity:
        activity = self_study()
        study_all(activity, learner)
        post_test(activity)
        return activity

    def hidden(self, page: str, name: str) -> str:
        return page.partition(f'name="{name}" value="')[2].partition('"')[0]

    def test_second_press_of_submit_leads_to_the_result(self, signed_in: Client, failed: Activity) -> None:
        signed_in.post(address(failed, "questions", "post-test"), answers(failed, "post-test", right=0))
        page = signed_in.get(address(failed, "check", "post-test")).content.decode()
        data = {name: self.hidden(page, name) for name in ("seen", "response")}
        for _ in range(2):
            answer = signed_in.post(address(failed, "check", "post-test"), data)
            assert answer["Location"] == address(failed, "result", "post-test")
        assert Response.objects.filter(survey__kind="post-test").count() == 1

    def test_old_page_does_not_write_into_the_next_attempt(self, signed_in: Client, failed: Activity) -> None:
        page = signed_in.get(address(failed, "questions", "post-test")).content.decode()
        old = {"response": self.hidden(page, "response")} | answers(failed, "post-test", right=3)
        take_test(failed, User.objects.get(), right=0)
        signed_in.get(address(failed, kind="post-test"))
        refused = signed_in.post(address(failed, "questions", "post-test") + "save/", old)
        assert (refused.status_code, refused.json()["refused"]) == (
            409, "This was submitted already, perhaps on another device.",
        )  # fmt: skip
        answer = signed_in.post(address(failed, "questions", "post-test"), old)
        assert answer["Location"] == address(failed, "result", "post-test")
        assert Response.objects.get(attempt=2).typed == {}

    def test_save_that_overtakes_a_submit_writes_nothing(self, failed: Activity, learner: User) -> None:
        now = timezone.now()
        stale = answering.begin(activity=failed, learner=learner, kind="post-test", now=now)
        take_test(failed, learner, right=0)
        with pytest.raises(answering.AlreadySubmitted):
            answering.save_typed(response=stale, typed={"question_1": ["1"]}, base={}, now=now)
        assert Response.objects.get(pk=stale.pk).typed == {}


def test_what_is_typed_on_a_page_that_no_longer_applies_is_kept(signed_in: Client) -> None:
    activity = ActivityFactory()
    condition = {"question": 1, "choice": 1}
    survey(activity, "evaluation", [
        {"kind": "yes_no", "text": "More?", "required": "true"},
        {"kind": "section", "text": "More"},
        {"kind": "text", "text": "What more?", "shown_if": condition},
    ])  # fmt: skip
    first = address(activity, "questions", "evaluation")
    second = signed_in.post(first, {question("More?").field_name: choice("More?", 0)})["Location"]
    signed_in.post(first + "save/", {question("More?").field_name: choice("More?", 1)})
    name = question("What more?").field_name
    assert signed_in.get(second)["Location"] == address(activity, kind="evaluation")
    assert signed_in.post(second + "save/", {name: "Saved"}).status_code == 200
    assert signed_in.post(second, {name: "Kept"})["Location"] == address(activity, kind="evaluation")
    assert Response.objects.get().typed[name] == ["Kept"]
    assert signed_in.post(address(activity, "nowhere", "evaluation"), {name: "x"}).status_code == 302


def test_one_choice_is_one_choice_and_a_box_is_ticked_once(signed_in: Client, asking: Activity) -> None:
    """The last of two values counts, for conditions too; the same box twice is one answer."""
    both = [choice("Yes?", 0), choice("Yes?", 1)]
    same = [choice("Several?", 0)] * 2
    first = signed_in.get(address(asking, kind="evaluation"))["Location"]
    twice = full() | {question("Yes?").field_name: both, question("Several?").field_name: same}
    second = signed_in.post(first, twice)["Location"]
    assert question("Plan?").field_name not in signed_in.get(second).content.decode()
    signed_in.post(second, full())
    assert submit(signed_in, asking, "evaluation").status_code == 302
    assert Answer.objects.filter(question=question("Several?")).count() == 1
    assert not Answer.objects.filter(question=question("Plan?")).exists()


def test_deep_nonsense_about_what_was_shown_is_ignored(signed_in: Client, asking: Activity) -> None:
    first = signed_in.get(address(asking, kind="evaluation"))["Location"]
    assert signed_in.post(first + "save/", full() | {"shown": ["[" * 100_000]}).status_code == 200


def test_scored_question_that_is_not_asked_is_not_counted(learner: User) -> None:
    activity = self_study()
    study_all(activity, learner)
    hard = {**TEST[1], "shown_if": {"question": 1, "choice": 2}}
    survey(activity, "post-test", [TEST[0], hard], pass_mark=100)
    response = respond(activity, "post-test", learner, {question("Question 1?").field_name: [choice("Question 1?", 0)]})
    assert (response.right, response.asked, response.passed) == (1, 1, True)


def test_required_question_under_a_condition_is_not_called_optional(signed_in: Client) -> None:
    activity = ActivityFactory()
    why = {"kind": "text", "text": "Why?", "required": "true", "shown_if": {"question": 1, "choice": 2}}
    survey(activity, "evaluation", [{"kind": "yes_no", "text": "Fine?"}, why])
    page = signed_in.get(address(activity, "questions", "evaluation")).content.decode()
    assert ("Fine? (optional)" in page, "Why? (optional)" in page) == (True, False)


def test_number_with_a_rationale_is_told_back(signed_in: Client, learner: User) -> None:
    activity = ActivityFactory()
    survey(activity, "evaluation", [{"kind": "number", "text": "N?", "feedback": "Most say 3."}])
    respond(activity, "evaluation", learner, {question("N?").field_name: ["2"]})
    page = signed_in.get(address(activity, "result", "evaluation")).content.decode()
    assert ("2.000000" in page, "Most say 3." in page) == (True, True)


@pytest.mark.parametrize("gone", ["survey", "row"])
def test_survey_that_staff_take_away_at_this_moment_is_not_open(
    learner: User, asking: Activity, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    def away(*_args: object) -> Response:
        raise (Survey.DoesNotExist if gone == "survey" else IntegrityError)

    monkeypatch.setattr(answering, "_begin", away)
    with pytest.raises(NotOpen):
        answering.begin(activity=asking, learner=learner, kind="evaluation", now=timezone.now())


@pytest.mark.usefixtures("committed")
def test_two_tabs_that_begin_at_once_begin_one_attempt() -> None:
    learner, activity = UserFactory(), self_study()
    study_all(activity, learner)
    post_test(activity, attempts=1)
    ready, begun = threading.Barrier(2), []

    def tab() -> None:
        client = Client()
        client.force_login(learner)
        ready.wait()
        begun.append(client.get(address(activity, kind="post-test")).status_code)
        connection.close()

    tabs = [threading.Thread(target=tab) for _ in range(2)]
    for thread in tabs:
        thread.start()
    for thread in tabs:
        thread.join()
    assert begun == [302, 302]
    assert Response.objects.get(survey__kind="post-test").attempt == 1
