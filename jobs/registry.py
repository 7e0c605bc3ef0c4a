"""Which handler runs which kind of job, on which queue, with which lease."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.models import Job

Handler = Callable[[Job], None]

# Longer than Celery's hard time limit (settings.CELERY_TASK_TIME_LIMIT) and than any single effect.
DEFAULT_LEASE = timedelta(minutes=3)


class Permanent(Exception):
    """Trying again cannot help; the job is given up and staff see why."""


class Later(Exception):
    """Nothing is wrong, but the work has to wait until `due`."""

    def __init__(self, due: datetime, note: str = "") -> None:
        super().__init__(note)
        self.due, self.note = due, note


class Again(Exception):
    """It did not work this time, for a reason that is expected; the runner tries again, ever later."""


def never() -> bool:
    """Return False: this work waits for nothing."""
    return False


@dataclass(frozen=True)
class Kind:
    """One kind of work; `max_attempts` counts the times it was taken, so that work that kills its runner ends too.

    While `waits()` is true none of its jobs is taken: the service that it needs is known to be down. `turn(now)` draws
    the job's turn at a service that is used at a limited pace, and returns now, or the moment at which to ask again; it
    is called in the transaction that takes the job, so that nobody who has taken one waits.
    """

    name: str
    run: Handler
    queue: str
    lease: timedelta
    max_attempts: int
    waits: Callable[[], bool] = never
    turn: Callable[[datetime], datetime] | None = None


KINDS: dict[str, Kind] = {}
SWEEPS: list[Callable[[datetime], None]] = []


def handles(
    name: str,
    *,
    queue: str,
    lease: timedelta = DEFAULT_LEASE,
    max_attempts: int = 12,
    waits: Callable[[], bool] = never,
    turn: Callable[[datetime], datetime] | None = None,
) -> Callable[[Handler], Handler]:
    """Register the decorated function for jobs of this kind.

    The function is given the job it holds. It does its work outside any transaction and writes the result inside
    `with job.finishing():`. It may raise Permanent, Later or Again; any other exception is a fault, and is tried again.
    """

    def register(run: Handler) -> Handler:
        KINDS[name] = Kind(name, run, queue, lease, max_attempts, waits, turn)
        return run

    return register


def sweeps(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Register the decorated function to be called every few minutes: it finds what was forgotten, or is too old.

    It is given the time; it may be stopped at any line, and called twice at once.
    """
    SWEEPS.append(function)
    return function


def kinds_on(queue: str | None) -> list[str]:
    """Return the kinds of one queue, or of all, that may be taken now; each thing waited for is asked once."""
    kinds = [kind for kind in KINDS.values() if queue in (None, kind.queue)]
    waiting = {waits for waits in {kind.waits for kind in kinds} if waits()}
    return [kind.name for kind in kinds if kind.waits not in waiting]
