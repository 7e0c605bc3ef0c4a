"""A mail service instead of SMTP: sent by its interface, and told by it what came back or was called spam."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from anymail.exceptions import AnymailRecipientsRefused
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import send_mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from cme_portal import urls
from jobs import runner
from jobs.models import Job
from outbox import events
from outbox.models import Message

pytestmark = pytest.mark.django_db
KEY = "signing-key"
SECRET = "hook:three-quiet-herons"
ADDRESS = "/mail-events/mailgun/"


class Service(BaseHTTPRequestHandler):
    """The sending side of a mail service: keeps what it was given and answers as told."""

    given: ClassVar[list[bytes]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        """Take a message."""
        self.given.append(self.rfile.read(int(self.headers["Content-Length"])))
        answer = b'{"id": "<service-7@mail.example>", "message": "Queued."}'
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service(settings: Settings) -> Iterator[type[Service]]:
    """A mail service on this machine, and the portal set to use it."""
    Service.given, Service.status = [], 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MAIL_SERVICE = "mailgun"
    settings.EMAIL_TRANSPORT = {"EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend"}
    settings.ANYMAIL = {
        "MAILGUN_API_KEY": "key",
        "MAILGUN_API_URL": f"http://127.0.0.1:{server.server_port}/v3",
        "MAILGUN_SENDER_DOMAIN": "mail.example",
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "WEBHOOK_SECRET": SECRET,
    }
    module = ModuleType("mail_events_urls")
    module.urlpatterns = [*events.routes(), *urls.urlpatterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = module
    yield Service
    server.shutdown()
    server.server_close()


@pytest.fixture
def sent(service: type[Service], learner: User) -> Message:
    send_mail("Subject", "Words", None, [learner.email])
    runner.drain("mail")
    return Message.objects.get()


def report(kind: str, message_id: str, *, key: str = KEY, secret: str = SECRET, **more: Any) -> int:
    """Post what the service would post, signed with `key`."""
    stamp, token = str(int(time.time())), "token"
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": kind, "timestamp": time.time(), "message": {"headers": {"message-id": message_id}}, **more
        },
    }  # fmt: skip
    login = {"HTTP_AUTHORIZATION": f"Basic {base64.b64encode(secret.encode()).decode()}"} if secret else {}
    client = Client(raise_request_exception=False)
    return client.post(ADDRESS, json.dumps(body), content_type="application/json", **login).status_code  # type: ignore[arg-type]


BOUNCE = {"severity": "permanent", "delivery-status": {"code": 550, "message": "5.1.1 No such mailbox"}}


def test_message_leaves_by_the_services_interface(sent: Message, service: type[Service]) -> None:
    assert (sent.state, sent.service_id) == ("sent", "<service-7@mail.example>")
    assert parse_qs(service.given[0].decode())["h:Message-Id"] == [sent.message_id]


@pytest.mark.parametrize(
    ("status", "state", "job"),
    [(400, "failed", "dead"), (401, "waiting", "todo"), (429, "waiting", "todo"), (500, "waiting", "todo")],
)
def test_services_answer_decides(service: type[Service], learner: User, status: int, state: str, job: str) -> None:
    service.status = status
    send_mail("Subject", "Words", None, [learner.email])
    runner.drain("mail")
    message = Message.objects.get()
    assert (message.state, Job.objects.get().state) == (state, job)
    assert str(status) in message.error


def test_receiver_that_the_service_will_not_write_to_is_final(learner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_message: Message) -> str:
        raise AnymailRecipientsRefused

    monkeypatch.setattr("outbox.transports.deliver", refuse)
    send_mail("Subject", "Words", None, [learner.email])
    runner.drain("mail")
    assert Message.objects.get().state == "failed"


@pytest.mark.parametrize("named", ["message_id", "service_id"])
def test_what_came_back_is_shown_with_the_receivers_words(sent: Message, named: str) -> None:
    identifier = getattr(sent, named).strip("<>") if named == "message_id" else sent.service_id
    assert report("failed", identifier, **BOUNCE) == 200
    sent.refresh_from_db()
    assert (sent.state, "No such mailbox" in sent.error) == ("bounced", True)
    assert report("failed", identifier, **BOUNCE) == 200


def test_complaint_turns_reminders_off(sent: Message, learner: User) -> None:
    assert report("complained", sent.message_id.strip("<>")) == 200
    sent.refresh_from_db()
    learner.refresh_from_db()
    assert (sent.state, learner.wants_reminders) == ("complained", False)


def test_delivery_and_strangers_mails_change_nothing(sent: Message) -> None:
    assert report("delivered", sent.message_id.strip("<>")) == 200
    assert report("failed", "somebody@else.example", **BOUNCE) == 200
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_report_that_is_faster_than_our_own_note_is_asked_for_again(sent: Message) -> None:
    Message.objects.update(state="queued", sent_at=None)
    assert report("failed", sent.message_id.strip("<>"), **BOUNCE) == 500
    assert Message.objects.get().state == "queued"


@pytest.mark.parametrize(("key", "secret"), [("other", SECRET), (KEY, ""), (KEY, "hook:wrong")])
def test_report_without_signature_or_secret_is_refused(sent: Message, key: str, secret: str) -> None:
    assert report("failed", sent.message_id.strip("<>"), key=key, secret=secret, **BOUNCE) == 400
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_service_needs_a_secret_and_must_be_known(settings: Settings) -> None:
    assert events.routes() == []
    settings.MAIL_SERVICE, settings.ANYMAIL = "mailgun", {}
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_SECRET"):
        events.routes()
    settings.MAIL_SERVICE, settings.ANYMAIL = "pigeons", {"WEBHOOK_SECRET": SECRET}
    with pytest.raises(ImproperlyConfigured, match="pigeons"):
        events.routes()
