"""Settings that protect: production's own check, headers on every kind of page, keys, and quiet logs."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver
from pytest_django import Settings

from cme_portal import celery, checks, keys
from cme_portal.logs import WithoutSecrets
from cme_portal.views import csrf_failure
from tests.factories import UserFactory
from tests.frame.test_routes import routes

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "DEMO": "false",
    "DEBUG": "false",
    "SECRET_KEY": "k" * 60 + "0123456789",
    "ALLOWED_HOSTS": "cme.example",
    "PUBLIC_URL": "https://cme.example",
    "TRUSTED_PROXIES": "1",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example:587",
    "PARS_URL": "https://parsii.example",
}


def manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def test_production_settings_pass_djangos_own_check() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_production_speaks_for_its_own_host_only() -> None:
    asked = "from django.conf import settings as s; print(s.SECURE_HSTS_SECONDS > 0, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    assert manage("shell", "-v0", "-c", asked, **PRODUCTION).stdout.strip() == "True False"


def test_database_and_folder_of_one_machine_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    done = manage("migrate", "-v0", DEMO="true", VAR_DIR=str(folder), DATABASE_URL="")
    assert done.returncode == 0, done.stderr
    assert [path.stat().st_mode & 0o077 for path in (folder, folder / "portal.sqlite3")] == [0, 0]


def test_production_does_not_start_without_its_keys() -> None:
    env = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "FIELD_KEYS"}}
    env |= {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Set the SECRET_KEY environment variable" in done.stderr


def test_production_shows_no_mails_and_makes_no_people() -> None:
    shown = manage("shell", "-v0", "-c", "from django.conf import settings; print(settings.SHOW_MAILS)", **PRODUCTION)
    assert shown.stdout.strip() == "False"
    assert "set DEMO=true" in manage("load_demo", "--people", **PRODUCTION).stderr


@pytest.mark.parametrize("address", ["/", "/verify/", "/accounts/login/", "/nowhere/"])
def test_learners_pages_allow_no_foreign_and_no_inline_code(client: Client, db: None, address: str) -> None:
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert " style=" not in answer.content.decode()
    assert "<script>" not in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/", "/profile/", "/credits/", "/credits/transcript.csv", "/accounts/email/", "/admin/"]
)
def test_no_cache_keeps_what_a_signed_in_person_sees(client: Client, db: None, address: str) -> None:
    client.force_login(UserFactory(officer=True))
    assert "no-store" in client.get(address)["Cache-Control"]


def test_public_pages_may_be_kept(client: Client, db: None) -> None:
    assert "Cache-Control" not in client.get("/").headers


def test_links_that_open_something_are_left_out_of_the_log() -> None:
    secret = [
        route for route in routes(get_resolver().url_patterns) if re.search(r"<\w*:?(?:token|key)>|P<key>", route)
    ]
    mailed = [route for route in secret if "slug:key" not in route]
    assert len(mailed) == 5
    for route in mailed:
        assert "a-Secret_token:1x" not in logged("/" + route.replace("<str:token>", "a-Secret_token:1x")), route


def logged(path: str) -> str:
    formatter = WithoutSecrets("{levelname} {message}", style="{")
    record = logging.makeLogRecord({"levelname": "WARNING", "msg": "%s: %s", "args": ("Unprocessable Entity", path)})
    return formatter.format(record)


def test_office_alone_has_the_looser_policy(client: Client, db: None) -> None:
    assert "'unsafe-eval'" in client.get("/admin/login/")["Content-Security-Policy"]


def test_form_that_was_open_too_long_is_told_what_to_do() -> None:
    answer = csrf_failure(_request(), reason="CSRF cookie not set.")
    assert answer.status_code == 403
    assert "Please send the form again" in answer.content.decode()


def _request():  # type: ignore[no-untyped-def]  # noqa: ANN202
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.env"
    keys.ensure(path)
    first = path.read_text()
    keys.ensure(path)
    assert path.read_text() == first
    assert [line.partition("=")[0] for line in first.splitlines()] == ["SECRET_KEY", "FIELD_KEYS"]
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_two_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.env"
    path.write_text("SECRET_KEY=the other process's\n")
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    keys.ensure(path)
    monkeypatch.undo()
    assert path.read_text() == "SECRET_KEY=the other process's\n"


GOOD = {
    "DEMO": False,
    "DEBUG": False,
    "HTTPS": True,
    "PUBLIC_URL": "https://cme.society.example",
    "EMAIL_TRANSPORT": {"EMAIL_HOST": "mail.example"},
    "ALLOWED_HOSTS": ["cme.society.example"],
}
SERVICE = {"MAIL_SERVICE": "mailgun"}


def wrong_with(settings: Settings, **changes: Any) -> list[str]:
    """Return the settings that keep a good installation from starting after these changes."""
    for name, value in (GOOD | changes).items():
        setattr(settings, name, value)
    return [name for name, _ in checks.problems()]


def test_good_installation_starts(settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "url": "https://parsii.example"}
    assert wrong_with(settings) == []
    assert wrong_with(settings, ANYMAIL={"WEBHOOK_SECRET": "name:word"}, **SERVICE) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": "unused"}, ["SECRET_KEY"]),
        ({"FIELD_KEYS": []}, ["FIELD_KEYS"]),
        ({"FIELD_KEYS": [""]}, ["FIELD_KEYS"]),
        ({"FIELD_KEYS": ["unused"]}, ["FIELD_KEYS"]),
        ({"PUBLIC_URL": "http://localhost:8000"}, ["PUBLIC_URL"]),
        ({"PUBLIC_URL": "http://cme.society.example"}, ["PUBLIC_URL"]),
        ({"EMAIL_TRANSPORT": None}, ["EMAIL_URL"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["ALLOWED_HOSTS"]),
        ({"FAIL_POINT": "jobs.after-lease"}, ["FAIL_POINT"]),
        ({"ANYMAIL": {}, **SERVICE}, ["ANYMAIL"]),
        ({"ANYMAIL": {"WEBHOOK_SECRET": ":"}, **SERVICE}, ["ANYMAIL"]),
        ({"DEMO": True}, ["DEMO"]),
    ],
)
def test_wrong_setting_is_named(settings: Settings, changes: dict[str, Any], named: list[str]) -> None:
    settings.PARS = {**settings.PARS, "url": "https://parsii.example"}
    assert wrong_with(settings, **changes) == named


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"password": "pässword"}, "PARS_PASSWORD"),
        ({"user": "a\nb"}, "PARS_USER"),
        ({"provider": "000\u00a01234"}, "PARS_PROVIDER_ID"),
        ({"url": "http://parsii.example"}, "PARS_URL"),
    ],
)
def test_wrong_setting_of_the_registry_is_named(settings: Settings, changes: dict[str, str], named: str) -> None:
    settings.PARS = {**settings.PARS, "url": "https://parsii.example", **changes}
    assert wrong_with(settings) == [named]


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["manage.py", "work", "--once"],
        ["-m", "gunicorn", "cme_portal.wsgi", "--check-config"],
        ["-m", "celery", "-A", "cme_portal", "beat", "--max-interval", "1"],
    ],
    ids=["check", "work", "web", "beat"],
)
def test_nothing_starts_with_a_bad_key_and_each_says_which_setting(command: list[str]) -> None:
    env = {**os.environ, "FIELD_KEYS": "unused"}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "FIELD_KEYS: Key 1 of 1 is no Fernet key." in done.stdout + done.stderr


def test_demonstration_without_https_may_start(settings: Settings) -> None:
    assert wrong_with(settings, DEMO=True, HTTPS=False) == []


def test_development_is_not_held_to_productions_rules(settings: Settings) -> None:
    assert wrong_with(settings, DEBUG=True, PUBLIC_URL="http://localhost:8000") == []


def test_worker_and_beat_refuse_wrong_settings_with_good_values(settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "url": "https://parsii.example"}
    assert wrong_with(settings) == []
    celery._check()
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemExit, match="The portal does not start:\n  SECRET_KEY: It has fewer than"):
        celery._check()


def test_every_command_checks_the_settings(settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "url": "https://parsii.example"}
    assert wrong_with(settings, SECRET_KEY="short") == ["SECRET_KEY"]
    (found,) = checks.settings_are_right()
    assert (found.id, found.msg.partition(":")[0]) == ("cme_portal.E001", "SECRET_KEY")
