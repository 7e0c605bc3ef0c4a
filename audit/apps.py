"""Registers the room and guards its table after every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from audit import guard


class AuditConfig(AppConfig):
    """The trace."""

    name = "audit"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        """Put the triggers back whenever tables were made or emptied."""
        post_migrate.connect(lambda using, **_: guard.install(using), sender=self, weak=False)
