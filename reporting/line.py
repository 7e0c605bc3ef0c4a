"""Uses a registry's service no faster than it allows, and leaves it alone while it is down.

All workers share one row. A job draws its turn when it is taken, so that nobody sleeps with a job in hand; what the
registry asks for with Retry-After moves the next turn of everybody. After several faults in a row the line is silent:
no job of its kinds is taken until it is tried again, ever later, up to a quarter of an hour.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from jobs.transactions import short_write
from reporting.models import Line

FAULTS = 5
FIRST_SILENCE = timedelta(seconds=30)
LONGEST_SILENCE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(days=1)  # for which a registry may ask to be left alone
PARS = "PARS"


@short_write
def draw(now: datetime, patience: timedelta = timedelta(0)) -> datetime:
    """Draw the next free turn if it is not further away than `patience`, and return when it is.

    A later moment than that means that nothing was drawn.
    """
    line = _line()
    turn = max(line.free_at, now)
    if turn <= now + patience:
        per_second = settings.PARS["per_second"]
        apart = timedelta(seconds=1) / per_second if per_second else timedelta()
        Line.objects.filter(pk=line.pk).update(free_at=turn + apart)
    return turn


def answered() -> None:
    """Remember that the registry works."""
    Line.objects.filter(registry=PARS, faults__gt=0).update(faults=0, silent_until=None, words="")


@short_write
def failed(words: str, *, at_once: bool = False) -> None:
    """Remember a fault; after several in a row, or `at_once`, nothing is asked for a while."""
    line, now = _line(), timezone.now()
    line.faults, line.words = max(line.faults + 1, FAULTS if at_once else 0), words
    if line.faults >= FAULTS:
        line.silent_until = now + min(FIRST_SILENCE * (1 << min(line.faults - FAULTS, 8)), LONGEST_SILENCE)
    line.save(update_fields=("faults", "words", "silent_until"))


@short_write
def slow_down(until: datetime) -> datetime:
    """Let nobody ask before `until`, which the registry asked for, and return when the next turn is."""
    line = _line()
    free = max(line.free_at, min(until, timezone.now() + LONGEST_PAUSE))
    Line.objects.filter(pk=line.pk).update(free_at=free)
    return free


def is_silent() -> bool:
    """Whether no work that needs PARS should be begun now."""
    return Line.objects.filter(registry=PARS, silent_until__gt=timezone.now()).exists()


def _line() -> Line:
    """Return the row, locked; call it in a transaction."""
    Line.objects.get_or_create(registry=PARS, defaults={"free_at": datetime(1970, 1, 1, tzinfo=UTC)})
    return Line.objects.select_for_update().get(registry=PARS)
