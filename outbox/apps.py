"""Registers the room."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Mail."""

    name = "outbox"
    verbose_name = "Mail"
