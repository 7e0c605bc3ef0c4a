"""Registers the room."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Surveys."""

    name = "surveys"
    verbose_name = "Surveys"
