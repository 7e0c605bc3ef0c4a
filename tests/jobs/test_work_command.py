"""The polling worker drains what is due, waits for its database, and stops when told."""

import os
import signal

import pytest
from django.core.management import call_command
from django.db import InterfaceError, transaction

from jobs import runner, tasks
from jobs.management.commands import work
from jobs.models import Job
from jobs.queue import enqueue
from jobs.registry import KINDS, handles


@pytest.mark.usefixtures("committed")
def test_once_runs_what_is_due_and_ends() -> None:
    handles("test.once", queue="test")(lambda _job: None)
    with transaction.atomic():
        enqueue("test.once", 1)
    call_command("work", once=True)
    KINDS.pop("test.once")
    assert Job.objects.get().state == "done"


def test_celery_and_the_polling_worker_sweep_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[object] = []
    monkeypatch.setattr(runner, "SWEEPS", [swept.append])
    tasks.sweep()
    work._sweep()
    assert len(swept) == 2


@pytest.mark.django_db
def test_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def away(**_limits: int) -> int:
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(runner, "drain", away)
    monkeypatch.setattr(work.time, "sleep", lambda _seconds: None)
    call_command("work", once=True)
    assert "The database did not answer" in caplog.text


@pytest.mark.django_db
def test_stops_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []

    def drain(**_limits: int) -> int:
        rounds.append(1)
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(runner, "drain", drain)
    call_command("work", idle=0.01)
    signal.signal(signal.SIGTERM, before[0])
    signal.signal(signal.SIGINT, before[1])
    assert rounds == [1]
