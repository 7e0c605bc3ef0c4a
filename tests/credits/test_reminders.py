"""Reminders: decided when due, sent once, and not to those who claimed in the meantime."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Participation
from credits import tasks
from credits.models import Attendance, Reminder
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from tests.credits.making import claim
from tests.credits.test_lists import carry_out, undo, upload
from tests.factories import ActivityFactory, UserFactory, today
from tests.surveys.conftest import address

pytestmark = pytest.mark.django_db
At = Callable[[int], None]


@pytest.fixture
def meeting(db: None) -> Activity:
    """It can be claimed for another 21 days."""
    made: Activity = ActivityFactory()
    return made


@pytest.fixture
def days_before(meeting: Activity, monkeypatch: pytest.MonkeyPatch) -> At:
    """Run what is due so many days before the deadline."""

    def at(days: int) -> None:
        moment = Activity.objects.get().claim_until - timedelta(days=days) + timedelta(minutes=1)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        runner.drain("mail", limit=3)
        monkeypatch.undo()

    return at


def reminded() -> list[str]:
    return sorted(Message.objects.filter(subject__startswith="Claim your credit").values_list("to", flat=True))


def attend(learner: User, activity: Activity) -> None:
    Attendance.objects.create(learner=learner, activity=activity, amount=Decimal(1))


def plan(client: Client, activity: Activity) -> None:
    """Begin a request, as a learner does."""
    client.get(address(activity))


def test_who_has_begun_or_is_on_record_is_reminded_twice_and_no_more(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    attendant, reader = UserFactory(), UserFactory(nurse=True)
    attend(attendant, meeting)
    Participation.objects.create(learner=reader, activity=meeting, disclosures_read_at=timezone.now())
    plan(signed_in, meeting)
    assert Job.objects.get(kind="credits.remind").due == meeting.claim_until - timedelta(days=14)
    days_before(20)
    assert reminded() == []
    days_before(14)
    days_before(14)
    assert reminded() == sorted(row.email for row in (attendant, reader, learner))
    days_before(3)
    assert len(reminded()) == 6
    assert {row.days for row in Reminder.objects.all()} == {14, 3}
    days_before(0)
    assert (len(reminded()), Job.objects.get(kind="credits.remind").state) == (6, "done")


def test_who_claimed_in_the_meantime_gets_none(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    other = UserFactory()
    attend(other, meeting)
    plan(signed_in, meeting)
    claim(learner, meeting, "1.00")
    days_before(14)
    assert reminded() == [other.email]


def test_nobody_is_reminded_who_wants_none_or_may_claim_nothing(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    for person in (UserFactory(wants_reminders=False), UserFactory(is_active=False), UserFactory(newcomer=True)):
        attend(person, meeting)
    User.objects.filter(pk=learner.pk).update(wants_reminders=False)
    plan(signed_in, meeting)
    days_before(14)
    assert reminded() == []


def test_deadline_that_was_moved_moves_the_reminder(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    plan(signed_in, meeting)
    meeting.claim_until_day = today() + timedelta(days=60)
    meeting.save()
    assert Job.objects.get(kind="credits.remind").due == meeting.claim_until - timedelta(days=14)
    days_before(14)
    assert reminded() == [learner.email]


def test_deadline_that_was_extended_after_the_last_reminder_is_reminded_of_again(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    plan(signed_in, meeting)
    days_before(0)
    assert Job.objects.get(kind="credits.remind").state == "done"
    meeting.claim_until_day = today() + timedelta(days=60)
    meeting.save()
    days_before(14)
    assert reminded() == [learner.email]


def test_moment_that_has_passed_is_left_out(signed_in: Client, meeting: Activity) -> None:
    plan(signed_in, meeting)
    meeting.claim_until_day = today() + timedelta(days=11)
    meeting.save()
    assert Job.objects.get(kind="credits.remind").due == meeting.claim_until - timedelta(days=3)


def test_who_was_recorded_by_mistake_is_reminded(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    plan(signed_in, meeting)
    officer = UserFactory(officer=True)
    row = f"{learner.email},{meeting.slug},1"
    undo(carry_out(upload(officer, "email,activity,hours", row, kind="completion"), officer), officer)
    days_before(14)
    assert reminded() == [learner.email]


def test_deadline_that_was_moved_forward_brings_the_reminder_earlier(signed_in: Client, meeting: Activity) -> None:
    plan(signed_in, meeting)
    meeting.claim_until_day -= timedelta(days=5)
    meeting.save()
    assert Job.objects.get(kind="credits.remind").due == meeting.claim_until - timedelta(days=14)


def test_where_records_limit_the_claim_only_who_is_on_record_is_reminded(
    signed_in: Client, meeting: Activity, days_before: At
) -> None:
    attendant = UserFactory()
    attend(attendant, meeting)
    plan(signed_in, meeting)
    Activity.objects.update(attendance_is_ceiling=True)
    days_before(14)
    assert reminded() == [attendant.email]


def test_activity_that_is_taken_back_reminds_nobody(signed_in: Client, meeting: Activity, days_before: At) -> None:
    plan(signed_in, meeting)
    Activity.objects.update(state="archived")
    days_before(14)
    assert reminded() == []


def test_many_are_reminded_in_batches_that_can_be_interrupted(
    signed_in: Client, meeting: Activity, days_before: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [UserFactory() for _ in range(5)]
    for person in people:
        attend(person, meeting)
    plan(signed_in, meeting)
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks, "SECONDS", -1.0)
    Job.objects.filter(kind="credits.remind").update(due=timezone.now())
    moment = meeting.claim_until - timedelta(days=14)
    monkeypatch.setattr("credits.tasks.timezone.now", lambda: moment)
    runner.drain("mail", limit=1)
    assert len(reminded()) == 2


def test_after_the_deadline_nothing_is_planned(signed_in: Client) -> None:
    plan(signed_in, ActivityFactory(over=True))
    assert not Job.objects.filter(kind="credits.remind").exists()


def test_reminders_are_turned_off_in_the_profile(signed_in: Client, learner: User) -> None:
    details = {"first_name": "Ada", "last_name": "Okafor", "profession": "physician"}
    signed_in.post("/profile/", details)
    learner.refresh_from_db()
    assert learner.wants_reminders is False
    signed_in.post("/profile/", {**details, "wants_reminders": "on"})
    learner.refresh_from_db()
    assert learner.wants_reminders is True


def test_nobody_is_reminded_where_the_office_imports_completions(
    signed_in: Client, learner: User, meeting: Activity, days_before: At
) -> None:
    plan(signed_in, meeting)
    Activity.objects.filter(pk=meeting.pk).update(claim_by="imported")
    days_before(14)
    assert reminded() == []
