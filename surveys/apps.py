"""Registers the room, and what it adds to activities."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Surveys."""

    name = "surveys"
    verbose_name = "Surveys"

    def ready(self) -> None:
        """Offer the room's rules, document section and copying to the activities, which know nothing of surveys."""
        from surveys import activities  # noqa: PLC0415 (models are not ready before)

        activities.connect()
