"""The polling worker: runs due jobs of every queue in one process and one thread."""

import logging
import math
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from jobs import runner

logger = logging.getLogger(__name__)

FORGOTTEN_SECONDS = 300.0


class Command(BaseCommand):
    """`manage.py work` until it is told to stop; the job in hand is finished first."""

    help = "Runs background work (certificates, mail, reports) until Ctrl-C. No broker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop when nothing is due.")
        parser.add_argument("--idle", type=float, default=0.5, help="Seconds to sleep when nothing is due.")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        swept = -math.inf
        while not self.stopping:
            if time.monotonic() - swept > FORGOTTEN_SECONDS:
                swept = time.monotonic()
                _sweep()
            found = _run_one()
            if not found and options["once"]:
                return
            if not found:
                time.sleep(options["idle"])

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True


def _run_one() -> int:
    """Run one job if one is due; a database that is away is waited for, not died of."""
    try:
        close_old_connections()
        return runner.drain(limit=1)
    except Error:
        logger.exception("The database did not answer; trying again.")
        time.sleep(1)
        return 0


def _sweep() -> None:
    close_old_connections()
    runner.sweep()
