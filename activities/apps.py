"""Registers the room."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Activities."""

    name = "activities"
    verbose_name = "Activities"
