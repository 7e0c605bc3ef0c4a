"""The line to PARS: its pace, and how it falls silent and is tried again."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.core.mail import send_mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from jobs import runner
from jobs.models import Job
from reporting import line
from reporting.models import ActivityRecord, Line, Submission
from reporting.sandbox.server import Registry
from reporting.tasks import find_forgotten
from tests.conftest import Mailbox
from tests.factories import UserFactory
from tests.reporting.canned import answering
from tests.reporting.making import Make, report, run

pytestmark = pytest.mark.django_db


def test_turns_are_apart_and_nothing_is_drawn_before_its_time(settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "per_second": 20}
    begun = timezone.now()
    assert line.draw(begun) == begun
    free = begun + timedelta(seconds=1 / 20)
    assert line.draw(begun) == free
    assert Line.objects.get().free_at == free
    assert line.draw(begun, timedelta(seconds=0.5)) == free
    assert Line.objects.get().free_at == free + timedelta(seconds=1 / 20)
    late = begun + timedelta(seconds=5)
    assert line.draw(late) == late


def test_pace_is_kept_though_no_job_sleeps(learner: User, registry: Registry, settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "per_second": 20}
    for number in range(5):
        report(learner, credit_id=f"ccid:society.example:R-{number}-ABIM-MK-1", reference=f"R-{number}")
    Job.objects.update(due=timezone.now() - timedelta(seconds=1))
    begun = timezone.now()
    assert runner.drain("reporting") == 5
    assert Line.objects.get().free_at >= begun + timedelta(seconds=5 / 20)
    assert set(Submission.objects.values_list("state", flat=True)) == {"pending"}


@pytest.mark.parametrize("asked", ["3600", "date"])
def test_pause_that_the_registry_asks_for_holds_up_nothing_else(
    ready: Make, settings: Settings, mailbox: Mailbox, asked: str
) -> None:
    begun = timezone.now()
    words = format_datetime(begun + timedelta(hours=1), usegmt=True) if asked == "date" else asked
    submission = ready()
    with transaction.atomic():
        send_mail("Hello", "Ada", None, ["ada@example.org"])
    with answering(settings, 429, b"", Retry_After=words) as requests:
        Job.objects.update(due=begun)
        assert runner.drain() == 2
        assert runner.drain() == 0
    assert requests == ["/learner-activities"]
    assert len(mailbox.accepted) == 1
    assert timezone.now() - begun < timedelta(seconds=20)
    submission.refresh_from_db()
    assert submission.state == "ready"
    free = Line.objects.get().free_at - begun
    assert timedelta(minutes=59) < free <= timedelta(hours=1, seconds=20)


def test_pause_without_end_ends_after_a_day(ready: Make, settings: Settings) -> None:
    submission = ready()
    with answering(settings, 503, b"", Retry_After="9" * 12):
        assert run(submission).state == "ready"
    assert Line.objects.get().free_at <= timezone.now() + timedelta(days=1)
    with answering(settings, 503, b"", Retry_After="soon"):
        assert run(submission).state == "ready"


def test_answers_that_are_not_understood_silence_the_line_and_log_a_line_each(
    learner: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(16):
        report(learner, credit_id=f"ccid:society.example:R-{number}-ABIM-MK-1", reference=f"R-{number}")
    with answering(settings, 200, b"<html>We are moving</html>") as requests:
        Job.objects.update(due=timezone.now() - timedelta(seconds=1))
        runner.drain("reporting")
    assert len(requests) == line.FAULTS
    assert line.is_silent()
    lines = [row for row in caplog.records if row.name == "jobs.runner"]
    assert (len(lines), {row.exc_info for row in lines}) == (line.FAULTS, {None})


def test_line_falls_silent_after_several_faults_and_no_job_is_taken(ready: Make, registry: Registry) -> None:
    registry.faults.set("closed", -1)
    submission = ready()
    for _ in range(line.FAULTS):
        assert not line.is_silent()
        Job.objects.update(due=timezone.now() - timedelta(seconds=1))
        assert runner.drain("reporting", limit=1) == 1
    assert line.is_silent()
    Job.objects.update(due=timezone.now() - timedelta(seconds=1))
    assert runner.drain("reporting", limit=1) == 0
    assert runner.drain(None, limit=1) == 0
    registry.faults.set("closed", 0)
    assert run(submission).state == "pending"
    assert (Line.objects.get().faults, Line.objects.get().silent_until) == (0, None)


def test_silence_grows_up_to_a_quarter_of_an_hour() -> None:
    spans = []
    for _ in range(12):
        line.failed("No answer.")
        until = Line.objects.get().silent_until
        spans.append((until - timezone.now()).total_seconds() if until else 0)
    assert [round(span) for span in spans[:6]] == [0, 0, 0, 0, 30, 60]
    assert round(spans[-1]) == 900


def test_revoked_credentials_silence_the_line_at_once(ready: Make, registry: Registry) -> None:
    registry.faults.set("revoked", 1)
    assert run(ready()).state == "ready"
    assert (line.is_silent(), Line.objects.get().words) == (True, "The registry does not accept our credentials.")


def test_what_lost_its_job_is_found(ready: Make, registry: Registry) -> None:
    submission = ready()
    find_forgotten(timezone.now() + timedelta(hours=1))
    assert Job.objects.count() == 1
    Job.objects.all().delete()
    find_forgotten(timezone.now())
    assert Job.objects.count() == 0
    find_forgotten(timezone.now() + timedelta(hours=1))
    assert run(submission).state == "pending"
    Job.objects.all().delete()
    find_forgotten(timezone.now() + timedelta(hours=1))
    assert run(submission).state == "accepted"


def test_what_is_in_a_file_or_settled_needs_no_job(ready: Make, registry: Registry) -> None:
    submission = ready()
    Submission.objects.update(state="held")
    assert run(submission).state == "held"
    assert (registry.saves, Job.objects.get().state) == ({}, "done")
    Submission.objects.update(state="accepted", decided_at=timezone.now())
    Job.objects.update(state="todo", ended_at=None, kind="reporting.poll")
    assert run(submission).state == "accepted"
    assert registry.asked == {}


def test_office_is_told_when_somebody_must_act(client: Client, ready: Make, registry: Registry) -> None:
    registry.faults.set("revoked", 1)
    run(ready())
    client.force_login(UserFactory(officer=True))
    assert "Have user name and password renewed" in client.get("/admin/reporting/submission/").content.decode()
    line.failed("The registry answered 500.")
    assert "nothing need be done" in client.get("/admin/reporting/submission/").content.decode()


def test_lost_record_of_an_activity_gets_work_again(registry: Registry) -> None:
    record = ActivityRecord.objects.create(own_id="meeting", record={}, made_by=UserFactory())
    find_forgotten(timezone.now() + timedelta(hours=1))
    assert Job.objects.get().subject_id == record.pk
