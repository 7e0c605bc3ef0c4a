"""Fixtures that many tests share: real servers at the edge, and a learner's way through a request."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_socket
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from activities.models import Activity
from audit import guard as trail
from credits import guard as ledger
from reporting.sandbox.server import Registry
from tests.factories import ActivityFactory, UserFactory
from tests.registry import running


def pytest_runtest_setup() -> None:
    """Let no test reach beyond this machine."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _as_in_life_but_quick(settings: Settings) -> None:
    """Undo the test runner's replacement of the project's e-mail backend; hash passwords fast."""
    settings.EMAIL_BACKEND = "outbox.backend.OutboxBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def folder() -> Path:
    """The run's own folder."""
    return Path(os.environ["CME_TEST_FOLDER"])


@pytest.fixture
def learner(db: None) -> User:
    """A physician."""
    user: User = UserFactory()
    return user


@pytest.fixture
def activity(db: None) -> Activity:
    """A live activity with MOC points and three questions, open for claims."""
    activity: Activity = ActivityFactory(moc="18.50", questions=3)
    return activity


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Rows that other processes see; the guards of trail and ledger step aside when the tables are emptied."""
    for guard in (trail, ledger):
        guard.install()
    yield
    for guard in (trail, ledger):
        guard.remove()


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    """A practice registry on a free port, with the credentials that the portal has; decides at once."""
    with running(settings) as registry:
        yield registry


class Mailbox:
    """A real SMTP server's handler that keeps what it was given; `answers` come first, one per recipient."""

    def __init__(self) -> None:
        self.accepted: list[Envelope] = []
        self.answers: list[str] = []
        self.verdict = "250 Taken"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.verdict.startswith("250"):
            self.accepted.append(envelope)
        return self.verdict


@pytest.fixture
def box() -> Mailbox:
    """What the mail server does with what it is given."""
    return Mailbox()


@pytest.fixture
def mailbox(settings: Settings, unused_port: Callable[[], int], box: Mailbox) -> Iterator[Mailbox]:
    """A real SMTP server that the outbox delivers to."""
    controller = Controller(
        box, hostname="127.0.0.1", port=unused_port(), authenticator=_refuse_login, auth_require_tls=False
    )
    controller.start()
    settings.EMAIL_TRANSPORT = smtp_settings(controller.port)
    yield box
    controller.stop()


def _refuse_login(*_asked: object) -> AuthResult:
    return AuthResult(success=False, handled=False)


def smtp_settings(port: int) -> dict[str, object]:
    """Return what EMAIL_URL=smtp://127.0.0.1:port means."""
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
    }


@pytest.fixture
def unused_port() -> Callable[[], int]:
    """Return a function that names a free port."""
    from tests.servers import free_port  # noqa: PLC0415 (named like the fixture)

    return free_port


@pytest.fixture
def on_sqlite() -> bool:
    """Whether this run uses the embedded database."""
    return connection.vendor == "sqlite"
