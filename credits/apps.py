"""Registers the room."""

from django.apps import AppConfig


class CreditsConfig(AppConfig):
    """Credit."""

    name = "credits"
    verbose_name = "Credit"
