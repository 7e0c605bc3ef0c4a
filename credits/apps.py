"""Registers the room and guards its ledger after every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from credits import guard


class CreditsConfig(AppConfig):
    """Credit."""

    name = "credits"
    verbose_name = "Credit"

    def ready(self) -> None:
        """Put the triggers back whenever tables were made or emptied, and listen for people who were waited for."""
        from credits import rules, signals  # noqa: PLC0415 (models are not ready before)

        rules.add()
        signals.connect()
        post_migrate.connect(lambda using, **_: guard.install(using), sender=self, weak=False)
