"""The Request for Credit page by page: every refusal is a page that a person understands, and nothing typed is lost."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities.models import Activity
from credits.models import Award, Claim
from reporting.models import Submission
from surveys.models import Answer, Choice, Question, Response, Survey
from surveys.request import RequestForCredit
from surveys.services import answering as services
from surveys.steps import NotOpen
from surveys.views import door
from tests.factories import ActivityFactory, UserFactory, make_sessions
from tests.surveys.conftest import MOC, Fill, address, evaluation, submit

pytestmark = pytest.mark.django_db


def test_request_is_claimed_page_by_page(signed_in: Client, activity: Activity, fill: Fill) -> None:
    assert signed_in.get(address(activity))["Location"] == address(activity, "credit")
    fill(moc=MOC)
    check = signed_in.get(address(activity, "check")).content.decode()
    assert "Claim 12.25 <em>AMA PRA Category 1 Credits</em>™" in check
    assert "Much 🙂 سرطان" in check
    claim_page = submit(signed_in, activity)["Location"]
    claim = Claim.objects.get()
    assert claim_page == claim.get_absolute_url()
    assert (claim.awards.get().amount, claim.wants_moc) == (Decimal("12.25"), True)
    assert Submission.objects.get().identity["birth_day"] == 29
    answers = list(Answer.objects.order_by("id").values_list("question__position", "choice__text", "text"))
    assert answers == [(0, "Yes", ""), (1, "Yes", ""), (1, "No", ""), (2, None, "Much 🙂 سرطان")]
    response = Response.objects.get()
    assert (response.state, response.typed) == ("submitted", {})


def test_page_that_was_changed_from_the_check_leads_back_to_it(signed_in: Client, activity: Activity) -> None:
    answer = signed_in.post(address(activity, "credit") + "?return=check", {"amount": "1"})
    assert answer["Location"] == address(activity, "check")


def test_each_page_leads_to_the_next_and_back(signed_in: Client, activity: Activity) -> None:
    steps = [
        signed_in.post(address(activity, "credit"), {"amount": "1"})["Location"],
        signed_in.post(address(activity, "moc"), {"wants_moc": "no"})["Location"],
        signed_in.post(address(activity, "questions"), evaluation(activity))["Location"],
    ]
    assert steps == [address(activity, key) for key in ("moc", "questions", "check")]
    assert f'href="{address(activity, "credit")}"' in signed_in.get(address(activity, "moc")).content.decode()
    assert signed_in.get(address(activity, "nonsense"))["Location"] == address(activity)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("12.3", "Credit is counted in steps of 0.25. Enter 12.25 or 12.50."),
        ("18.75", "At most 18.50 can be claimed for this activity."),
        ("0", "Claim at least 0.25, or leave the form if you did not take part."),
        ("-3", "Claim at least 0.25, or leave the form if you did not take part."),
        ("", "Enter how much credit you claim."),
        ("a lot", "Enter a number, for example 12.25."),
        ("NaN", "Enter a number, for example 12.25."),
    ],
)
def test_amount_is_refused_in_words_and_stays_in_its_field(
    signed_in: Client, activity: Activity, amount: str, words: str
) -> None:
    answer = signed_in.post(address(activity, "credit"), {"amount": amount})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert page.count(words) == 2  # in the summary and at the field
    assert 'href="#id_amount"' in page
    assert f'value="{amount}"' in page or not amount
    assert Response.objects.get().typed.get("amount", [""]) == [amount]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"number_ABIM": ""}, "Enter your ABIM number, or answer No above."),
        ({"number_ABIM": "12345"}, "An ABIM number has 6 digits, for example 123456."),
        ({"permission": ""}, "Without your permission we may not report"),
        ({"birth_month": "6", "birth_day": "31"}, "June has days 1 to 30; correct the day of birth."),
        ({"birth_month": ""}, "Choose your month of birth."),
        ({"given_name": ""}, "Enter your first name as ABIM has it."),
        ({"wants_moc": ""}, "Choose yes or no."),
    ],
)
def test_wish_for_points_without_what_the_board_needs_is_refused(
    signed_in: Client, activity: Activity, wrong: dict[str, str], words: str
) -> None:
    data = {name: value for name, value in (MOC | wrong).items() if value}
    answer = signed_in.post(address(activity, "moc"), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert 'value="Okafor"' in answer.content.decode()


def test_pasted_board_number_loses_its_spaces_and_its_name(signed_in: Client, activity: Activity, fill: Fill) -> None:
    fill(moc=MOC | {"number_ABIM": " ABIM 123 456"})
    submit(signed_in, activity)
    assert Submission.objects.get().identity["board_number"] == "123456"


def test_born_on_29_february_is_accepted(signed_in: Client, activity: Activity) -> None:
    assert signed_in.post(address(activity, "moc"), MOC).status_code == 302


def test_profile_fills_in_the_board_record(signed_in: Client, learner: User, activity: Activity) -> None:
    page = signed_in.get(address(activity, "moc")).content.decode()
    assert 'value="Okafor"' in page


def test_points_make_more_questions_required(signed_in: Client, activity: Activity) -> None:
    first = Question.objects.get(position=0)
    first_only = {first.field_name: str(first.choices.first().pk)}  # type: ignore[union-attr]
    signed_in.post(address(activity, "moc"), {"wants_moc": "no"})
    assert signed_in.post(address(activity, "questions"), first_only).status_code == 302
    signed_in.post(address(activity, "moc"), MOC)
    answer = signed_in.post(address(activity, "questions"), first_only)
    assert answer.status_code == 422
    assert "Answer: Question 1?" in answer.content.decode()


def test_submit_without_the_attestation_is_refused(signed_in: Client, activity: Activity, fill: Fill) -> None:
    fill()
    answer = signed_in.post(address(activity, "check"), {})
    assert answer.status_code == 422
    assert "Confirm the statement; credit cannot be awarded without it." in answer.content.decode()
    assert not Claim.objects.exists()


def test_submit_of_an_unfinished_request_lists_what_is_missing_with_links(
    signed_in: Client, activity: Activity
) -> None:
    answer = submit(signed_in, activity)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="{address(activity, "credit")}#id_amount">Your credit: Enter how much credit you claim.' in page
    assert f'href="{address(activity, "moc")}#id_wants_moc_0"' in page
    assert "Claim my credit" in page
    assert not Claim.objects.exists()


def test_second_submit_gives_the_same_answer_and_no_second_award(
    signed_in: Client, activity: Activity, fill: Fill
) -> None:
    fill()
    first, second = submit(signed_in, activity), submit(signed_in, activity)
    assert first["Location"] == second["Location"]
    assert signed_in.get(address(activity))["Location"] == first["Location"]
    assert Award.objects.count() == 1


def test_submit_that_overtakes_another_returns_its_claim(
    signed_in: Client, activity: Activity, fill: Fill, learner: User
) -> None:
    fill()
    response = Response.objects.get()
    seen = RequestForCredit(response, activity.claim_until).fingerprint
    first = services.submit(response=response, seen=seen, now=activity.claim_until)
    second = services.submit(response=response, seen=seen, now=activity.claim_until)
    assert first == second


def test_after_the_deadline_the_page_says_so_and_what_was_typed_is_kept(
    signed_in: Client, activity: Activity, fill: Fill
) -> None:
    fill()
    with time_machine.travel(activity.claim_until + timedelta(seconds=1), tick=False):
        signed_in.force_login(User.objects.get())
        for answer in (
            signed_in.get(address(activity)),
            submit(signed_in, activity),
            signed_in.post(address(activity, "credit"), {"amount": "1"}),
        ):
            assert answer.status_code == 403
            assert f"The deadline was {activity.deadline_in_words}." in answer.content.decode()
            assert "What you had filled in is kept" in answer.content.decode()
        refused = signed_in.post(address(activity, "credit") + "save/", {"amount": "1"})
        assert (refused.status_code, "The deadline was" in refused.json()["refused"]) == (403, True)
    assert Response.objects.get().typed["amount"] == ["12.25"]
    assert not Claim.objects.exists()


def test_in_the_last_second_of_the_deadline_the_claim_is_taken(
    signed_in: Client, activity: Activity, fill: Fill
) -> None:
    fill()
    with time_machine.travel(activity.claim_until + timedelta(microseconds=900_000), tick=False):
        signed_in.force_login(User.objects.get())
        assert submit(signed_in, activity).status_code == 302
    assert Claim.objects.exists()


def test_deadline_that_passes_between_page_and_submit_is_refused_by_the_submit(
    signed_in: Client, activity: Activity, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill()
    monkeypatch.setattr("surveys.views.answering._at_the_door", lambda *_args: None)
    with time_machine.travel(activity.claim_until + timedelta(seconds=1), tick=False):
        signed_in.force_login(User.objects.get())
        assert submit(signed_in, activity).status_code == 403


def test_answers_that_changed_after_they_were_checked_are_not_submitted(
    signed_in: Client, activity: Activity, fill: Fill
) -> None:
    fill("5")
    page = signed_in.get(address(activity, "check")).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    signed_in.post(address(activity, "credit") + "save/", {"amount": "18.5"})
    answer = signed_in.post(address(activity, "check"), {"attested": "on", "seen": seen})
    assert answer.status_code == 409
    assert "Your answers changed after this page was shown" in answer.content.decode()
    assert "Claim 18.50" in answer.content.decode()
    assert not Claim.objects.exists()


@pytest.mark.parametrize("amount", ["1E999990", "9E999999", "1E-999999", "9" * 5000])
def test_monstrous_amount_is_refused_at_once(signed_in: Client, activity: Activity, amount: str) -> None:
    assert signed_in.post(address(activity, "credit"), {"amount": amount}).status_code == 422


def test_help_of_a_question_is_text(signed_in: Client, activity: Activity) -> None:
    Question.objects.update(help="<a href='https://elsewhere.example'>Click</a>")
    assert "<a href='https://elsewhere" not in signed_in.get(address(activity, "questions")).content.decode()


def test_save_that_comes_a_moment_after_a_submit_is_refused_in_words(
    signed_in: Client, activity: Activity, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill()
    monkeypatch.setattr("surveys.views.answering._at_the_door", lambda *_args: None)
    submit(signed_in, activity)
    answer = signed_in.post(address(activity, "credit"), {"amount": "1"})
    assert answer["Location"] == Claim.objects.get().get_absolute_url()
    refused = signed_in.post(address(activity, "credit/save"), {"amount": "1"})
    assert (refused.status_code, refused.json()["refused"]) == (
        409, "This was submitted already, perhaps on another device.",
    )  # fmt: skip


def test_request_that_became_incomplete_meanwhile_is_refused_by_the_submit(
    signed_in: Client, activity: Activity, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("99")
    monkeypatch.setattr("surveys.views.answering.faults_of", lambda *_args: [])
    answer = submit(signed_in, activity)
    assert answer.status_code == 422
    assert "At most 18.50" in answer.content.decode()


def test_before_the_start_the_page_says_when(signed_in: Client) -> None:
    activity = ActivityFactory(to_come=True)
    answer = signed_in.get(address(activity))
    assert answer.status_code == 403
    assert f"Credit can be requested from {activity.start_in_words}." in answer.content.decode()


def test_nobody_signed_in_is_asked_to_and_comes_back(client: Client, activity: Activity) -> None:
    for key in ("", "credit", "check"):
        answer = client.get(address(activity, key))
        assert answer["Location"] == f"/accounts/login/code/?next={address(activity, key)}"
    assert client.post(address(activity, "credit") + "save/").status_code == 302


def test_newcomer_completes_the_profile_and_comes_back(client: Client, activity: Activity) -> None:
    client.force_login(UserFactory(newcomer=True))
    answer = client.get(address(activity))
    assert answer["Location"] == f"/profile/?next=%2Factivities%2F{activity.slug}%2F"


def test_nurse_is_asked_for_hours_and_not_for_points(client: Client, activity: Activity) -> None:
    client.force_login(UserFactory(nurse=True))
    page = client.get(address(activity, "credit")).content.decode()
    assert "You receive a certificate of participation with your hours" in page
    assert "Hours to claim" in page
    assert "1 credit" not in page
    assert "Step 1 of 3" in page
    assert client.get(address(activity, "moc"))["Location"] == address(activity)


def test_activity_without_questions_has_no_evaluation(signed_in: Client) -> None:
    activity = ActivityFactory()
    signed_in.post(address(activity, "credit"), {"amount": "2.5"})
    assert submit(signed_in, activity).status_code == 302
    assert Award.objects.get().amount == Decimal("2.50")


class TestSaving:
    """Answers are saved as typed, valid or not."""

    def save(self, client: Client, activity: Activity, key: str, data: dict[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN201
        return client.post(address(activity, key) + "save/", data)

    def test_typed_words_are_saved_and_shown_again(self, signed_in: Client, activity: Activity) -> None:
        answer = self.save(signed_in, activity, "credit", {"amount": "12.", "unasked": "x"})
        assert list(answer.json()) == ["saved", "left", "shown"]
        response = Response.objects.get()
        assert response.typed == {"amount": ["12."]}
        assert str(response) == f"Ada Okafor, MD: {Survey.objects.get()}"
        assert 'value="12."' in signed_in.get(address(activity, "credit")).content.decode()

    def test_unticked_box_is_saved_as_unticked(self, signed_in: Client, activity: Activity) -> None:
        self.save(signed_in, activity, "moc", MOC)
        self.save(signed_in, activity, "moc", {**MOC, "permission": ""})
        without = {name: value for name, value in MOC.items() if name != "permission"}
        self.save(signed_in, activity, "moc", without)
        assert Response.objects.get().typed["permission"] == []

    def test_chosen_answers_are_shown_again(self, signed_in: Client, activity: Activity) -> None:
        signed_in.post(address(activity, "questions"), evaluation(activity))
        page = signed_in.get(address(activity, "questions")).content.decode()
        assert page.count("checked") == 3
        assert "Much 🙂 سرطان" in page

    def test_two_devices_keep_the_last_word_of_each_field(self, signed_in: Client, activity: Activity) -> None:
        self.save(signed_in, activity, "credit", {"amount": "1"})
        self.save(signed_in, activity, "moc", {"wants_moc": "no"})
        self.save(signed_in, activity, "credit", {"amount": "2"})
        typed = Response.objects.get().typed
        assert (typed["amount"], typed["wants_moc"]) == (["2"], ["no"])

    @pytest.mark.parametrize("key", ["check", "nonsense"])
    def test_page_without_fields_saves_nothing(self, signed_in: Client, activity: Activity, key: str) -> None:
        assert self.save(signed_in, activity, key, {}).status_code == 404

    def test_saving_is_not_a_link(self, signed_in: Client, activity: Activity) -> None:
        assert signed_in.get(address(activity, "credit") + "save/").status_code == 405

    def test_what_was_submitted_is_not_changed_by_a_late_save(
        self, signed_in: Client, activity: Activity, fill: Fill
    ) -> None:
        fill()
        response = Response.objects.select_related("survey__activity__provider", "learner").get()
        submit(signed_in, activity)
        with pytest.raises(NotOpen):
            services.save_typed(response=response, typed={"amount": ["1"]}, base={}, now=activity.ends_at)
        assert Response.objects.get().typed == {}

    def test_board_number_is_unreadable_in_the_database(self, signed_in: Client, activity: Activity) -> None:
        self.save(signed_in, activity, "moc", MOC)
        with connection.cursor() as cursor:
            cursor.execute("SELECT typed FROM surveys_response")
            assert "123456" not in cursor.fetchone()[0]


class TestCost:
    """Queries do not grow with the programme or the survey."""

    @pytest.mark.parametrize("rows", [1, 300])
    def test_pages_and_submit(  # noqa: PLR0917 (fixtures)
        self,
        signed_in: Client,
        fill: Fill,
        activity: Activity,
        django_assert_num_queries: DjangoAssertNumQueries,
        on_sqlite: bool,
        rows: int,
    ) -> None:
        """SQLite takes some 140 answers in one insert, PostgreSQL all of them."""
        make_sessions(activity, rows)
        survey = activity.surveys.get()
        for position in range(3, 3 + rows):
            question = Question.objects.create(survey=survey, position=position, kind="single", text=f"{position}?")
            Choice.objects.create(question=question, position=1, text="Yes")
        fill()
        with django_assert_num_queries(15):
            signed_in.get(address(activity, "questions"))
        page = signed_in.get(address(activity, "check")).content.decode()
        seen = page.partition('name="seen" value="')[2].partition('"')[0]
        with django_assert_num_queries(62 + (2 if on_sqlite and rows > 1 else 0)):
            signed_in.post(address(activity, "check"), {"attested": "on", "seen": seen})


@pytest.mark.usefixtures("committed")
def test_two_tabs_submitting_at_once_are_told_the_same() -> None:
    learner, activity = UserFactory(), ActivityFactory()
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(learner)
    clients[0].post(address(activity, "credit"), {"amount": "2.5"})
    page = clients[0].get(address(activity, "check")).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    ready, answers = threading.Barrier(2), []

    def tab(client: Client) -> None:
        ready.wait()
        answers.append(client.post(address(activity, "check"), {"attested": "on", "seen": seen})["Location"])
        connection.close()

    tabs = [threading.Thread(target=tab, args=[client]) for client in clients]
    for thread in tabs:
        thread.start()
    for thread in tabs:
        thread.join()
    assert answers[0] == answers[1] == Claim.objects.get().get_absolute_url()
    assert Award.objects.count() == 1


def test_tab_that_another_one_overtakes_at_the_door_is_led_to_what_was_awarded(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner, activity = UserFactory(), ActivityFactory()
    client.force_login(learner)
    client.post(address(activity, "credit"), {"amount": "2.5"})
    page = client.get(address(activity, "check")).content.decode()
    sent = {"attested": "on", "seen": page.partition('name="seen" value="')[2].partition('"')[0]}
    shut = door.shut

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(door, "shut", shut)
        client.post(address(activity, "check"), sent)
        return None

    monkeypatch.setattr(door, "shut", overtaken)
    assert client.post(address(activity, "check"), sent)["Location"] == Claim.objects.get().get_absolute_url()
    assert Award.objects.count() == 1


def test_parts_tell_what_they_are(activity: Activity) -> None:
    question = Question.objects.filter(survey__activity=activity).first()
    assert question is not None
    assert [str(question), str(question.choices.first()), str(Answer(text="Yes"))] == ["Question 0?", "Yes", "Yes"]
