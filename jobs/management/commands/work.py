"""The polling worker: runs due jobs of every queue in one process and one thread."""

import logging
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from jobs import runner

logger = logging.getLogger(__name__)


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
        while not self.stopping:
            if not self._round() and options["once"]:
                return
            if not self.found:
                time.sleep(options["idle"])

    def _round(self) -> int:
        """Run one batch; a database that is away is waited for, not died of."""
        self.found = 0
        try:
            close_old_connections()
            self.found = runner.drain()
        except DatabaseError:
            logger.exception("The database did not answer; trying again.")
            time.sleep(1)
        return self.found

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True
