"""Registers the room and guards its ledger after every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from credits import guard


class CreditsConfig(AppConfig):
    """Credit."""

    name = "credits"
    verbose_name = "Credit"

    def ready(self) -> None:
        """Put the triggers back whenever tables were made or emptied."""
        post_migrate.connect(lambda using, **_: guard.install(using), sender=self, weak=False)
