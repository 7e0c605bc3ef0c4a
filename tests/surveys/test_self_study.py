"""Self-study through the one door: what opens when, with the words for what is shut."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from activities.models import Activity
from activities.services import study
from certificates.models import Certificate
from credits.models import Claim
from jobs import runner
from surveys import pathway
from surveys.models import Response
from surveys.pathway import Way
from surveys.services import answering
from surveys.standing import Standing
from surveys.steps import NotOpen, State, Step
from tests.factories import UserFactory
from tests.surveys.making import MOMENT, answers, claim, post_test, respond, self_study, study_all, survey, take_test

pytestmark = pytest.mark.django_db
ALL = ("pre-test", "post-test", "evaluation")


def steps(activity: Activity, learner: User, now: object = None) -> dict[str, Step]:
    found = pathway.steps(activity=activity, learner=learner, now=now or timezone.now())  # type: ignore[arg-type]
    return {step.key: step for step in found}


def states(activity: Activity, learner: User) -> dict[str, str]:
    return {key: step.state.value for key, step in steps(activity, learner).items()}


def test_way_of_self_study_opens_step_by_step(learner: User) -> None:
    activity = self_study(*ALL)
    shut = {"post-test": "locked", "evaluation": "locked", "request": "locked", "certificate": "locked"}
    assert states(activity, learner) == {"details": "done", "pre-test": "open", "part": "open"} | shut
    take_test(activity, learner, right=0, kind="pre-test")
    assert states(activity, learner) == {"details": "done", "pre-test": "done", "part": "open"} | shut
    study_all(activity, learner)
    assert states(activity, learner)["part"] == "done"
    assert states(activity, learner)["post-test"] == "open"
    take_test(activity, learner, right=1)
    assert steps(activity, learner)["post-test"].reason == "Your best score is 33 %; 60 % is needed to pass."
    assert states(activity, learner)["evaluation"] == "locked"
    take_test(activity, learner, right=2)
    assert steps(activity, learner)["post-test"].reason == "Passed with 66 %."
    assert states(activity, learner)["evaluation"] == "open"
    respond(activity, "evaluation", learner, answers(activity, "evaluation"))
    assert states(activity, learner)["request"] == "open"
    claim(activity, learner)
    assert {state for key, state in states(activity, learner).items() if key != "pre-test"} == {"done"}


def test_certificate_of_self_study_leaves_in_one_round_of_the_worker(learner: User) -> None:
    activity = self_study()
    study_all(activity, learner)
    claim(activity, learner)
    runner.drain("certificates")
    assert Certificate.objects.get().state == "delivered"


def test_pre_test_is_skipped_by_beginning_to_study(learner: User) -> None:
    activity = self_study("pre-test")
    study.open_item(item=activity.content.first(), learner=learner, now=timezone.now())  # type: ignore[arg-type]
    step = steps(activity, learner)["pre-test"]
    assert (step.state, step.reason) == (State.LOCKED, "Skipped: it can be taken only before you study.")
    study_all(activity, learner)
    assert states(activity, learner)["request"] == "open"


def test_what_comes_first_is_said(learner: User) -> None:
    activity = self_study(*ALL)
    found = steps(activity, learner)
    assert [found[key].reason for key in ("post-test", "evaluation", "request")] == ["First: Study the activity."] * 3
    study_all(activity, learner)
    assert steps(activity, learner)["request"].reason == "First: Post-test."


def test_attempts_are_limited_and_staff_can_allow_one_more(learner: User) -> None:
    activity = self_study()
    post_test(activity, attempts=2)
    study_all(activity, learner)
    take_test(activity, learner, right=0)
    assert steps(activity, learner)["post-test"].reason.endswith("60 % is needed to pass. 1 more attempt.")
    take_test(activity, learner, right=1)
    failed = steps(activity, learner)["post-test"]
    assert (failed.state, failed.reason) == (
        State.FAILED, "Your best score is 33 %; 60 % is needed to pass. All 2 attempts are used.",
    )  # fmt: skip
    assert failed.fix == "Write to cme@society.example for one more attempt."
    assert steps(activity, learner)["request"].fix == failed.fix
    with pytest.raises(NotOpen):
        take_test(activity, learner, right=3)
    officer = UserFactory(officer=True)
    now = timezone.now()
    with pytest.raises(ValueError, match="Say why"):
        answering.allow_attempt(activity=activity, learner=learner, reason=" ", actor=officer, now=now)
    made = answering.allow_attempt(activity=activity, learner=learner, reason=" Power cut ", actor=officer, now=now)
    assert (str(made), made.reason) == ("Ada Okafor, MD: Progress in Examples", "Power cut")
    with pytest.raises(ValueError, match="nothing has to be allowed"):
        answering.allow_attempt(activity=activity, learner=learner, reason="Again", actor=officer, now=now)
    take_test(activity, learner, right=3)
    assert states(activity, learner)["post-test"] == "done"


def test_cooling_time_is_waited_for(learner: User) -> None:
    activity = self_study()
    post_test(activity, cooling_minutes=60)
    study_all(activity, learner)
    now = timezone.now()
    take_test(activity, learner, right=0, now=now)
    step = steps(activity, learner, now + timedelta(minutes=59))["post-test"]
    assert (step.state, step.fix) == (State.LOCKED, "Come back then.")
    assert "You can try again from" in step.reason
    assert steps(activity, learner, now + timedelta(minutes=60))["post-test"].is_open


def test_test_that_was_begun_can_be_finished(learner: User) -> None:
    activity = self_study("post-test")
    study_all(activity, learner)
    answering.begin(activity=activity, learner=learner, kind="post-test", now=timezone.now())
    step = steps(activity, learner)["post-test"]
    assert (step.state, step.reason) == (State.OPEN, "Begun and not submitted yet. What you answered is kept.")


def test_passed_stays_passed_after_a_worse_attempt_of_a_new_version(learner: User) -> None:
    activity = self_study("post-test")
    study_all(activity, learner)
    take_test(activity, learner, right=3)
    Response.objects.create(
        survey=activity.surveys.get(kind="post-test"), learner=learner, attempt=2, state="submitted",
        submitted_at=timezone.now(), right=0, asked=3, passed=False,
    )  # fmt: skip
    assert steps(activity, learner)["post-test"].reason == "Passed with 100 %."


def test_expiry_ends_studying_and_the_deadline_ends_the_request(learner: User) -> None:
    activity = self_study("post-test")
    expired, late = activity.ends_at + MOMENT, activity.claim_until + MOMENT
    found = steps(activity, learner, expired)
    assert {found[key].state for key in ("part", "post-test")} == {State.FAILED}
    assert found["part"].reason.startswith("The activity expired on ")
    study_all(activity, learner)
    take_test(activity, learner, right=3)
    assert steps(activity, learner, expired)["request"].is_open
    response = answering.begin(activity=activity, learner=learner, kind="request", now=timezone.now())
    answering.save_typed(response=response, typed={"amount": ["1"]}, base={}, now=timezone.now())
    last = steps(activity, learner, late)["request"]
    assert (last.state, last.reason.startswith("The deadline was ")) == (State.FAILED, True)
    assert last.reason.endswith(" was not submitted.")
    item = activity.content.first()
    assert Way(Standing(activity, learner), expired).item(item).state == State.FAILED  # type: ignore[arg-type]


def test_parts_follow_each_other_or_are_free(learner: User) -> None:
    activity = self_study()
    first, second = activity.content.all()
    way = Way(Standing(activity, learner), timezone.now())
    assert [way.item(first).state, way.item(second).state] == [State.OPEN, State.LOCKED]
    assert way.item(second).reason == "First: Read."
    activity.content_in_order = False
    assert way.item(second).is_open
    study_all(activity, learner)
    way = Way(Standing(activity, learner), timezone.now())
    assert [way.item(first).state, way.item(second).state] == [State.DONE, State.DONE]


def test_before_the_release_nothing_is_open(learner: User) -> None:
    activity = self_study(*ALL)
    before = activity.starts_at - MOMENT
    assert {step.state for key, step in steps(activity, learner, before).items() if key != "details"} == {State.LOCKED}
    assert steps(activity, learner, before)["part"].reason == f"It is open from {activity.start_in_words}."


def test_follow_up_opens_some_weeks_after_the_claim(learner: User) -> None:
    activity = self_study()
    survey(activity, "follow-up", [{"kind": "text", "text": "What came of it?"}], after_days=30)
    assert "follow-up" not in states(activity, learner)
    study_all(activity, learner)
    claim(activity, learner)
    made = Claim.objects.get()
    due = made.claimed_at + timedelta(days=30)
    assert steps(activity, learner, due - MOMENT)["follow-up"].reason.startswith("We shall ask you by mail on ")
    assert steps(activity, learner, due)["follow-up"].is_open
    respond(activity, "follow-up", learner, answers(activity, "follow-up"), now=due)
    assert steps(activity, learner, due)["follow-up"].is_done


EVENTS = (
    "disclosures",
    "first part",
    "second part",
    "fail",
    "pass",
    "pre-test",
    "evaluation",
    "expire",
    "late",
    "claim",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(EVENTS), max_size=14))
def test_no_order_of_events_opens_the_request_without_its_conditions(db: None, order: list[str]) -> None:
    """Events are tried in any order; those that the door lets through are remembered and judged independently."""
    learner, activity = UserFactory(), self_study(*ALL)
    happened: set[str] = set()
    now = timezone.now()
    for event in order:
        if event == "expire":
            now = max(now, activity.ends_at + MOMENT)
        elif event == "late":
            now = max(now, activity.claim_until + MOMENT)
        elif _happens(event, activity, learner, now):
            happened.add(event)
        needed = {"first part", "second part", "pass", "evaluation"}
        allowed = needed <= happened and "claim" not in happened and now <= activity.claim_until
        assert pathway.step("request", activity=activity, learner=learner, now=now).is_open is allowed, order
    assert Claim.objects.filter(learner=learner).exists() is ("claim" in happened)


def _happens(event: str, activity: Activity, learner: User, now: object) -> bool:
    """Try one event as a page would, through the door; return whether it was let in."""
    way = Way(Standing(activity, learner), now)  # type: ignore[arg-type]
    if event == "disclosures":
        study.begin(activity=activity, learner=learner, now=now)  # type: ignore[arg-type]
        return True
    if event.endswith("part"):
        item = activity.content.all()["second" in event]
        if way.standing.participation is None or not way.item(item).is_open:
            return False
        study.open_item(item=item, learner=learner, now=now - timedelta(seconds=100))  # type: ignore[operator]
        study.finish(item=item, learner=learner, now=now)  # type: ignore[arg-type]
        return True
    try:
        if event == "claim":
            claim(activity, learner, now=now)
        elif event in {"fail", "pass"}:
            take_test(activity, learner, right=3 if event == "pass" else 0, now=now)
        else:
            respond(activity, event, learner, answers(activity, event), now=now)  # type: ignore[arg-type]
    except NotOpen:
        return False
    return True
