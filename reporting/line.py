"""Uses a registry's service no faster than it allows, and leaves it alone while it is down.

All workers share one row: each request draws the next free moment, and waits for it. After several faults in a row the
line is silent: no job of its kinds is taken until it is tried again, ever later, up to a quarter of an hour.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from jobs.transactions import short_write
from reporting.models import Line

FAULTS = 5
FIRST_SILENCE = timedelta(seconds=30)
LONGEST_SILENCE = timedelta(minutes=15)
PARS = "PARS"


def wait_for_turn(patience: timedelta | None = None) -> bool:
    """Draw the next free moment of PARS and sleep until it has come.

    With `patience` nothing is drawn, and the answer is False, when that moment is further away.
    """
    per_second = settings.PARS["per_second"]
    apart = timedelta(seconds=1) / per_second if per_second else timedelta()
    moment = _draw(timezone.now(), apart, patience)
    if moment is None:
        return False
    time.sleep(max((moment - timezone.now()).total_seconds(), 0))
    return True


@short_write
def _draw(now: datetime, apart: timedelta, patience: timedelta | None) -> datetime | None:
    line = _line()
    taken = max(line.free_at, now)
    if patience is not None and taken > now + patience:
        return None
    Line.objects.filter(pk=line.pk).update(free_at=taken + apart)
    return taken


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
def slow_down(seconds: float) -> None:
    """Let nobody ask before so many seconds have passed: the registry said that it is busy."""
    line = _line()
    free = max(line.free_at, timezone.now() + timedelta(seconds=seconds))
    Line.objects.filter(pk=line.pk).update(free_at=free)


def is_silent() -> bool:
    """Whether no work that needs PARS should be begun now."""
    return Line.objects.filter(registry=PARS, silent_until__gt=timezone.now()).exists()


def _line() -> Line:
    """Return the row, locked; call it in a transaction."""
    Line.objects.get_or_create(registry=PARS)
    return Line.objects.select_for_update().get(registry=PARS)
