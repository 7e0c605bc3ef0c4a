"""Named points at which a test can make the process die, to see what a crash just there leaves behind."""

import os
import signal

from django.conf import settings


def reach(point: str) -> None:
    """Kill this process without any farewell if settings.FAIL_POINT names `point`; otherwise do nothing."""
    if point == settings.FAIL_POINT:
        os.kill(os.getpid(), signal.SIGKILL)  # pragma: no cover (nothing is left to report it)
