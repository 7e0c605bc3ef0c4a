"""The one door: when the Request for Credit is open, and what is said when it is not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from credits.services import claiming
from credits.services.claiming import ClaimRequest
from surveys import pathway
from surveys.steps import NotOpen, State, Step
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db


def states(activity: Activity, learner: User) -> list[tuple[str, str]]:
    return [
        (step.key, step.state.value) for step in pathway.steps(activity=activity, learner=learner, now=timezone.now())
    ]


def request_step(activity: Activity, learner: User) -> Step:
    return pathway.step("request", activity=activity, learner=learner, now=timezone.now())


def test_after_the_meeting_the_request_is_open(learner: User, activity: Activity) -> None:
    assert states(activity, learner) == [
        ("details", "done"), ("part", "done"), ("request", "open"), ("certificate", "locked"),
    ]  # fmt: skip
    assert request_step(activity, learner).reason == f"Open until {activity.deadline_in_words}."


def test_during_the_meeting_the_request_is_open_already(learner: User) -> None:
    activity = ActivityFactory(under_way=True)
    assert states(activity, learner)[1:3] == [("part", "open"), ("request", "open")]


def test_before_the_meeting_the_request_is_locked_until_it_begins(learner: User) -> None:
    activity = ActivityFactory(to_come=True)
    step = request_step(activity, learner)
    assert (step.state, step.reason) == (State.LOCKED, f"Credit can be requested from {activity.start_in_words}.")
    assert states(activity, learner)[1] == ("part", "locked")


def test_after_the_deadline_the_request_has_failed_and_says_whom_to_ask(learner: User) -> None:
    activity = ActivityFactory(over=True)
    step = request_step(activity, learner)
    assert (step.state, step.reason) == (State.FAILED, f"The deadline was {activity.deadline_in_words}.")
    assert "cme@society.example" in step.fix


def test_the_door_shuts_a_second_after_the_deadline(learner: User, activity: Activity) -> None:
    last = activity.claim_until + timedelta(microseconds=999_999)
    assert pathway.require_open("request", activity=activity, learner=learner, now=last) is None  # type: ignore[func-returns-value]
    with pytest.raises(NotOpen) as shut:
        pathway.require_open(
            "request", activity=activity, learner=learner, now=activity.claim_until + timedelta(seconds=1)
        )
    assert shut.value.step.state == State.FAILED


def test_without_name_and_profession_the_details_come_first(activity: Activity) -> None:
    newcomer = UserFactory(newcomer=True)
    assert states(activity, newcomer)[::2] == [("details", "open"), ("request", "locked")]


def test_profession_that_is_offered_nothing_is_told_so() -> None:
    step = request_step(ActivityFactory(credit={"ama_pra": "1.00"}), UserFactory(nurse=True))
    assert (step.state, step.reason) == (State.LOCKED, "It offers no credit for: Nurse (RN, LPN).")


@pytest.mark.parametrize("state", ["draft", "closed", "archived"])
def test_activity_that_is_not_published_takes_no_requests(learner: User, state: str) -> None:
    step = request_step(ActivityFactory(state=state), learner)
    assert (step.state, step.reason) == (State.LOCKED, "Credit cannot be requested for this activity at present.")


def test_after_the_claim_everything_is_done(learner: User, activity: Activity) -> None:
    now = timezone.now()
    request = ClaimRequest(Decimal(1), "I took part.")
    claim = claiming.claim(learner=learner, activity=activity, request=request, now=now)
    assert {state for _, state in states(activity, learner)} == {"done"}
    assert claim.reference in request_step(activity, learner).reason
