"""The frame: settings, addresses and the Celery application."""

from cme_portal.celery import app as celery_app

__all__ = ["celery_app"]
