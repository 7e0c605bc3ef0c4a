"""Each misbehaviour of the registry in each state of a report: nothing is lost, and nothing is registered twice."""

from collections.abc import Callable

import pytest

from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from reporting.pars import client
from reporting.sandbox.faults import KINDS
from reporting.sandbox.server import Registry
from reporting.services.queueing import take_back
from tests.reporting.making import CREDIT_ID, Make, run

pytestmark = pytest.mark.django_db
ENOUGH = 12
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
    client.exchange("save", "POST", "/learner-activities", document=_document(submission))
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


def _document(submission: Submission) -> dict[str, object]:
    from reporting.pars.documents import report  # noqa: PLC0415 (named like the verb of these tests)

    return report(submission)


STATES = (as_ready, as_sending, as_arrived, as_unknown, as_pending, as_deletion)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait twenty seconds for an answer that drips."""
    monkeypatch.setattr(client, "LONGEST", 1.5)


@pytest.mark.parametrize("state", STATES, ids=[state.__name__ for state in STATES])
@pytest.mark.parametrize("fault", KINDS)
def test_report_ends_whatever_the_registry_does(
    ready: Make, registry: Registry, fault: str, state: Callable[[Make, Registry], Submission]
) -> None:
    submission = state(ready, registry)
    registry.faults.set(fault, 2 if fault != "drip" else 1)
    for _ in range(ENOUGH):
        submission = run(submission)
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


@pytest.mark.parametrize("fault", ["closed", "revoked", "broken", "dropped_early", "redirect"])
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
