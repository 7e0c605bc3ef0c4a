"""Whoever said No to points, or was never asked, can have them reported as long as the claim can be made."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, Identifier, User
from activities.models import Activity, Provider
from audit.models import Event
from credits.models import Claim
from credits.services import claiming, permission
from credits.services.claiming import ClaimRequest
from reporting.models import Submission
from reporting.sandbox.server import Registry
from surveys.models import Answer, Question, Response
from surveys.services import points
from tests.credits.making import ADA, amend, claim
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.making import run
from tests.surveys.conftest import MOC, Fill, address, evaluation, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def reflection() -> Question:
    return Question.objects.get(required_for_moc=True)


@pytest.fixture
def made(signed_in: Client, activity: Activity, reflection: Question) -> Claim:
    """A claim without points, of somebody who left out the question that points require."""
    signed_in.post(address(activity, "credit"), {"amount": "12.25"})
    signed_in.post(address(activity, "moc"), {"wants_moc": "no"})
    answers = evaluation(activity)
    signed_in.post(address(activity, "questions"), {**answers, reflection.field_name: []})
    submit(signed_in, activity)
    return Claim.objects.get()


def page_of(made: Claim) -> str:
    return made.get_absolute_url() + "points/"


def answered(reflection: Question) -> dict[str, str]:
    return MOC | {reflection.field_name: str(reflection.choices.all()[0].pk)}


def test_points_are_asked_for_after_the_claim_and_reach_the_board(
    signed_in: Client, made: Claim, reflection: Question, registry: Registry
) -> None:
    assert "Ask for MOC points after all" in signed_in.get(made.get_absolute_url()).content.decode()
    page = signed_in.get(page_of(made)).content.decode()
    assert "By providing your identifying information you are permitting" in page
    assert reflection.text in page
    assert re.search(r'<input[^>]*value="yes"[^>]*checked', page)
    done = signed_in.post(page_of(made), answered(reflection), follow=True).content.decode()
    assert "Your completion is reported" in done
    assert "Ask for MOC points" not in done
    Submission.objects.update(send_at=timezone.now())
    submission = run(Submission.objects.get(), times=3)
    assert (submission.state, submission.completion["points"], len(registry.records)) == ("accepted", "12.25", 1)
    assert Answer.objects.get(question=reflection).response == Response.objects.get()
    assert Consent.objects.get(reference=made.reference).withdrawn_at is None
    assert Identifier.objects.get().number == "123456"
    assert Event.objects.filter(action="asked for points after the claim").count() == 1


def test_a_second_time_is_refused_and_a_later_change_is_followed(
    signed_in: Client, made: Claim, reflection: Question
) -> None:
    signed_in.post(page_of(made), answered(reflection))
    assert signed_in.post(page_of(made), answered(reflection)).status_code == 403
    assert Submission.objects.count() == 1
    amend(Claim.objects.get(), "6.00")
    assert [row.completion["points"] for row in Submission.objects.order_by("pk")] == ["12.25", "6.00"]


def test_what_is_missing_is_said_and_nothing_is_reported(signed_in: Client, made: Claim, reflection: Question) -> None:
    answer = signed_in.post(page_of(made), {**MOC, "number_ABIM": "12"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "An ABIM number has 6 digits" in text
    assert f"Answer: {reflection.text}" in text
    assert not Submission.objects.exists()


def test_question_with_a_condition_is_asked_where_its_answer_was_given(
    signed_in: Client, made: Claim, reflection: Question
) -> None:
    chosen, other = Question.objects.get(position=0).choices.all()
    Question.objects.filter(pk=reflection.pk).update(shown_if=other)
    assert reflection.text not in signed_in.get(page_of(made)).content.decode()
    Question.objects.filter(pk=reflection.pk).update(shown_if=chosen)
    assert reflection.text in signed_in.get(page_of(made)).content.decode()


def test_who_says_no_is_led_back(signed_in: Client, made: Claim) -> None:
    answer = signed_in.post(page_of(made), {"wants_moc": "no"})
    assert (answer.status_code, answer["Location"]) == (302, made.get_absolute_url())
    assert not Submission.objects.exists()


def test_board_that_knows_somebody_else_is_told_and_does_not_bar(
    signed_in: Client, made: Claim, reflection: Question, registry: Registry
) -> None:
    wrong = answered(reflection) | {"number_ABIM": "123458"}
    page = signed_in.post(page_of(made), wrong).content.decode()
    assert "another name or birthday with number 123458" in page
    assert not Submission.objects.exists()
    signed_in.post(page_of(made), wrong | {"anyway": "yes"})
    assert Submission.objects.get().identity["board_number"] == "123458"
    assert not registry.records


def test_another_tab_that_was_faster_leaves_one_report(
    signed_in: Client, made: Claim, reflection: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = points.refusal

    def overtaken(*_: object) -> str:
        monkeypatch.setattr(points, "refusal", refusal)
        signed_in.post(page_of(made), answered(reflection))
        return ""

    monkeypatch.setattr(points, "refusal", overtaken)
    page = signed_in.post(page_of(made), answered(reflection), follow=True).content.decode()
    assert permission.NOTHING in page
    assert (Submission.objects.count(), Answer.objects.filter(question=reflection).count()) == (1, 1)


def test_after_the_deadline_it_is_refused_in_words(signed_in: Client, made: Claim) -> None:
    Activity.objects.update(claim_until=timezone.now() - timedelta(days=1))
    assert "Ask for MOC points" not in signed_in.get(made.get_absolute_url()).content.decode()
    answer = signed_in.get(page_of(made))
    assert (answer.status_code, permission.NOTHING in answer.content.decode()) == (403, True)


def test_who_took_a_permission_back_gives_it_again_instead(signed_in: Client, activity: Activity, fill: Fill) -> None:
    fill(moc=MOC)
    submit(signed_in, activity)
    made = Claim.objects.get()
    assert not permission.may_ask_for_points(made, timezone.now())
    signed_in.post(made.get_absolute_url() + "permission/")
    page = signed_in.get(made.get_absolute_url()).content.decode()
    assert ("Have it reported after all" in page, "Ask for MOC points" in page) == (True, False)


def test_it_is_for_physicians_activities_with_boards_and_whom_no_state_was_told_of(activity: Activity) -> None:
    Provider.objects.update(reports_to_states=True)
    nurse, elsewhere = (
        claim(UserFactory(nurse=True), activity, "1.00"),
        claim(UserFactory(), ActivityFactory(), "1.00"),
    )
    request = ClaimRequest(Decimal(1), "I took part.", {"CA": ADA})
    told = claiming.claim(learner=UserFactory(), activity=activity, request=request, now=timezone.now())
    assert Submission.objects.get().reference == told.reference
    assert [permission.may_ask_for_points(row, timezone.now()) for row in (nurse, elsewhere, told)] == [False] * 3
    assert permission.may_ask_for_points(claim(UserFactory(), activity, "1.00"), timezone.now())


def test_claim_without_a_request_cannot_answer_what_points_require(
    signed_in: Client, activity: Activity, learner: User, reflection: Question
) -> None:
    made = claim(learner, activity, "1.00")
    assert "recorded without one" in signed_in.get(page_of(made)).content.decode()
    Question.objects.filter(pk=reflection.pk).update(required_for_moc=False)
    signed_in.post(page_of(made), MOC)
    assert Submission.objects.get().completion["points"] == "1.00"


def test_others_claims_are_not_there(client: Client, made: Claim) -> None:
    client.force_login(UserFactory())
    assert client.get(page_of(made)).status_code == 404
