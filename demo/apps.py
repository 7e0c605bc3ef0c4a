"""Registers the examples."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Examples."""

    name = "demo"
    verbose_name = "Examples"
