"""Loads the example activities and two people to look at them with."""

from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.professions import Profession
from activities.models import Activity
from demo import loader

LEARNER = "learner@example.org"
OFFICER = "officer@example.org"
PASSWORD = "three-quiet-herons"  # noqa: S105 (a demonstration's, printed by script/server)


class Command(BaseCommand):
    """`manage.py load_demo`, as often as you like."""

    help = "Loads three example activities; with DEMO on, also a learner and a CME officer with a known password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-published", action="store_true", help="Keep the real dates of 2018 and 2022.")
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when they are loaded already.")
        parser.add_argument("--people", action="store_true", help="Also make the people; refused unless DEMO is on.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["people"] and not settings.DEMO:
            raise CommandError("People with a known password belong on a demonstration only: set DEMO=true.")
        if options["if_empty"] and Activity.objects.exists():
            return
        now = timezone.now()
        today = None if options["as_published"] else now.date()
        for path in loader.files():
            self.stdout.write(f"Loaded: {loader.load(path, today=today, now=now)}")
        if options["people"]:
            _load_people()


def _load_people() -> None:
    learner = {
        "first_name": "Ada",
        "last_name": "Okafor",
        "degrees": "MD",
        "profession": Profession.PHYSICIAN,
        "country": "United States",
    }
    officer = {"first_name": "Robin", "last_name": "Vance", "profession": Profession.OTHER, "is_staff": True}
    for email, fields in ((LEARNER, learner), (OFFICER, officer)):
        if not User.objects.filter(email=email).exists():
            user = User.objects.create_user(email, PASSWORD, **fields)
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    _permit_office(User.objects.get(email=OFFICER))


def _permit_office(officer: User) -> None:
    """Let the officer do everything in the office's rooms, and nothing with logins, permissions or the trace."""
    rooms = ("activities", "surveys", "credits", "office", "certificates", "reporting", "outbox", "jobs", "audit")
    allowed = Permission.objects.filter(content_type__app_label__in=rooms)
    people = Permission.objects.filter(content_type__app_label="accounts", codename__in=("view_user",))
    officer.user_permissions.set([*allowed, *people])
