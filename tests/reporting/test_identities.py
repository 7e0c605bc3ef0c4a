"""The registry is asked who the learner is before anything is reported, and nobody waits for it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from jobs.models import Job
from outbox.models import Message
from reporting import identities, line, pars
from reporting.models import IdentityCheck, Line
from reporting.recognition import warnings
from reporting.sandbox.server import Registry
from reporting.services.queueing import queue
from tests.factories import UserFactory
from tests.reporting.making import COMPLETION, CREDIT_ID, ada, report, run

pytestmark = pytest.mark.django_db
ASKED_NOBODY: Any = {
    "reference": "R-1", "board": "ABIM", "credit_id": CREDIT_ID, "completion": COMPLETION,
    "reply_to": "cme@society.example", "send_at": timezone.now(),
}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "verdict"), [("123456", "matched"), ("123458", "mismatch"), ("123459", "not_found")]
)
def test_registry_tells_what_it_knows(registry: Registry, number: str, verdict: str) -> None:
    found = identities.ask("ABIM", ada(number))
    assert found is not None
    assert found.verdict == verdict
    assert IdentityCheck.objects.count() == 1
    assert number not in str(IdentityCheck.objects.values())


def test_who_waits_gets_the_answer_of_today_and_nothing_from_a_silent_registry(registry: Registry) -> None:
    person = UserFactory()
    for _ in range(2):
        assert warnings(person, {"ABIM": ada("123458")}) != []
    assert registry.asked == {"match": 1}
    identities.ask("ABIM", ada("123458"))
    assert registry.asked == {"match": 2}
    for _ in range(line.FAULTS):
        line.failed("No answer.")
    assert identities.ask("ABIM", ada("123459"), quick=True) is None
    assert registry.asked == {"match": 2}


def test_who_waits_is_not_kept_waiting_by_a_long_queue(registry: Registry) -> None:
    Line.objects.create(registry="PARS", free_at=timezone.now() + timedelta(seconds=30))
    assert identities.ask("ABIM", ada(), quick=True) is None
    assert registry.asked == {}
    assert Line.objects.get().free_at < timezone.now() + timedelta(seconds=30)


@pytest.mark.parametrize("fault", ["closed", "malformed", "dropped", "huge"])
def test_registry_that_does_not_say_is_no_obstacle(registry: Registry, fault: str) -> None:
    registry.faults.set(fault, 1)
    assert identities.ask("ABIM", ada(), quick=True) is None
    assert not IdentityCheck.objects.exists()


def test_match_that_is_refused_or_says_nothing_is_no_answer(registry: Registry) -> None:
    with pytest.raises(pars.Refused):
        pars.match("XYZ", ada())
    assert identities.ask("XYZ", ada()) is None
    assert not line.is_silent()


def test_not_found_yet_is_asked_daily_and_reported_when_it_is_known(learner: User, registry: Registry) -> None:
    identities.ask("ABIM", ada("123457"))
    submission = report(learner, "123457")
    assert Job.objects.filter(kind="reporting.send").count() == 0
    assert "does not know your number yet" in Message.objects.get().subject
    assert (submission.fault, "does not know this number yet" in submission.reason) == ("learner", True)
    registry.met.clear()
    run(submission)
    waits = Job.objects.get(kind="reporting.match")
    assert (submission.state, waits.state) == ("ready", "todo")
    assert waits.due > timezone.now() + timedelta(hours=23)
    assert run(submission, times=4).state == "accepted"
    assert registry.asked == {"match": 3, "save": 1, "status": 1}
    assert Message.objects.filter(subject__contains="does not know").count() == 1


def test_learner_of_whom_nobody_asked_is_asked_about_before_the_report_leaves(
    learner: User, registry: Registry
) -> None:
    with transaction.atomic():
        submission = queue(**ASKED_NOBODY, learner=learner, identity=ada("123459"), now=timezone.now())
    assert submission.reason == ""
    run(submission)
    assert (submission.state, "does not know this number yet" in submission.reason) == ("ready", True)
    assert registry.asked == {"match": 1}
    assert Message.objects.get().to == learner.email


def test_registry_that_does_not_answer_delays_nothing(learner: User, registry: Registry) -> None:
    with transaction.atomic():
        submission = queue(**ASKED_NOBODY, learner=learner, identity=ada(), now=timezone.now())
    registry.faults.set("malformed", 1)
    assert run(submission, times=3).state == "accepted"
    assert registry.asked == {"match": 1, "save": 1, "status": 1}


def test_after_five_days_the_report_leaves_and_the_registry_decides(learner: User, registry: Registry) -> None:
    identities.ask("ABIM", ada("123459"))
    submission = report(learner, "123459")
    with time_machine.travel(timezone.now() + timedelta(days=5, minutes=1)):
        assert run(submission, times=4).state == "rejected"
    assert registry.asked["match"] == 1


def test_report_that_was_taken_back_meanwhile_is_not_asked_about(learner: User, registry: Registry) -> None:
    identities.ask("ABIM", ada("123459"))
    submission = report(learner, "123459")
    submission.move("withdrawn")
    assert run(submission).state == "withdrawn"
    assert registry.asked == {"match": 1}
