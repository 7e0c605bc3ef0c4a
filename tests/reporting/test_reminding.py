"""What only the learner can add is asked for once more before it is too late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from reporting.services import correcting
from tests.reporting.making import ada, report

pytestmark = pytest.mark.django_db
KIND = "reporting.remind"


def incomplete(learner: User, **more: object) -> Submission:
    return report(learner, registry="CPE", board="NABP", identity=ada(""), credit_type="ACPE contact hours", **more)


def remind() -> None:
    Job.objects.filter(kind=KIND).update(due=timezone.now() - timedelta(seconds=1))
    runner.drain("mail")


def test_reminder_comes_two_weeks_before_the_deadline(learner: User) -> None:
    submission = incomplete(learner)
    deadline = datetime.combine(submission.report_by, datetime.min.time(), UTC)
    assert Job.objects.get(kind=KIND).due == deadline - timedelta(days=14)
    remind()
    mail = Message.objects.get()
    assert mail.subject == "Your NABP details are still missing: Progress in Examples"
    assert f"/reports/{submission.pk}/" in mail.text
    assert "The NABP number is missing." in mail.text
    assert mail.unsubscribe in mail.text
    runner.drain("mail")
    assert Message.objects.count() == 1


def test_near_deadline_is_reminded_of_after_three_days(learner: User) -> None:
    soon = timezone.now().date() + timedelta(days=10)
    submission = incomplete(learner, clocks=[("CPE Monitor", soon)])
    assert Job.objects.get(kind=KIND).due == submission.created_at + timedelta(days=3)


def test_deadline_within_three_days_is_not_reminded_of(learner: User) -> None:
    incomplete(learner, clocks=[("CPE Monitor", timezone.now().date() + timedelta(days=2))])
    assert not Job.objects.filter(kind=KIND).exists()


def test_who_added_it_meanwhile_is_left_alone(learner: User) -> None:
    submission = incomplete(learner, activity_id="0000-0000-26-001-L01-P")
    correcting.correct(
        submission=submission, identity=ada("1234567"), actor=learner, reason="Added.", now=timezone.now()
    )
    remind()
    assert [row.subject for row in Message.objects.all()] == ["CME Portal: Your profile changed"]


def test_who_wants_no_reminders_gets_none(learner: User) -> None:
    User.objects.update(wants_reminders=False)
    incomplete(learner)
    remind()
    assert not Message.objects.exists()


def test_what_the_office_must_add_is_no_reason_to_remind(learner: User) -> None:
    report(learner, activity_id="")
    assert not Job.objects.filter(kind=KIND).exists()
