"""A served portal and a real browser."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_socket
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jobs.models import Job
from reporting.sandbox.server import Registry
from tests.conftest import Mailbox
from tests.portal import Portal

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# In CI these run once, on PostgreSQL and Redis: they are about pages, not about a database.
ABOUT_PAGES = [
    "test_annual_meeting.py",
    "test_self_study.py",
    "test_publishing.py",
    "test_certificates.py",
    "test_reports.py",
]
collect_ignore = ABOUT_PAGES if os.environ.get("CI") and os.environ.get("TEST_ENGINE") != "servers" else []
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
BOARD_NUMBERS = map(str, count(200_000, 10))  # each learner's own: a number is reported once for an activity
PATIENCE = 15_000  # milliseconds: a busy machine is slow, and only what never comes is wrong
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def portal(folder: Path) -> Iterator[Portal]:
    """The whole demonstration, running; tests share it and bring learners of their own."""
    served = Portal(folder / f"portal-{uuid4().hex}")
    served.start_registry()
    served.start_workers()
    served.start_web()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    pytest_socket.enable_socket()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a new visitor's page; what its console complains about fails the test."""
    contexts, complaints = [], []

    def open_page(size: dict[str, int], *, javascript: bool = True) -> Page:
        context = browser.new_context(viewport=size, java_script_enabled=javascript, accept_downloads=True)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if _is_fault(message) else None)
        page.set_default_timeout(PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _is_fault(message: object) -> bool:
    """Refusals with a status of their own (422, 403, 404) are meant; everything else in the console is not."""
    words = str(getattr(message, "text", ""))
    return getattr(message, "type", "") == "error" and "the server responded with a status of 4" not in words


@pytest.fixture
def environment(settings: object, mailbox: Mailbox, registry: Registry) -> dict[str, str]:
    """What a worker process of its own is told: the suite's database, mail server and registry."""
    where = connection.settings_dict
    name = str(where["NAME"])
    database = (
        f"sqlite:///{name}"
        if connection.vendor == "sqlite"
        else os.environ["DATABASE_URL"].replace("/postgres", f"/{name}")
    )
    port = settings.EMAIL_TRANSPORT["EMAIL_PORT"]  # type: ignore[attr-defined]
    return {
        **os.environ,
        "DATABASE_URL": database,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "PARS_URL": settings.PARS["url"],  # type: ignore[attr-defined]
        "PARS_POLL_SECONDS": "0",
        "PYTHONWARNINGS": "ignore",
    }


def end_leases() -> None:
    """Let time pass: whatever a dead worker held is due again."""
    Job.objects.filter(state="todo").update(due=timezone.now() - timedelta(seconds=1))
