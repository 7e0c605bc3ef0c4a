"""Brings a demonstration's database up to date in one process, because `script/server` starts it every time."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """`manage.py start_demo`: tables, cache table, and, the first time, the examples."""

    help = "Migrates, and loads the examples if there are none."

    def handle(self, *_args: Any, **_options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("createcachetable")
        call_command("load_demo", people=True, if_empty=True)
