"""What becomes of a job that works, fails, waits, is refused, kills its runner, or is taken over."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from jobs import runner, tasks
from jobs.models import Job, JobQuerySet, LostLease
from jobs.queue import enqueue
from jobs.registry import KINDS, Handler, Later, Permanent, handles, kinds_on
from jobs.transactions import short_write
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Make = Callable[[Handler], Job]


@pytest.fixture
def job_that() -> Iterator[Make]:
    """Return a function that registers a handler and writes one job for it."""

    def make(handler: Handler) -> Job:
        handles("test.work", queue="test", max_attempts=3)(handler)
        with transaction.atomic():
            enqueue("test.work", 7)
        return Job.objects.get(kind="test.work")

    yield make
    KINDS.pop("test.work", None)


def fail(_job: Job) -> None:
    raise ValueError("no luck")


def due_now(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(due=timezone.now() - timedelta(seconds=1))


def test_handler_is_given_its_job_and_the_row_ends_as_done(job_that: Make) -> None:
    seen: list[int] = []
    job = job_that(lambda job: seen.append(job.subject_id))
    assert runner.drain("test") == 1
    job.refresh_from_db()
    assert (seen, job.state, job.attempts, job.token) == ([7], "done", 1, 1)
    assert job.ended_at is not None
    assert runner.drain("test") == 0


def test_failure_is_tried_again_later_and_given_up_in_the_end(job_that: Make, caplog: pytest.LogCaptureFixture) -> None:
    job = job_that(fail)
    for attempt in (1, 2, 3):
        runner.drain("test")
        job.refresh_from_db()
        assert (job.state, job.attempts, job.error) == ("todo", attempt, "ValueError: no luck")
        assert job.due > timezone.now()
        due_now(job)
    runner.drain("test")
    job.refresh_from_db()
    assert (job.state, job.error) == ("dead", "Given up after 3 attempts. ValueError: no luck")


def test_one_bad_job_does_not_stop_the_next(job_that: Make) -> None:
    def run(job: Job) -> None:
        if job.subject_id == 7:
            raise ValueError

    job_that(run)
    with transaction.atomic():
        enqueue("test.work", 8)
    assert runner.drain("test") == 2
    assert Job.objects.get(subject_id=8).state == "done"


def test_permanent_refusal_is_given_up_at_once(job_that: Make) -> None:
    def refuse(_job: Job) -> None:
        raise Permanent("550 no such user")

    job = job_that(refuse)
    runner.drain("test")
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("dead", "550 no such user", 1)


def test_waiting_does_not_count_as_an_attempt(job_that: Make) -> None:
    due = timezone.now() + timedelta(hours=1)

    def wait(_job: Job) -> None:
        raise Later(due, "not decided yet")

    job = job_that(wait)
    runner.drain("test")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.due, job.error) == ("todo", 0, due, "not decided yet")


def test_leased_job_is_nobody_elses_until_the_lease_ends(job_that: Make) -> None:
    job = job_that(fail)
    assert runner.take("test", now=timezone.now()) is not None
    assert runner.take("test", now=timezone.now()) is None
    again = runner.take("test", now=timezone.now() + KINDS["test.work"].lease + timedelta(seconds=1))
    assert again is not None
    assert (again.pk, again.token, again.attempts) == (job.pk, 2, 2)


def test_row_that_another_runner_takes_in_the_same_moment_is_left_to_it(
    job_that: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_that(fail)
    read = JobQuerySet.first

    def read_and_be_overtaken(rows: JobQuerySet) -> Job | None:
        found = read(rows)
        Job.objects.filter(pk=job.pk).update(token=1)
        return found

    monkeypatch.setattr(JobQuerySet, "first", read_and_be_overtaken)
    assert runner.take("test", now=timezone.now()) is None


def test_batch_ends_in_time_even_if_work_is_left(job_that: Make) -> None:
    job_that(fail)
    assert runner.drain("test", seconds=0) == 0


def test_runner_that_was_overtaken_writes_nothing(job_that: Make, caplog: pytest.LogCaptureFixture) -> None:
    def freeze(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(token=job.token + 1)  # meanwhile another runner took it
        with job.finishing():
            UserFactory(email="written@example.org")

    job = job_that(freeze)
    runner.drain("test")
    job.refresh_from_db()
    assert job.state == "todo"
    assert "was taken over by another runner" in caplog.text
    assert not UserFactory._meta.model.objects.filter(email="written@example.org").exists()


def test_effect_that_fails_leaves_the_job_to_do(job_that: Make) -> None:
    def half(job: Job) -> None:
        with job.finishing():
            UserFactory(email="half@example.org")
            raise ValueError

    job = job_that(half)
    runner.drain("test")
    job.refresh_from_db()
    assert job.state == "todo"
    assert not UserFactory._meta.model.objects.filter(email="half@example.org").exists()


def test_ended_job_cannot_be_finished_again(job_that: Make) -> None:
    job = job_that(lambda _job: None)
    runner.drain("test")
    job.refresh_from_db()
    with pytest.raises(LostLease), job.finishing():
        pass


def test_pauses_double_up_to_an_hour() -> None:
    seconds = [runner.backoff(attempt).total_seconds() for attempt in (1, 2, 3, 30)]
    for value, expected in zip(seconds, (15, 30, 60, 3600), strict=True):
        assert expected * 0.8 <= value <= expected * 1.2


def test_every_queue_is_served_by_celery_and_by_the_worker() -> None:
    from cme_portal.celery import QUEUES  # noqa: PLC0415 (the frame)

    assert sorted({kind.queue for kind in KINDS.values()}) == sorted(QUEUES)
    assert sorted(kinds_on(None)) == sorted(KINDS)


def test_full_batch_wakes_a_runner_for_the_rest(job_that: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[dict[str, object]] = []
    monkeypatch.setattr(tasks.drain, "apply_async", lambda **message: woken.append(message))
    monkeypatch.setattr(tasks, "BATCH", 2)
    job_that(lambda _job: None)
    with transaction.atomic():
        enqueue("test.work", 8)
    tasks.drain(queue="test")
    tasks.drain(queue="test")
    assert [message["kwargs"] for message in woken] == [{"queue": "test"}]


def test_staff_can_revive_a_job_that_was_given_up(job_that: Make, client: Client) -> None:
    def refuse(_job: Job) -> None:
        raise Permanent("no")

    job = job_that(refuse)
    runner.drain("test")
    client.force_login(UserFactory(officer=True))
    client.post("/admin/jobs/job/", {"action": "try_again", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert (job.state, job.attempts, job.token, job.ended_at) == ("todo", 0, 2, None)
    assert "to do" in client.get("/admin/jobs/job/").content.decode()
    page = client.get(f"/admin/jobs/job/{job.pk}/change/")
    assert page.status_code == 200
    assert client.get("/admin/jobs/job/add/").status_code == 403
    assert client.post(f"/admin/jobs/job/{job.pk}/delete/").status_code == 403


def test_reading_is_not_enough_to_revive(job_that: Make, client: Client) -> None:
    def refuse(_job: Job) -> None:
        raise Permanent("no")

    job = job_that(refuse)
    runner.drain("test")
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_job"))
    client.force_login(reader)
    client.post("/admin/jobs/job/", {"action": "try_again", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.state == "dead"


@pytest.mark.usefixtures("committed")
class TestShortWrite:
    """A short write begins again when the database was busy, and only then."""

    def test_busy_database_is_tried_again(self) -> None:
        tries: list[int] = []

        @short_write
        def write() -> str:
            tries.append(1)
            if len(tries) < 3:
                raise OperationalError("database is locked")
            return "written"

        assert (write(), len(tries)) == ("written", 3)

    def test_database_that_stays_busy_is_an_error(self) -> None:
        tries: list[int] = []

        @short_write
        def write() -> None:
            tries.append(1)
            raise OperationalError("database is locked")

        with pytest.raises(OperationalError):
            write()
        assert len(tries) == 3

    def test_other_errors_are_not_tried_again(self) -> None:
        tries: list[int] = []

        @short_write
        def write() -> None:
            tries.append(1)
            raise OperationalError("no such table")

        with pytest.raises(OperationalError):
            write()
        assert len(tries) == 1

    def test_inside_a_transaction_the_owner_tries_again(self) -> None:
        tries: list[int] = []

        @short_write
        def write() -> None:
            tries.append(1)
            raise OperationalError("database is locked")

        with pytest.raises(OperationalError), transaction.atomic():
            write()
        assert len(tries) == 1


@pytest.mark.usefixtures("committed")
def test_jobs_that_wait_for_others_run_side_by_side_each_once(
    job_that: Make, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    ran: list[tuple[int, int]] = []
    both = threading.Barrier(2, timeout=20)

    def meet(job: Job) -> None:
        both.wait()
        ran.append((threading.get_ident(), job.subject_id))

    monkeypatch.setattr(tasks.drain, "apply_async", lambda **_message: None)
    settings.QUEUE_THREADS = {"test": 2}
    job_that(meet)
    with transaction.atomic():
        enqueue("test.work", 8)
    tasks.drain(queue="test")
    assert sorted(subject for _, subject in ran) == [7, 8]
    assert len({thread for thread, _ in ran}) == 2
    assert Job.objects.filter(state="done").count() == 2


def test_kind_that_waits_for_a_service_is_not_taken(job_that: Make) -> None:
    asked: list[bool] = []

    def is_down() -> bool:
        asked.append(True)
        return len(asked) == 1

    job_that(lambda _job: None)
    handles("test.work", queue="test", waits=is_down)(lambda _job: None)
    assert (runner.drain("test"), runner.drain("test")) == (0, 1)


def test_turn_that_comes_much_later_ends_the_round() -> None:
    later = timezone.now() + timedelta(minutes=5)
    handles("test.turn", queue="test", turn=lambda _now: later)(fail)
    with transaction.atomic():
        enqueue("test.turn", 7)
    assert runner.drain("test") == 0
    KINDS.pop("test.turn")
    job = Job.objects.get(kind="test.turn")
    assert (job.state, job.attempts) == ("todo", 0)
