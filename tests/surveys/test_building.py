"""Building surveys in the office: choices as lines, versions, question sets, the standard evaluation, the preview."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.compliance import PUBLISHING, Refused
from activities.models import Activity
from audit.models import Event
from surveys import document
from surveys.forms.building import QuestionForm
from surveys.models import Question, Response, Survey
from surveys.services import answering, building
from surveys.steps import NotOpen
from tests.activities.making import perfect
from tests.factories import ActivityFactory, UserFactory
from tests.office_forms import form_of
from tests.surveys.making import TEST, answers, post_test, respond, self_study, survey
from tests.surveys.test_answering import ONE_OF_EACH

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client: Client) -> User:
    person: User = UserFactory(officer=True)
    client.force_login(person)
    return person


@pytest.fixture
def evaluation(db: None) -> Survey:
    activity = perfect()
    return survey(activity, "evaluation", [{"kind": "single", "text": "Fine?", "choices": ["Yes", "No"]}])


def change(made: Survey) -> str:
    return f"/admin/surveys/survey/{made.pk}/change/"


def do(client: Client, made: Survey, verb: str, **data: Any) -> str:
    """Press a button beside the survey; return what the office reads then."""
    answer = client.post(f"/admin/surveys/survey/{made.pk}/build/", {"verb": verb} | data, follow=True)
    return answer.content.decode()


class TestForm:
    """A whole survey on one form."""

    def test_question_is_written_with_its_choices_as_lines(
        self, client: Client, officer: User, evaluation: Survey
    ) -> None:
        data = form_of(client, change(evaluation)) | {
            "questions-TOTAL_FORMS": "2",
            "questions-1-kind": "single",
            "questions-1-text": "New?",
            "questions-1-choice_lines": "* Right one | Because.\n\n  Wrong one  ",
            "questions-1-position": "0",
        }
        assert client.post(change(evaluation), data).status_code == 302
        made = evaluation.questions.first()
        assert made
        assert [(row.text, row.correct, row.feedback) for row in made.choices.all()] == [
            ("Right one", True, "Because."), ("Wrong one", False, ""),
        ]  # fmt: skip
        page = client.get(change(evaluation)).content.decode()
        assert "* Right one | Because.\nWrong one</textarea>" in page

    @pytest.mark.parametrize(
        ("line", "meant"),
        [
            ("*1/*1 (normal)", ("*1/*1 (normal)", False, "")),
            ("* *2/*17", ("*2/*17", True, "")),
            (r"\* a footnote", ("* a footnote", False, "")),
            (r"* \* a footnote", ("* a footnote", True, "")),
            (r"\\* a footnote", (r"\* a footnote", False, "")),
            (r"P(A \| B) | Bayes.", ("P(A | B)", False, "Bayes.")),
        ],
    )
    def test_stars_and_bars_can_be_part_of_a_choice(
        self, client: Client, officer: User, evaluation: Survey, line: str, meant: tuple[str, bool, str]
    ) -> None:
        data = form_of(client, change(evaluation)) | {"questions-0-choice_lines": f"{line}\nAnother"}
        for _ in range(2):  # what the form shows is what it reads
            assert client.post(change(evaluation), data).status_code == 302
            made = evaluation.questions.get().choices.first()
            assert made
            assert (made.text, made.correct, made.feedback) == meant
            data = form_of(client, change(evaluation))
            assert data["questions-0-choice_lines"].splitlines()[0] == line

    def test_line_that_was_changed_stays_the_same_choice(
        self, client: Client, officer: User, evaluation: Survey
    ) -> None:
        before = [row.pk for row in evaluation.questions.get().choices.all()]
        data = form_of(client, change(evaluation)) | {"questions-0-choice_lines": "Yes, very\nNo\nPerhaps"}
        client.post(change(evaluation), data)
        after = list(evaluation.questions.get().choices.values_list("pk", "text"))
        assert after[:2] == [(before[0], "Yes, very"), (before[1], "No")]
        client.post(change(evaluation), form_of(client, change(evaluation)) | {"questions-0-choice_lines": "Yes"})
        assert list(evaluation.questions.get().choices.values_list("pk", flat=True)) == before[:1]

    def test_rows_of_a_matrix_know_their_objectives(self, client: Client, officer: User, evaluation: Survey) -> None:
        objective = evaluation.activity.objectives.get()  # type: ignore[union-attr]
        data = form_of(client, change(evaluation)) | {
            "questions-0-kind": "matrix",
            "questions-0-row_lines": f"Something else\n{objective.text}",
        }
        for _ in range(2):
            assert client.post(change(evaluation), data).status_code == 302
            data = form_of(client, change(evaluation)) | {"questions-0-row_lines": f"{objective.text}\nAnother"}
        rows = [(row.text, row.objective) for row in evaluation.questions.get().rows.all()]
        assert rows == [(objective.text, objective), ("Another", None)]

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"choice_lines": "x" * 301}, "Ensure this value has at most 300 characters"),
            ({"kind": "matrix", "row_lines": "A\nA"}, "Two rows are the same."),
            ({"kind": "matrix", "row_lines": ""}, "Give the rows of the matrix"),
            ({"choice_lines": ""}, "Give the choices, a line for each"),
            ({"required_for_moc": "on"}, "Only the Request for Credit knows the wish for MOC"),
        ],
    )
    def test_wrong_question_comes_back_with_words(
        self, client: Client, officer: User, evaluation: Survey, typed: dict[str, str], words: str
    ) -> None:
        data = form_of(client, change(evaluation)) | {f"questions-0-{name}": value for name, value in typed.items()}
        assert words in client.post(change(evaluation), data).content.decode()

    def test_conditions_are_offered_among_this_surveys_answers_only(self, client: Client, officer: User) -> None:
        activity = perfect()
        made = survey(activity, "evaluation", ONE_OF_EACH)
        survey(ActivityFactory(), "evaluation", [{"kind": "yes_no", "text": "Elsewhere?"}])
        page = client.get(change(made)).content.decode()
        assert ("Yes?: No" in page, "Elsewhere?" in page) == (True, False)

    def test_condition_must_be_another_question_of_the_survey(self, evaluation: Survey) -> None:
        question = evaluation.questions.get()
        foreign = survey(ActivityFactory(), "evaluation", [{"kind": "yes_no", "text": "Elsewhere?"}]).questions.get()
        for condition in (question.choices.first(), foreign.choices.first()):
            question.shown_if = condition
            assert "Choose an answer to another question of this survey." in faults(question)
        matrix, section = document.read_questions(
            evaluation, [{"kind": "matrix", "text": "M", "choices": ["A"]}, {"kind": "section", "text": "S"}]
        )
        question.shown_if = matrix.choices.get()
        assert "A row of a matrix cannot be a condition." in faults(question)
        section.shown_if = question.choices.first()
        assert "A section is always shown." in faults(section)

    def test_yes_or_no_brings_its_choices(self, client: Client, officer: User, evaluation: Survey) -> None:
        data = form_of(client, change(evaluation)) | {"questions-0-kind": "yes_no", "questions-0-choice_lines": ""}
        assert client.post(change(evaluation), data).status_code == 302
        assert [str(row) for row in evaluation.questions.get().choices.all()] == ["Yes", "No"]

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"kind": "set", "activity": "x"}, "A question set belongs to no activity."),
            ({"kind": "set"}, "Give the question set a name"),
            ({"kind": "evaluation"}, "Choose the activity that asks these questions."),
        ],
    )
    def test_survey_belongs_to_an_activity_and_a_set_to_none(
        self, client: Client, officer: User, data: dict[str, str], words: str
    ) -> None:
        add = "/admin/surveys/survey/add/"
        data = data | ({"activity": str(ActivityFactory().pk)} if "activity" in data else {})
        assert words in client.post(add, form_of(client, add) | data).content.decode()

    @pytest.mark.parametrize(("kind", "fields"), [("pre-test", 1), ("post-test", 5), ("follow-up", 1), ("set", 1)])
    def test_form_has_what_the_kind_needs(self, client: Client, officer: User, kind: str, fields: int) -> None:
        made = survey(None if kind == "set" else ActivityFactory(), kind, name="Mine" if kind == "set" else "")
        page = client.get(change(made)).content.decode()
        names = ("pass_mark", "attempts", "cooling_minutes", "shuffle", "feedback", "after_days", "name")
        assert sum(f'name="{name}"' in page for name in names) == fields

    def test_new_survey_of_a_published_activity_is_built_in_peace(self, client: Client, officer: User) -> None:
        activity = perfect()
        add = f"/admin/surveys/survey/add/?activity={activity.pk}&kind=evaluation"
        page = client.get(add).content.decode()
        assert ("after_days" in page, "pass_mark" in page) == (False, False)
        data = form_of(client, add) | {
            "questions-TOTAL_FORMS": "1",
            "questions-0-kind": "yes_no",
            "questions-0-text": "Fine?",
            "questions-0-position": "1",
        }
        assert client.post(add, data).status_code == 302
        made = Survey.objects.get(kind="evaluation")
        assert (made.state, str(made.questions.get())) == ("draft", "Fine?")
        assert "The activity has one already." in client.post(add, data).content.decode()
        do(client, made, "put-in-use")
        do(client, made, "retire")
        assert client.post(add, data).status_code == 302
        assert list(Survey.objects.filter(kind="evaluation").values_list("version", "state")) == [
            (2, "draft"), (1, "retired"),
        ]  # fmt: skip
        do(client, made, "put-in-use")
        assert Survey.objects.get(pk=made.pk).is_in_use

    def test_question_set_is_added_with_its_questions(self, client: Client, officer: User) -> None:
        add = "/admin/surveys/survey/add/"
        data = form_of(client, add) | {
            "kind": "set", "name": "Mine", "questions-TOTAL_FORMS": "1", "questions-0-kind": "text",
            "questions-0-text": "Words?", "questions-0-position": "1",
        }  # fmt: skip
        assert client.post(add, data).status_code == 302
        assert str(Survey.objects.get(kind="set").questions.get()) == "Words?"

    def test_choice_on_which_a_question_depends_is_not_lost(self, client: Client, officer: User) -> None:
        rows = [
            {"kind": "single", "text": "Which?", "choices": ["A", "B", "C"]},
            {"kind": "text", "text": "Why?", "shown_if": {"question": 1, "choice": 2}},
        ]
        made = survey(ActivityFactory(), "evaluation", rows)
        data = form_of(client, change(made))
        page = client.post(change(made), data | {"questions-0-choice_lines": "A"}).content.decode()
        assert "“Why?” is asked only after “B”. Change that condition first." in page
        client.post(change(made), data | {"questions-0-choice_lines": "B\nA\nC"})
        why = made.questions.get(text="Why?")
        assert (str(why.shown_if), [str(row) for row in made.questions.get(text="Which?").choices.all()]) == (
            "B", ["B", "A", "C"],
        )  # fmt: skip

    def test_form_takes_hundreds_of_questions(self, client: Client, officer: User, evaluation: Survey) -> None:
        document.read_questions(evaluation, [{"kind": "text", "text": f"Q{n}?"} for n in range(149)])
        data = form_of(client, change(evaluation)) | {"questions-149-text": "Last?"}
        assert client.post(change(evaluation), data).status_code == 302
        assert str(evaluation.questions.last()) == "Last?"

    def test_objective_is_one_of_the_activity(self, evaluation: Survey) -> None:
        question = evaluation.questions.get()
        question.objective = ActivityFactory().objectives.create(position=1, text="Elsewhere.")
        assert "Choose an objective of this survey's activity." in faults(question)

    def test_form_that_was_open_while_the_draft_was_put_in_use_does_not_take_it_out(
        self, client: Client, officer: User, evaluation: Survey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        draft = building.new_version(survey=evaluation, actor=officer)
        data = form_of(client, change(draft))
        locked = building.locked

        def put_in_use_before(made: Survey) -> Survey:
            building.put_in_use(survey=made, actor=officer, now=timezone.now())
            return locked(made)

        monkeypatch.setattr("surveys.admin.survey.building.locked", put_in_use_before)
        assert client.post(change(draft), data).status_code == 302
        assert Survey.objects.get(pk=draft.pk).is_in_use

    @pytest.mark.parametrize("count", [1, 40])
    def test_form_costs_the_same_with_many_questions(
        self, client: Client, officer: User, evaluation: Survey, count: int, django_assert_max_num_queries: Any
    ) -> None:
        document.read_questions(evaluation, [{"kind": "single", "text": "Q?", "choices": ["A", "B"]}] * count)
        with django_assert_max_num_queries(20):
            client.get(change(evaluation))


def faults(question: Question) -> str:
    form = QuestionForm(instance=question)
    try:
        form.instance.clean()
    except Exception as error:  # noqa: BLE001 (its words are compared)
        return str(error)
    return ""


class TestVersions:
    """What somebody has begun to answer is not changed."""

    def test_answered_survey_is_only_looked_at(self, client: Client, officer: User, evaluation: Survey) -> None:
        begin(evaluation)
        page = client.get(change(evaluation)).content.decode()
        assert ("1 learner has begun to answer it" in page, "Yes; No" in page, "choice_lines" in page) == (
            True,
            True,
            False,
        )
        assert client.post(change(evaluation), {"introduction": "New"}).status_code == 403
        assert client.post(f"/admin/surveys/survey/{evaluation.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_form_that_was_open_when_somebody_began_is_refused(
        self, client: Client, officer: User, evaluation: Survey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = form_of(client, change(evaluation)) | {"questions-0-text": "Changed?"}
        monkeypatch.setattr("surveys.admin.survey.may_be_changed", lambda _survey: True)
        begin(evaluation)
        answer = client.post(change(evaluation), data, follow=True)
        assert "Learners have begun to answer this version." in answer.content.decode()
        assert evaluation.questions.get().text == "Fine?"

    def test_new_version_takes_the_place_of_the_old_one(
        self, client: Client, officer: User, evaluation: Survey, learner: User
    ) -> None:
        begin(evaluation, learner)
        assert "Version 2 is a draft." in do(client, evaluation, "new-version")
        draft = Survey.objects.get(version=2)
        do(client, evaluation, "new-version")
        assert Survey.objects.filter(kind="evaluation").count() == 2
        assert (str(draft), draft.state) == ("Evaluation (version 2): Progress in Examples", "draft")
        client.post(change(draft), form_of(client, change(draft)) | {"questions-0-text": "Really fine?"})
        assert "Version 2 is in use from now on." in do(client, draft, "put-in-use")
        assert list(Survey.objects.filter(kind="evaluation").values_list("version", "state")) == [
            (2, "in_use"), (1, "retired"),
        ]  # fmt: skip
        assert "This version is in use already." in do(client, draft, "put-in-use")
        respond(evaluation.activity, "evaluation", learner, {})  # type: ignore[arg-type]
        respond(evaluation.activity, "evaluation", UserFactory(), {})  # type: ignore[arg-type]
        assert [str(row.survey.version) for row in Response.objects.order_by("id")] == ["1", "2"]
        assert {event.action for event in Event.objects.all()} >= {"began a version", "put in use"}

    def test_attempts_count_across_versions(self, learner: User) -> None:
        activity = self_study()
        activity.content.all().delete()
        made = post_test(activity, attempts=2)
        respond(activity, "post-test", learner, answers(activity, "post-test", right=0))
        draft = building.new_version(survey=made, actor=learner)
        building.put_in_use(survey=draft, actor=learner, now=timezone.now())
        assert respond(activity, "post-test", learner, answers(activity, "post-test", right=0)).attempt == 2
        with pytest.raises(NotOpen):
            answering.begin(activity=activity, learner=learner, kind="post-test", now=timezone.now())

    def test_draft_that_would_break_a_published_page_is_not_put_in_use(self, officer: User, evaluation: Survey) -> None:
        draft = building.new_version(survey=evaluation, actor=officer)
        draft.questions.all().delete()
        with pytest.raises(Refused, match="The Evaluation asks nothing"):
            building.put_in_use(survey=draft, actor=officer, now=timezone.now())
        evaluation.refresh_from_db()
        assert evaluation.is_in_use

    def test_retired_survey_is_asked_of_nobody(self, client: Client, officer: User, evaluation: Survey) -> None:
        begin(evaluation)
        assert "It is retired: nobody is asked any more" in do(client, evaluation, "retire")
        assert Survey.objects.get(pk=evaluation.pk).state == "retired"
        assert "This version is retired" in do(client, evaluation, "add-questions", source="standard")

    def test_who_has_begun_a_retired_survey_may_finish_it(
        self, officer: User, evaluation: Survey, learner: User
    ) -> None:
        begin(evaluation, learner)
        building.retire(survey=evaluation, actor=officer, now=timezone.now())
        activity = evaluation.activity
        assert activity
        assert answering.pathway.step("evaluation", activity=activity, learner=learner, now=timezone.now()).is_open
        assert respond(activity, "evaluation", learner, {}).is_submitted
        assert answering.pathway.step("evaluation", activity=activity, learner=learner, now=timezone.now()).is_done
        with pytest.raises(building.CannotBuild, match="Only a survey that is in use can be retired"):
            building.retire(survey=evaluation, actor=officer, now=timezone.now())

    def test_request_for_credit_cannot_be_retired(self, client: Client, officer: User) -> None:
        made = perfect(questions=1).surveys.get()
        assert "nobody can claim without it" in do(client, made, "retire")
        assert Survey.objects.get(pk=made.pk).is_in_use


def begin(made: Survey, learner: User | None = None) -> Response:
    assert made.activity
    now, person = timezone.now(), learner or UserFactory()
    return answering.begin(activity=made.activity, learner=person, kind=made.kind, now=now)


class TestDesk:
    """The buttons beside a survey."""

    def test_standard_evaluation_is_complete_for_accme_and_abim(self, client: Client, officer: User) -> None:
        activity = perfect(moc="18.50")
        activity.objectives.create(position=2, text="Apply it.")
        request = activity.surveys.get()
        assert {row.code for row in PUBLISHING.check(activity, timezone.now()).errors} == {"moc-evaluation"}
        assert "13 questions were added at the end." in do(client, request, "add-questions", source="standard")
        fresh = Activity.objects.get(pk=activity.pk)
        assert PUBLISHING.check(fresh, timezone.now()).errors == []
        matrix = request.questions.filter(kind="matrix").first()
        assert matrix
        assert [row.text for row in matrix.rows.all()] == ["Discuss it.", "Apply it."]
        plan = request.questions.get(kind="commitment")
        assert str(plan.shown_if) == "Yes, I plan to"
        assert request.questions.get(required_for_moc=True).feedback

    def test_standard_evaluation_requires_of_all_what_moc_needs_where_the_wish_is_unknown(
        self, client: Client, officer: User, evaluation: Survey
    ) -> None:
        do(client, evaluation, "add-questions", source="standard")
        reflecting = evaluation.questions.exclude(feedback="").get()
        assert (reflecting.required, reflecting.required_for_moc) == (True, False)
        assert reflecting.position == 5

    def test_without_objectives_there_is_none_to_evaluate(self, client: Client, officer: User) -> None:
        made = survey(ActivityFactory(), "evaluation")
        do(client, made, "add-questions", source="standard")
        assert (made.questions.count(), str(made.questions.get(kind="commitment").shown_if)) == (12, "Yes, I plan to")

    def test_questions_are_kept_as_a_set_and_added_elsewhere(self, client: Client, officer: User) -> None:
        activity = perfect()
        made = survey(activity, "evaluation", [{"kind": "matrix", "text": "M", "rows": "objectives", "choices": ["A"]}])
        survey(activity, "follow-up", TEST)
        assert "Give the question set a name" in do(client, made, "keep-as-set", name=" ")
        assert "The question set “Ours” can now be added" in do(client, made, "keep-as-set", name="Ours")
        kept = Survey.objects.get(kind="set")
        assert (str(kept), str(kept.questions.get().rows.get())) == ("Ours", "Discuss it.")
        other = survey(ActivityFactory(), "evaluation")
        assert "Ours" in client.get(change(other)).content.decode()
        assert "1 questions were added" in do(client, other, "add-questions", source=str(kept.pk))
        assert str(other.questions.get()) == "M"
        assert "Choose the standard evaluation or a question set." in do(client, other, "add-questions", source="x")

    def test_question_is_duplicated_behind_itself(self, client: Client, officer: User) -> None:
        made = survey(ActivityFactory(), "evaluation", ONE_OF_EACH)
        plan = made.questions.get(kind="commitment")
        do(client, made, "duplicate", question=str(plan.pk))
        rows = list(made.questions.all())
        assert [row.text for row in rows[-2:]] == ["Plan?", "Plan?"]
        assert rows[-1].shown_if == rows[-2].shown_if
        single = made.questions.get(text="One?")
        do(client, made, "duplicate", question=str(single.pk))
        assert [row.text for row in made.questions.all()][1:3] == ["One?", "One?"]
        assert client.post(
            f"/admin/surveys/survey/{made.pk}/build/", {"verb": "duplicate", "question": "x"}
        ).status_code == 404  # fmt: skip
        long = {"verb": "duplicate", "question": "9" * 5000}
        assert client.post(f"/admin/surveys/survey/{made.pk}/build/", long).status_code == 404

    def test_set_has_no_versions(self, officer: User) -> None:
        made = survey(None, "set", name="Mine")
        assert building.new_version(survey=made, actor=officer) == made

    def test_two_officers_at_once_make_one_draft(
        self, client: Client, officer: User, evaluation: Survey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def already(**_facts: Any) -> None:
            raise IntegrityError("survey_in_use_once")

        made = building.new_version(survey=evaluation, actor=officer)
        monkeypatch.setattr(building, "put_in_use", already)
        assert "somebody else did the same at this moment" in do(client, made, "put-in-use")

    @pytest.mark.parametrize("verb", ["", "dance"])
    def test_unknown_verb_is_refused(self, client: Client, officer: User, evaluation: Survey, verb: str) -> None:
        assert client.post(f"/admin/surveys/survey/{evaluation.pk}/build/", {"verb": verb}).status_code == 403

    def test_only_who_may_change_surveys_builds(self, client: Client, evaluation: Survey) -> None:
        viewer = UserFactory(is_staff=True)
        viewer.user_permissions.set(Permission.objects.filter(codename="view_survey"))
        client.force_login(viewer)
        assert client.get(change(evaluation)).status_code == 200
        assert client.post(f"/admin/surveys/survey/{evaluation.pk}/build/", {"verb": "retire"}).status_code == 403


class TestPreview:
    """Exactly what a learner sees, and nothing is kept."""

    def test_goes_page_by_page(self, client: Client, officer: User) -> None:
        made = survey(ActivityFactory(), "evaluation", ONE_OF_EACH, introduction="Welcome.")
        base = f"/admin/surveys/survey/{made.pk}/preview/"
        page = client.get(base).content.decode()
        assert ("Preview of Evaluation" in page, "Welcome." in page, "data-save" in page) == (True, True, False)
        assert client.post(base, {}).status_code == 422
        first = made.questions.get(text="One?")
        yes = made.questions.get(text="Yes?")
        data = {row.field_name: str(row.choices.first().pk) for row in (first, yes)}  # type: ignore[union-attr]
        following = client.post(base, data)["Location"]
        assert "Plan?" in client.get(following).content.decode()
        last = client.get(f"{base}check/", follow=True).content.decode()
        assert "That was the last page" in last
        assert not Response.objects.exists()

    def test_request_is_seen_by_a_physician(self, client: Client, officer: User) -> None:
        made = perfect(moc="18.50", questions=3).surveys.get()
        base = f"/admin/surveys/survey/{made.pk}/preview/"
        assert "Credit to claim" in client.get(base).content.decode()
        assert "MOC points" in client.get(f"{base}moc/").content.decode()

    def test_request_without_credit_and_a_set_show_their_questions(self, client: Client, officer: User) -> None:
        activity = ActivityFactory(questions=1)
        activity.designations.all().delete()
        for made in (activity.surveys.get(), survey(None, "set", TEST, name="Mine")):
            page = client.get(f"/admin/surveys/survey/{made.pk}/preview/").content.decode()
            assert ("Question 0?" in page or "Question 1?" in page, "Preview of" in page) == (True, True)

    def test_is_for_staff_who_may_see_surveys(self, client: Client, evaluation: Survey) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(f"/admin/surveys/survey/{evaluation.pk}/preview/").status_code == 403


RULES = [
    ({"kind": "single", "text": "Q?"}, "no-choices"),
    ({"kind": "matrix", "text": "Q?", "choices": ["A"]}, "no-rows"),
]


@pytest.mark.parametrize(("row", "code"), RULES)
def test_gate_refuses_what_cannot_be_answered(row: dict[str, Any], code: str) -> None:
    activity = perfect()
    survey(activity, "evaluation", [row])
    assert code in {finding.code for finding in PUBLISHING.check(activity, timezone.now()).errors}


def test_gate_refuses_a_condition_that_comes_too_late(evaluation: Survey) -> None:
    (later,) = document.read_questions(evaluation, [{"kind": "yes_no", "text": "Later?"}])
    evaluation.questions.filter(text="Fine?").update(shown_if=later.choices.first())
    assert evaluation.activity
    assert "condition-later" in codes(evaluation.activity)


def test_gate_wants_tests_with_right_answers_and_feedback() -> None:
    activity = perfect(moc="18.50")
    made = survey(activity, "post-test", [{"kind": "single", "text": "Q?", "choices": ["A"]}], feedback="never")
    assert {"no-right-answer", "moc-feedback"} <= codes(activity)
    assert "moc-evaluation" not in codes(activity)
    made.questions.get().choices.update(correct=True)
    Survey.objects.filter(pk=made.pk).update(feedback="passing")
    assert not {"no-right-answer", "moc-feedback"} & codes(activity)


def test_gate_warns_of_study_without_a_test_and_of_objectives_nobody_judges() -> None:
    activity = self_study()
    activity.objectives.create(position=1, text="Know it.")
    survey(activity, "evaluation", [{"kind": "matrix", "text": "M", "rows": "objectives", "choices": ["A"]}])
    activity.objectives.create(position=2, text="Do it.")
    found = {row.code: row.words for row in PUBLISHING.check(activity, timezone.now()).warnings}
    assert found["objective-not-evaluated"] == "Not evaluated: Do it."


@pytest.mark.parametrize("kind", ["enduring", "journal"])
def test_gate_wants_learners_to_be_assessed_here_or_completions_imported(kind: str) -> None:
    here, elsewhere = self_study(), ActivityFactory(self_study=True, url="https://study.example/")
    for activity in (here, elsewhere):
        Activity.objects.filter(pk=activity.pk).update(format=kind)
        activity.refresh_from_db()
        assert "no-assessment" in codes(activity)
        activity.claim_by = "imported"
        assert "no-assessment" not in codes(activity)
        activity.claim_by = "amount"
        post_test(activity)
        assert "no-assessment" not in codes(activity)


def test_standard_evaluation_evaluates_the_learner_wherever_it_is_put() -> None:
    activity = ActivityFactory(moc="5.00")
    assert "moc-evaluation" in codes(activity)
    survey(activity, "evaluation", building.standard_evaluation())
    assert "moc-evaluation" not in codes(activity)


def test_office_that_imports_completions_needs_no_request() -> None:
    activity = ActivityFactory(moc="5.00", claim_by="imported")
    activity.surveys.all().delete()
    assert codes(activity) & {"request", "moc-evaluation"} == set()


def codes(activity: Activity) -> set[str]:
    return {finding.code for finding in PUBLISHING.check(activity, timezone.now()).errors}
