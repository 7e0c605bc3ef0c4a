"""Between draft, published, closed and archived: through the gates, with reasons, with a trace, once."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from activities.compliance import Refused
from activities.models import Activity
from activities.services import state
from activities.services.guard import guarded
from activities.services.state import CannotMove
from audit.models import Event
from tests.activities.making import perfect
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def move(activity: Activity, verb: str, officer: User, reason: str = "") -> Any:
    return state.move(activity=activity, verb=verb, actor=officer, now=timezone.now(), reason=reason)


def test_publishing_keeps_in_the_trace_what_learners_read(officer: User) -> None:
    activity = perfect(draft=True)
    findings = move(activity, "publish", officer)
    event = Event.objects.get(action="published")
    assert findings.rows == ()
    assert (event.actor_id, event.before, event.after["state"]) == (officer.pk, {"state": "draft"}, "published")
    assert "AMA PRA Category 1 Credit(s)™" in event.after["statements"]["designation:ama_pra"]
    assert Activity.objects.get().state == activity.state == "published"


def test_gate_stays_shut_over_an_error(officer: User) -> None:
    activity = ActivityFactory(draft=True)
    with pytest.raises(Refused) as refusal:
        move(activity, "publish", officer)
    assert {row.code for row in refusal.value.findings} == {"objectives", "people"}
    assert Activity.objects.get().state == "draft"
    assert not Event.objects.exists()


def test_whole_way_with_reasons(officer: User) -> None:
    activity = perfect(draft=True)
    move(activity, "publish", officer)
    for verb, after in (("unpublish", "draft"),):
        with pytest.raises(CannotMove, match="Say why"):
            move(activity, verb, officer, reason="  ")
        move(activity, verb, officer, reason="A date was wrong.")
        assert Activity.objects.get().state == after
    move(activity, "publish", officer)
    move(activity, "archive", officer, reason="Superseded.")
    move(activity, "restore", officer, reason="Wanted again.")
    assert list(Event.objects.exclude(action="disclosed").order_by("id").values_list("action", "reason")) == [
        ("published", ""),
        ("unpublished", "A date was wrong."),
        ("published", ""),
        ("archived", "Superseded."),
        ("restored", "Wanted again."),
    ]


def test_closing_goes_through_its_own_gate(officer: User) -> None:
    activity = perfect()
    with pytest.raises(Refused, match="Credit can be claimed until"):
        move(activity, "close", officer)
    Activity.objects.update(state="closed")
    move(activity, "reopen", officer, reason="A late list came in.")
    assert Activity.objects.get().state == "published"


def test_second_press_of_the_button_is_refused(officer: User) -> None:
    activity = perfect(draft=True)
    move(activity, "publish", officer)
    with pytest.raises(CannotMove, match="It is published: it cannot be published now"):
        move(activity, "publish", officer)


def test_possible_moves_follow_the_state() -> None:
    verbs = {name: [row.verb for row in state.possible(Activity(state=name))] for name in Activity.State.values}
    assert verbs == {
        "draft": ["publish"],
        "published": ["unpublish", "close", "archive"],
        "closed": ["reopen", "archive"],
        "archived": ["restore"],
    }


def test_stage_says_what_waits_to_be_closed() -> None:
    now = timezone.now()
    assert ActivityFactory().stage(now) == "published"
    assert ActivityFactory(over=True).stage(now) == "ready to close"
    assert ActivityFactory(over=True, state="closed").stage(now) == "closed"


class TestChangedWords:
    """A change after publishing that touches a statement is recorded with who, when, what."""

    def test_change_of_credit(self, officer: User) -> None:
        activity = perfect()
        with guarded(Activity.objects.filter(pk=activity.pk), actor=officer, now=timezone.now()):
            activity.designations.filter(credit_type="ama_pra").update(maximum="17.50")
        event = Event.objects.get(action="words changed after publishing")
        assert (event.actor_id, list(event.before)) == (officer.pk, ["designation:ama_pra"])
        assert "18.50" in event.before["designation:ama_pra"]
        assert "17.50" in event.after["designation:ama_pra"]

    def test_statement_that_comes_and_one_that_goes(self, officer: User) -> None:
        activity = perfect()
        with guarded(Activity.objects.filter(pk=activity.pk), actor=officer, now=timezone.now()):
            activity.designations.filter(credit_type="participation").delete()
            Activity.objects.update(off_label="")
        event = Event.objects.get(action="words changed after publishing")
        assert event.after == {"designation:participation": "", "off_label": ""}

    def test_nothing_is_recorded_of_drafts_and_of_what_did_not_change(self, officer: User) -> None:
        perfect(draft=True)
        other = perfect(slug="published")
        with guarded(Activity.objects.all(), actor=officer, now=timezone.now()):
            Activity.objects.update(venue="The Hall")
            Activity.objects.exclude(pk=other.pk).update(off_label="discussed")
        assert not Event.objects.filter(action="words changed after publishing").exists()

    def test_only_new_errors_of_a_visible_page_are_refused(self) -> None:
        activity, now = perfect(), timezone.now()
        touched = Activity.objects.filter(pk=activity.pk)
        activity.objectives.all().delete()
        with guarded(touched, actor=None, now=now):
            Activity.objects.update(venue="The Hall")
        for visible in ("published", "closed", "archived"):
            Activity.objects.update(state=visible, delivery="in_person")
            with pytest.raises(Refused, match="Choose how people attend"), guarded(touched, actor=None, now=now):
                Activity.objects.update(delivery="")

    def test_deadline_may_be_drawn_in(self) -> None:
        activity, now = perfect(), timezone.now()
        with guarded(Activity.objects.filter(pk=activity.pk), actor=None, now=now):
            activity.claim_until_day = activity.ends_on
            activity.save()
        assert activity.waits_to_be_closed(now)


def test_form_that_was_opened_before_does_not_move_the_state() -> None:
    activity = perfect()
    Activity.objects.update(state="draft")
    activity.venue = "The Hall"
    activity.save()
    assert Activity.objects.values_list("state", "venue").get() == ("draft", "The Hall")


def test_reopening_goes_through_the_publish_gate(officer: User) -> None:
    activity = perfect(over=True, state="closed")
    activity.objectives.all().delete()
    with pytest.raises(Refused, match="at least one learning objective"):
        move(activity, "reopen", officer, reason="A late list came in.")
    activity.objectives.create(position=1, text="Discuss it.")
    move(activity, "reopen", officer, reason="A late list came in.")
    assert Activity.objects.get().state == "published"


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Exception]]:
    """Start work on a connection of its own; what it raises is put into the list."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except (CannotMove, Refused) as refusal:
            raised.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


@pytest.mark.usefixtures("committed")
class TestAtTheSameTime:
    """Two officers, two connections."""

    def test_two_buttons_publish_once(self) -> None:
        activity, officer = perfect(draft=True), UserFactory(officer=True)
        workers = [in_thread(lambda: move(activity, "publish", officer)) for _ in range(2)]
        for thread, _raised in workers:
            thread.join(30)
        assert [type(row) for _thread, raised in workers for row in raised] == [CannotMove]
        assert Event.objects.filter(action="published").count() == 1

    def test_gate_waits_for_a_change_that_is_under_way(self) -> None:
        activity, officer = perfect(draft=True), UserFactory(officer=True)
        with guarded(Activity.objects.filter(pk=activity.pk), actor=officer, now=timezone.now()):
            activity.objectives.all().delete()
            thread, raised = in_thread(lambda: move(activity, "publish", officer))
            time.sleep(0.5)
            assert (thread.is_alive(), raised) == (True, [])
        thread.join(30)
        assert [type(row) for row in raised] == [Refused]
        assert Activity.objects.get().state == "draft"
