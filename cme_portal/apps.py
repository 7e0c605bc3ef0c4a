"""Registers the checks of the settings."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The frame, with the settings' checks."""

    name = "cme_portal"

    def ready(self) -> None:
        from cme_portal import checks  # noqa: F401, PLC0415 (the checks register themselves, once settings are read)
