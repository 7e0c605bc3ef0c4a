"""The settings as the type checker reads them, with keys that protect nothing."""

import os

os.environ.setdefault("SECRET_KEY", "for the type checker")
os.environ.setdefault("FIELD_KEYS", "for the type checker")

from cme_portal.settings import *  # noqa: F403
