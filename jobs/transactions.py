"""One short write transaction, tried again when the database was busy."""

import functools
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 3
PAUSE_SECONDS = 0.05
BUSY = ("database is locked", "database table is locked", "deadlock detected", "could not serialize")


def short_write(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in one transaction; begin again, at most twice, when SQLite was locked or PostgreSQL deadlocked.

    The function must hold database work only (no mail, no HTTP, no rendering), so that running it again is safe.
    Inside another transaction it simply joins that one, whose owner does the trying again.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if attempt == ATTEMPTS or not any(words in str(error) for words in BUSY):
                    raise
                time.sleep(PAUSE_SECONDS * attempt)
        raise AssertionError("unreachable")  # pragma: no cover

    return run
