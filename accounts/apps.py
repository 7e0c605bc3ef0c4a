"""Registers the room."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AccountsConfig(AppConfig):
    """People."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Connect the receivers that write the trail of sign-ins, and teach SQLite how words are compared."""
        from accounts import events, spelling  # noqa: F401, PLC0415 (models must be there first)

        connection_created.connect(spelling.teach)
