"""One mail for each outcome of a claim and board, and never the same words twice."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from activities.models import MocRegistration
from credits.models import Claim
from credits.services import claiming, permission
from credits.services.claiming import ClaimRequest
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from reporting.models import Line, Submission
from reporting.sandbox.server import Registry
from reporting.services import correcting
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.making import ada, known_to, report, run

pytestmark = pytest.mark.django_db
THREE = ["Accredited CME", "Self-Assessment", "Patient Safety"]


def claim_for_surgeons(learner: User, number: str = "123456") -> Claim:
    """Claim points of three kinds at one board."""
    activity = ActivityFactory()
    MocRegistration.objects.create(activity=activity, board="ABTS", point_types=THREE, maximum=Decimal(5))
    known_to("ABTS", ada(number))
    request = ClaimRequest(Decimal("5.00"), "I took part.", {"ABTS": ada(number)})
    return claiming.claim(learner=learner, activity=activity, request=request, now=timezone.now())


def settle(times: int = 8) -> None:
    for _ in range(times):
        Line.objects.update(silent_until=None)
        Submission.objects.update(send_at=timezone.now())
        Job.objects.filter(kind__startswith="reporting", state="todo").update(due=timezone.now())
        runner.drain("reporting")


def about_the_board() -> list[Message]:
    return list(Message.objects.filter(subject__contains="ABTS").order_by("id"))


def test_three_kinds_of_points_are_one_good_message(learner: User, registry: Registry) -> None:
    claim_for_surgeons(learner)
    settle()
    assert set(Submission.objects.values_list("state", flat=True)) == {"accepted"}
    (mail,) = about_the_board()
    assert mail.subject == "ABTS accepted your MOC points: Progress in Examples"
    assert "5.00 Accredited CME, 5.00 Self-Assessment and 5.00 Patient Safety MOC points" in mail.text
    assert Submission.objects.filter(told_at=None).count() == 0


def test_one_mistake_is_one_question(learner: User, registry: Registry) -> None:
    claim_for_surgeons(learner, "123458")
    settle()
    assert set(Submission.objects.values_list("state", flat=True)) == {"rejected"}
    (mail,) = about_the_board()
    assert mail.subject == "Please check your ABTS details: Progress in Examples"
    assert mail.text.count("do not match the record of ABTS ID 123458") == 1


def test_learner_reads_when_the_last_is_decided(learner: User, registry: Registry) -> None:
    claim_for_surgeons(learner)
    first, *others = Submission.objects.order_by("id")
    Submission.objects.filter(pk__in=[row.pk for row in others]).update(state="pending", taken_at=timezone.now())
    Job.objects.exclude(subject_id=first.pk).update(due=timezone.now() + timezone.timedelta(days=1))
    for _ in range(3):
        Submission.objects.filter(pk=first.pk).update(send_at=timezone.now())
        Job.objects.filter(subject_id=first.pk).update(due=timezone.now())
        runner.drain("reporting", limit=1)
    first.refresh_from_db()
    assert (first.state, about_the_board()) == ("accepted", [])
    Submission.objects.filter(pk__in=[row.pk for row in others]).update(state="held")
    assert about_the_board() == []


def test_number_that_is_not_known_yet_is_said_once(learner: User, registry: Registry) -> None:
    activity = ActivityFactory()
    MocRegistration.objects.create(activity=activity, board="ABTS", point_types=THREE, maximum=Decimal(5))
    request = ClaimRequest(Decimal("5.00"), "I took part.", {"ABTS": ada("123459")})
    claiming.claim(learner=learner, activity=activity, request=request, now=timezone.now())
    settle(2)
    assert [mail.subject for mail in about_the_board()] == ["ABTS does not know your number yet: Progress in Examples"]


def test_same_words_are_not_said_again_when_a_report_is_replaced(learner: User, registry: Registry) -> None:
    submission = run(run(report(learner)))
    successor = correcting.replace(
        submission=submission, actor=UserFactory(officer=True), reason="It holds 2.00.", now=timezone.now()
    )
    run(successor, times=5)
    assert successor.state == "accepted"
    assert Message.objects.count() == 1


def test_other_points_are_said(learner: User, registry: Registry) -> None:
    run(run(report(learner)))
    more: Any = {"points": "10.00", "credit_id": "ccid:society.example:R-1-ABIM-MK-2"}
    Submission.objects.update(state="corrected")
    run(run(report(learner, **more)))
    assert Message.objects.count() == 2


def test_permission_that_is_given_again_is_no_news(learner: User, registry: Registry) -> None:
    made = claim_for_surgeons(learner)
    settle()
    permission.withdraw(claim=made, actor=learner, now=timezone.now())
    settle()
    permission.give_again(claim=made, actor=learner, now=timezone.now())
    settle(12)
    assert Submission.objects.filter(state="accepted", action="add").count() == 3
    assert len(about_the_board()) == 1
