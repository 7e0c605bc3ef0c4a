"""A whole portal in processes of its own: web, workers, practice registry, on a database and in a folder of its own."""

import email
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg2
from django.conf import settings

from tests import servers
from tests.environment import SERVERS

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "three-quiet-herons"
OFFICER = "officer@example.org"
ADD_LEARNER = """
from allauth.account.models import EmailAddress
from accounts.models import User
names = {{"first_name": "Ada", "last_name": "Okafor", "degrees": "MD", "profession": "{profession}"}}
user = User.objects.create_user("{address}", "{password}", **names)
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
QUEUES = "certificates,mail,reporting,office"


@dataclass
class Portal:
    """The demonstration, served; `env` adds to or replaces what its processes are told."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        port, registry = servers.free_port(), servers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        engine = {"DATABASE_URL": new_database(self.folder.name), "REDIS_URL": settings.REDIS_URL} if SERVERS else {}
        own = {
            "VAR_DIR": str(self.folder),
            "DEMO": "true",
            "PUBLIC_URL": self.url,
            "PARS_URL": f"http://127.0.0.1:{registry}",
            "PARS_POLL_SECONDS": "1",
            "PYTHONWARNINGS": "ignore",
        }
        self.env = {**os.environ, **own, **engine, **self.env}
        self.manage("start_demo")

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, code: str) -> str:
        """Run a few lines of Python inside the portal."""
        return self.manage("shell", "-v0", "-c", code)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start one process of the portal."""
        name = command[2] if len(command) > 2 else command[0]
        log = self.folder / f"{name}.log"
        process = servers.start([sys.executable, "-m", *command], name=name, log=log, env=self.env)
        self.processes.append(process)
        return process

    def start_web(self) -> None:
        """Start the web server and wait for it."""
        self.start(
            "gunicorn", "cme_portal.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads=8", "--no-control-socket"
        )
        servers.wait_until(self._is_up, f"the portal at {self.url} answers; see {self.folder}")

    def start_workers(self) -> None:
        """Start what does the work after the commit: Celery and beat where there is Redis, else the polling worker."""
        if SERVERS:
            self.start("celery", "-A", "cme_portal", "worker", "-Q", QUEUES, "-c", "2")
            self.start("celery", "-A", "cme_portal", "beat")
        else:
            self.start_module("work")

    def start_registry(self) -> None:
        """Start the practice registry; it decides after a second."""
        self.start_module("registry_sandbox", "--decide-after", "1")

    def start_module(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a management command that runs until it is stopped."""
        log = self.folder / f"{arguments[0]}.log"
        process = servers.start([sys.executable, "manage.py", *arguments], name=arguments[0], log=log, env=self.env)
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End every process."""
        for process in self.processes:
            servers.stop(process)

    def add_learner(self, profession: str = "physician") -> str:
        """Make a learner with the demonstration's password and return their address."""
        address = f"{uuid4().hex[:10]}@example.org"
        self.run(ADD_LEARNER.format(address=address, password=PASSWORD, profession=profession))
        return address

    def mails(self, subject: str, to: str) -> list[EmailMessage]:
        """Return the mails delivered to an address whose subject contains `subject`, oldest first."""
        paths = sorted((self.folder / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime)
        parsed = [email.message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [mail for mail in parsed if subject in mail["Subject"] and mail["To"] == to]  # type: ignore[misc]

    def wait_for_mail(self, subject: str, to: str, seconds: float = 60, beside: int = 0) -> EmailMessage:
        """Return the newest mail to this address with this subject, as soon as there is one beside earlier ones."""
        awaited = f"a mail: {subject}; see {self.folder}"
        servers.wait_until(lambda: len(self.mails(subject, to)) > beside, awaited, seconds)
        return self.mails(subject, to)[-1]

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def code_in(mail: EmailMessage) -> str:
    """Return the sign-in code that a mail brings."""
    found = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", text_of(mail), re.MULTILINE)
    assert found, text_of(mail)
    return found[1]


def new_database(name: str) -> str:
    """Create a database beside the suite's own and return its URL."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    safe = re.sub(r"\W", "_", name).lower()
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{safe}"')
    connection.close()
    return f"{base}/{safe}"


def signed_in(portal: Portal, address: str) -> Iterator[httpx.Client]:
    """Yield an HTTP client that is signed in as this learner."""
    with httpx.Client(base_url=portal.url, follow_redirects=False, timeout=60, trust_env=False) as client:
        page = client.get("/accounts/login/")
        form = {"login": address, "password": PASSWORD, "csrfmiddlewaretoken": token_in(page.text)}
        answer = client.post("/accounts/login/", data=form)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        yield client


def token_in(page: str) -> str:
    """Return the CSRF token of a page's form."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page
    return found[1]
