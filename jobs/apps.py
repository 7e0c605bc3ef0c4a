"""Registers the room and loads every room's handlers."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """The durable queue."""

    name = "jobs"
    verbose_name = "Background work"

    def ready(self) -> None:
        """Import each room's `tasks`, where handlers register themselves."""
        autodiscover_modules("tasks")
