"""Registers the room."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Reports to registries."""

    name = "reporting"
    verbose_name = "Reporting"
