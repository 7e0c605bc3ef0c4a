"""Registers the room."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Mail."""

    name = "outbox"
    verbose_name = "Mail"

    def ready(self) -> None:
        """Listen to the mail service."""
        from outbox import events  # noqa: F401, PLC0415 (after the models)
