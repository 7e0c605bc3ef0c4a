"""Jobs are written with their cause, once, and wake a runner without ever troubling a request."""

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from jobs import queue
from jobs.models import Job
from jobs.queue import enqueue
from jobs.tasks import drain


@pytest.fixture(autouse=True)
def _broker_trusted_again() -> None:
    queue._Broker.silent_until = 0


@pytest.mark.usefixtures("committed")
def test_job_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="belongs inside the transaction"):
        enqueue("outbox.send", 1)


def test_second_job_with_the_same_key_is_not_written(db: None) -> None:
    enqueue("outbox.send", 1, reference="R-1")
    enqueue("outbox.send", 1)
    job = Job.objects.get()
    assert (job.key, job.reference, job.state) == ("outbox.send:1", "R-1", "todo")


@pytest.mark.usefixtures("committed")
def test_job_disappears_with_its_cause() -> None:
    def cause() -> None:
        with transaction.atomic():
            enqueue("outbox.send", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()
    assert not Job.objects.exists()


def test_only_work_that_is_due_wakes_a_runner(
    db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as later:
        enqueue("outbox.send", 1, due=timezone.now() + timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True) as now:
        enqueue("outbox.send", 2)
    assert (len(later), len(now)) == (0, 1)


def test_broker_that_fails_is_left_alone_for_a_while(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def refuse(**_message: object) -> None:
        calls.append(1)
        raise ConnectionError("nobody there")

    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(drain, "apply_async", refuse)  # the edge of this process; the broker itself: tests/story
    queue.nudge("mail")
    queue.nudge("mail")
    assert len(calls) == 1
    assert "the sweep will find the work" in caplog.text
    queue._Broker.silent_until = time.monotonic() - 1
    queue.nudge("mail")
    assert len(calls) == 2


def test_without_a_broker_nobody_is_woken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setattr(drain, "apply_async", None)
    assert queue.nudge("mail") is None  # type: ignore[func-returns-value]


@pytest.mark.django_db
def test_job_that_is_moved_to_now_wakes_its_queue(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(queue, "nudge", woken.append)
    planned = timezone.now() + timedelta(days=1)
    enqueue("outbox.send", 7, due=planned)
    with django_capture_on_commit_callbacks(execute=True):
        queue.postpone("outbox.send", 7, planned=planned, due=timezone.now() + timedelta(hours=1))
        queue.postpone("outbox.send", 7, planned=planned, due=timezone.now())  # it waits for another time by now
    assert woken == []
    planned = Job.objects.get().due
    with django_capture_on_commit_callbacks(execute=True):
        queue.postpone("outbox.send", 7, planned=planned, due=timezone.now())
    assert woken == ["mail"]
