"""How the portal logs: plain lines on the console, without what libraries say of every request or font."""

import logging
import re
import time
from typing import Any

# Mailed links, which open something for whoever has them. A test looks for routes that are missing here.
SECRET_IN_ADDRESS = re.compile(r"(/(?:disclosure|certificates/list|credits/late|reminders)/)[^/\s]+")


class WithoutSecrets(logging.Formatter):
    """Leaves out of every line, tracebacks included, what would let its reader in; hours are in UTC."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return SECRET_IN_ADDRESS.sub(r"\1…", super().format(record))


def to_console(level: str) -> dict[str, Any]:
    """Return Django's LOGGING for this level."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {
                "()": "cme_portal.logs.WithoutSecrets",
                "format": "{asctime}Z {levelname} {name} {message}",
                "style": "{",
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"httpx": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}},
    }
