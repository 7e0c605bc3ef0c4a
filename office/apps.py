"""Registers the room."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The CME office."""

    name = "office"
    verbose_name = "CME office"
