"""Registers the checks of the settings, and keeps an SQLite file to its owner."""

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    """The frame."""

    name = "cme_portal"

    def ready(self) -> None:
        from cme_portal import checks  # noqa: F401, PLC0415 (the checks register themselves, once settings are read)

        post_migrate.connect(keep_to_owner)


def keep_to_owner(*, using: str, **_: Any) -> None:
    """Let nobody else on the machine read an SQLite file; SQLite makes its journals with the same mode."""
    database = connections[using]
    path = Path(str(database.settings_dict["NAME"]))
    if database.vendor == "sqlite" and path.is_file():
        path.chmod(0o600)
