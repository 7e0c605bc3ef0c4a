"""Runs the practice registry until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from reporting.sandbox.server import Registry, serve


class Command(BaseCommand):
    """`manage.py registry_sandbox`: PARS as the settings expect it."""

    help = "Runs a practice PARS: ABIM numbers ending in 9 are unknown to it, those ending in 8 belong to another name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Where to listen; other machines reach 0.0.0.0.")
        parser.add_argument("--decide-after", type=float, default=10.0, help="Seconds until a board decides.")

    def handle(self, *_args: Any, **options: Any) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        registry = Registry(
            provider=settings.PARS["provider"],
            user=settings.PARS["user"],
            password=settings.PARS["password"],
            decide_after=options["decide_after"],
            journal=settings.VAR_DIR / "registry.jsonl",
        )
        port = urlsplit(settings.PARS["url"]).port or 80
        with serve(registry, port, options["host"]) as server:
            self.stdout.write(f"Practice registry on http://{options['host']}:{port}")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("Stopped.")
