"""Django, set up on a folder of the benchmark's own."""

import os
from pathlib import Path


def without_database(folder: Path) -> None:
    """Load the settings as a demonstration in `folder`."""
    os.environ |= {
        "VAR_DIR": str(folder),
        "DEMO": "true",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "cme_portal.settings",
    }
    import django  # noqa: PLC0415 (after the environment)

    django.setup()


def prepare(folder: Path) -> None:
    """Load the settings, make the tables, and load the example activities."""
    without_database(folder)
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_demo", people=True, verbosity=0)
