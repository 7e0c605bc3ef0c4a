"""Each misbehaviour of the registry in each state of a report: nothing is lost, and nothing is registered twice."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from jobs.models import Job
from outbox.models import Message
from reporting import pars
from reporting.models import Submission
from reporting.pars import client
from reporting.sandbox.faults import KINDS
from reporting.sandbox.server import Registry
from reporting.services import deciding
from reporting.services.queueing import take_back
from tests.factories import UserFactory
from tests.reporting.making import CREDIT_ID, Make, report, run

pytestmark = pytest.mark.django_db
ENOUGH = 14
ENDED = ("accepted", "rejected", "withdrawn")


def as_ready(ready: Make, registry: Registry) -> Submission:
    """Nothing was sent."""
    return ready()


def as_sending(ready: Make, registry: Registry) -> Submission:
    """The worker died after it had committed that it would send; the record had not left."""
    submission = ready()
    submission.move("sending")
    return submission


def as_arrived(ready: Make, registry: Registry) -> Submission:
    """The worker died after the registry had taken the record."""
    submission = ready()
    submission.move("sending")
    Submission.objects.update(attempted_at=timezone.now())
    pars.save(submission, pars.prepared(submission))
    return submission


def as_unknown(ready: Make, registry: Registry) -> Submission:
    """No answer came to a record that had arrived."""
    submission = as_arrived(ready, registry)
    submission.move("unknown")
    return submission


def as_pending(ready: Make, registry: Registry) -> Submission:
    """The board has not decided."""
    return run(ready())


def as_deletion(ready: Make, registry: Registry) -> Submission:
    """The board has accepted, and the learner has withdrawn the permission."""
    submission = run(ready())
    deletion = take_back(submission=run(submission), now=submission.created_at)
    assert deletion is not None
    return deletion


STATES = (as_ready, as_sending, as_arrived, as_unknown, as_pending, as_deletion)


@pytest.fixture(autouse=True)
def _as_in_life(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe absence after a day, and do not wait twenty seconds for an answer that drips."""
    settings.PARS = {**settings.PARS, "settle": timedelta(days=1), "confirm": timedelta(minutes=15)}
    monkeypatch.setattr(client, "LONGEST", 1.5)


def go_on(submission: Submission, hours: float, times: int = 1) -> Submission:
    """Run what waits for the registry so many hours from now."""
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        return run(submission, times)


@pytest.mark.parametrize("state", STATES, ids=[state.__name__ for state in STATES])
@pytest.mark.parametrize("fault", KINDS)
def test_report_ends_whatever_the_registry_does(
    ready: Make, registry: Registry, fault: str, state: Callable[[Make, Registry], Submission]
) -> None:
    submission = state(ready, registry)
    registry.faults.set(fault, 2 if fault != "drip" else 1)
    for turn in range(ENOUGH):
        submission = go_on(submission, 9 * turn)
        waits = Job.objects.filter(kind__startswith="reporting", state="todo").exists()
        assert submission.state in ENDED or waits
        if submission.state in ENDED:
            break
    assert submission.state == "accepted"
    assert max(registry.registered.values()) == 1
    assert sorted(registry.records) == ([] if submission.is_deletion else [CREDIT_ID])
    assert Message.objects.count() == 1
    assert not Job.objects.filter(state="dead").exists()
    assert "a password for tests" not in str([(row.sent, row.answered) for row in submission.exchanges.all()])


@pytest.mark.parametrize("fault", ["closed", "revoked", "broken", "dropped_early", "redirect", "gateway"])
def test_registry_that_stays_down_keeps_the_report_waiting_with_a_due_time(
    ready: Make, registry: Registry, fault: str
) -> None:
    registry.faults.set(fault, -1)
    submission = run(ready(), times=6)
    assert submission.state in ("ready", "unknown")
    job = Job.objects.get()
    assert (job.state, job.due is not None) == ("todo", True)
    assert registry.saves == {}


def test_report_that_the_board_rejects_ends_with_its_reason_though_answers_were_lost(
    ready: Make, registry: Registry
) -> None:
    submission = ready("123459")
    registry.faults.set("dropped", 1)
    submission = run(submission, times=3)
    assert submission.state == "rejected"
    assert (submission.reason, submission.fault) == ("ABIM ID 123459 was not found.", "learner")
    assert registry.registered == {CREDIT_ID: 1}


class TestSilence:
    """Not known, right after silence, is never final."""

    def test_record_that_arrives_late_is_not_sent_twice(self, ready: Make, registry: Registry) -> None:
        registry.faults.set("late", 1)
        submission = run(ready())
        assert submission.state == "unknown"
        for hours in (0.1, 0.3):
            submission = go_on(submission, hours)
            assert (submission.state, "It may still arrive" in submission.reason) == ("unknown", True)
        assert registry.saves == {}
        assert go_on(submission, 0.6).state == "pending"
        assert registry.saves == {CREDIT_ID: 1}

    def test_record_that_never_arrived_is_sent_again_after_a_day_of_answers(
        self, ready: Make, registry: Registry
    ) -> None:
        registry.faults.set("dropped_early", 1)
        submission = run(ready())
        asked = [go_on(submission, hours).state for hours in (0.1, 1, 5, 13, 23.9)]
        assert asked == ["unknown"] * 5
        assert registry.saves == {}
        assert [go_on(submission, 24.2).state for _ in range(2)] == ["ready", "pending"]
        assert registry.saves == {CREDIT_ID: 1}

    def test_what_was_decided_meanwhile_stands_when_the_registry_has_nothing_at_last(
        self, ready: Make, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry.faults.set("dropped_early", 1)
        submission = run(ready())

        def meanwhile(_submission: Submission) -> datetime:
            """Between the answer and the end of the job it is decided."""
            now = timezone.now()
            Submission.objects.update(state="accepted", decided_at=now)
            return now - timedelta(seconds=1)

        monkeypatch.setattr("reporting.tasks._absence_is_final_at", meanwhile)
        assert go_on(submission, 1).state == "accepted"
        assert Job.objects.get(kind="reporting.send").state == "done"
        assert registry.saves == {}

    def test_questions_come_after_minutes_then_hours(self, ready: Make, registry: Registry) -> None:
        registry.faults.set("dropped_early", 1)
        submission = run(ready())
        pauses = []
        for hours in (0.05, 0.3, 1.1, 5, 20):
            go_on(submission, hours)
            pauses.append(Job.objects.get(kind="reporting.send").due - Submission.objects.get().attempted_at)
        assert [round(pause.total_seconds() / 60) for pause in pauses] == [15, 60, 240, 720, pytest.approx(1440, abs=5)]

    @pytest.mark.parametrize("fault", ["gateway", "gateway_alike"])
    def test_deletion_that_never_arrived_is_not_done_because_of_somebody_elses_404(
        self, ready: Make, registry: Registry, fault: str
    ) -> None:
        """The finding: the deletion ended, the new addition went out, and the credit was doubled."""
        deletion = as_deletion(ready, registry)
        successor = report(deletion.learner, credit_id=CREDIT_ID.replace("-1", "-2"), after=deletion)
        registry.faults.set("dropped_early", 1)
        run(deletion)
        registry.faults.set(fault, -1)
        for hours in (0.1, 2, 20, 30):
            assert go_on(deletion, hours).state == "unknown"
        successor.refresh_from_db()
        assert (successor.state, sorted(registry.records)) == ("ready", [CREDIT_ID])
        registry.faults.set(fault, 0)
        for hours in (31, 32, 33, 34):
            go_on(deletion, hours, times=2)
        successor.refresh_from_db()
        assert (deletion.state, successor.state) == ("accepted", "accepted")
        assert sorted(registry.records) == [successor.credit_id]

    def test_index_that_lags_behind_ends_no_deletion(self, ready: Make, registry: Registry) -> None:
        deletion = as_deletion(ready, registry)
        registry.faults.set("hidden", 1)
        registry.drop_deletions = True
        assert run(deletion).state == "pending"
        assert run(deletion).state == "pending"
        assert go_on(deletion, 0.5).state == "pending"
        assert sorted(registry.records) == [CREDIT_ID]

    def test_what_was_never_seen_is_gone_only_after_a_day(self, ready: Make, registry: Registry) -> None:
        submission = run(ready())
        Job.objects.all().delete()
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        assert [run(deletion).state for _ in range(3)] == ["pending"] * 3
        assert go_on(deletion, 23).state == "pending"
        assert go_on(deletion, 24.1).state == "accepted"

    def test_index_that_lags_does_not_have_a_record_sent_again(self, ready: Make, registry: Registry) -> None:
        submission = run(ready())
        registry.faults.set("hidden", 6)
        for hours in (1, 5, 10, 15, 20, 23):
            assert go_on(submission, hours).state == "pending"
        assert go_on(submission, 24.5).state == "accepted"
        assert registry.saves == {CREDIT_ID: 1}

    def test_refusal_that_says_that_the_record_exists_is_asked_about(self, ready: Make, registry: Registry) -> None:
        registry.faults.set("exists", 1)
        submission = run(ready())
        assert (submission.state, "has the record" in submission.reason) == ("unknown", True)
        assert [run(submission).state for _ in range(2)] == ["pending", "accepted"]
        assert registry.saves == {CREDIT_ID: 1}

    def test_office_that_sends_again_waits_for_the_registry_too(self, ready: Make, registry: Registry) -> None:
        submission = run(run(ready()))
        assert submission.state == "accepted"
        registry.faults.set("hidden", 3)
        officer = UserFactory(officer=True)
        deciding.send_again(submission=submission, actor=officer, reason="Is it there?", now=timezone.now())
        for hours in (0, 12, 23):
            assert go_on(submission, hours).state == "unknown"
        assert go_on(submission, 24).state == "pending"
        assert registry.saves == {CREDIT_ID: 1}

    def test_rows_that_disagree_are_the_offices(self, ready: Make, registry: Registry) -> None:
        submission = run(ready())
        registry.faults.set("disagree", 1)
        submission = run(submission)
        assert (submission.state, submission.fault) == ("pending", "office")
        assert "several things about this record (accepted, rejected)" in submission.reason
        assert not Message.objects.exists()
        assert run(submission).state == "accepted"

    def test_rows_that_disagree_about_a_lost_one_are_the_offices_too(self, ready: Make, registry: Registry) -> None:
        registry.faults.set("dropped", 1)
        submission = run(ready())
        registry.faults.set("disagree", 1)
        submission = run(submission)
        assert (submission.state, submission.fault) == ("unknown", "office")
        assert run(submission).state == "pending"

    def test_board_may_think_better_of_a_rejection(self, ready: Make, registry: Registry) -> None:
        submission = run(run(ready("123459")))
        assert submission.state == "rejected"
        assert go_on(submission, 24).state == "rejected"
        registry.records[CREDIT_ID]["number"] = "123456"
        assert go_on(submission, 48).state == "accepted"
        assert [row.subject.split()[0] for row in Message.objects.order_by("id")] == ["Please", "ABIM"]

    def test_rejection_is_looked_at_for_five_days(self, ready: Make, registry: Registry) -> None:
        submission = run(run(ready("123459")))
        for days in range(1, 6):
            go_on(submission, 24 * days + 1)
        assert Job.objects.get(kind="reporting.look_again").state == "done"

    def test_rejection_that_was_corrected_meanwhile_is_not_looked_at(self, ready: Make, registry: Registry) -> None:
        submission = run(run(ready("123459")))
        submission.move("withdrawn")
        asked = dict(registry.asked)
        go_on(submission, 25)
        assert registry.asked == asked

    def test_look_at_a_rejection_that_gets_no_answer_comes_again(self, ready: Make, registry: Registry) -> None:
        submission = run(run(ready("123459")))
        registry.faults.set("gateway", 1)
        go_on(submission, 25)
        assert Job.objects.get(kind="reporting.look_again").state == "todo"
