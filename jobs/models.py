"""The job: one piece of work that must not be forgotten."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone


class LostLease(Exception):
    """Another runner has taken the job over: whatever this one was about to write is rolled back."""


class JobQuerySet(models.QuerySet["Job"]):
    """Many jobs."""

    def due(self, now: datetime) -> "JobQuerySet":
        """Return jobs to do whose time has come, oldest first."""
        return self.filter(state=Job.State.TODO, due__lte=now).order_by("due", "id")

    def held(self, job: "Job") -> "JobQuerySet":
        """Return the row of `job` if its runner still holds it."""
        return self.filter(pk=job.pk, token=job.token, state=Job.State.TODO)


class Job(models.Model):
    """A row that says what to do, to which row, and from when; see the package's docstring."""

    class State(models.TextChoices):
        """A job leaves TODO by a fenced DONE or a visible DEAD, and by nothing else."""

        TODO = "todo", "to do"
        DONE = "done", "done"
        DEAD = "dead", "given up"

    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(help_text="The row the work is about.")
    key = models.CharField(max_length=200, unique=True)
    reference = models.CharField(max_length=40, blank=True, db_index=True)
    state = models.CharField(max_length=5, choices=State.choices, default=State.TODO)
    due = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    finished = False  # set by finishing(), for the runner that holds this object
    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("due", "id"), condition=Q(state="todo"), name="job_todo_by_due"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state="todo", ended_at__isnull=True) | (~Q(state="todo") & Q(ended_at__isnull=False)),
                name="job_ended_when_not_todo",
            ),
        )

    def __str__(self) -> str:
        return self.key

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Write the effect's own rows and the job's end in one transaction.

        Raises LostLease, and so writes nothing, when another runner holds the job by now. On PostgreSQL the update
        comes first and holds the row, so that a second runner waits here instead of doing the effect as well.
        """
        with transaction.atomic():
            if not Job.objects.held(self).update(state=Job.State.DONE, ended_at=timezone.now(), error=""):
                raise LostLease(self.key)
            yield
        self.finished = True

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Write what was learnt on the way, in one transaction, while the job goes on.

        Raises LostLease, and so writes nothing, when another runner holds the job by now.
        """
        with transaction.atomic():
            if not Job.objects.held(self).update(token=self.token):
                raise LostLease(self.key)
            yield

    def postpone(self, due: datetime, note: str = "") -> None:
        """Wait until `due` without counting this attempt: nothing went wrong."""
        Job.objects.held(self).update(due=due, attempts=models.F("attempts") - 1, error=note)

    def fail(self, error: str, due: datetime) -> None:
        """Try again at `due`."""
        Job.objects.held(self).update(due=due, error=error)

    def bury(self, error: str) -> None:
        """Give up, visibly; staff may revive the job."""
        Job.objects.held(self).update(state=Job.State.DEAD, ended_at=timezone.now(), error=error)

    def revive(self) -> None:
        """Start again from the first attempt; the token moves on, so a stray runner of before is fenced off."""
        Job.objects.filter(pk=self.pk, state=Job.State.DEAD).update(
            state=Job.State.TODO, ended_at=None, attempts=0, due=timezone.now(), token=models.F("token") + 1
        )
