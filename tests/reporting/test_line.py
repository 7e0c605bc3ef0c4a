"""The line to PARS: its pace, and how it falls silent and is tried again."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from jobs import runner
from jobs.models import Job
from reporting import line
from reporting.models import ActivityRecord, Line, Submission
from reporting.sandbox.server import Registry
from reporting.tasks import find_forgotten
from tests.factories import UserFactory
from tests.reporting.making import Make, run

pytestmark = pytest.mark.django_db


def test_requests_draw_moments_that_are_apart(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PARS = {**settings.PARS, "per_second": 20}
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    begun = timezone.now()
    for _ in range(41):
        line.wait_for_turn()
    assert Line.objects.get().free_at >= begun + timedelta(seconds=41 / 20)
    assert slept[0] == 0
    assert 1 < slept[-1] <= 2


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
