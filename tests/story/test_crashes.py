"""A worker that dies at the worst moment loses nothing and does nothing twice; a broker that dies stops nobody."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from django.utils import timezone

from certificates.models import Certificate, StoredPdf
from credits.models import Claim
from credits.services import claiming
from credits.services.claiming import ClaimRequest
from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from reporting.sandbox.server import Registry
from reporting.snapshots import Identity
from tests import servers
from tests.conftest import Mailbox
from tests.environment import SERVERS
from tests.factories import ActivityFactory, UserFactory
from tests.portal import PASSWORD, QUEUES, ROOT, Portal, token_in
from tests.story.conftest import end_leases

ADA = Identity(given_name="Ada", family_name="Okafor", board_number="123456", birth_month=2, birth_day=29)
KILLED = -signal.SIGKILL
MEETING = "/activities/cancer-metastasis/request/"


@pytest.fixture
def claim(committed: None) -> Claim:
    """A claim with MOC points whose certificate, mails and report wait for a worker."""
    activity = ActivityFactory(moc="18.50")
    request = ClaimRequest(Decimal("12.25"), "I took part.", {"ABIM": ADA})
    return claiming.claim(learner=UserFactory(), activity=activity, request=request, now=timezone.now())


def work(environment: dict[str, str], fail_point: str = "") -> int:
    """Run one worker until nothing is due, or until it dies at the fail-point; return how it ended."""
    command = [sys.executable, "manage.py", "work", "--once", "--idle", "0.05"]
    env = {**environment, "FAIL_POINT": fail_point}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False).returncode


def message_ids(mailbox: Mailbox) -> list[str]:
    return [message_from_bytes(bytes(envelope.content or b""))["Message-ID"] for envelope in mailbox.accepted]


@pytest.mark.parametrize(
    "point", ["jobs.after-lease", "certificates.after-render", "outbox.after-250", "reporting.after-answer"]
)
def test_worker_killed_at(
    point: str, claim: Claim, environment: dict[str, str], mailbox: Mailbox, registry: Registry
) -> None:
    assert work(environment, point) == KILLED
    end_leases()
    assert work(environment) == 0
    check_that_all_is_done_once(mailbox, registry, repeated=1 if point == "outbox.after-250" else 0)


def check_that_all_is_done_once(mailbox: Mailbox, registry: Registry, *, repeated: int) -> None:
    """One certificate, one report, three mails; a mail may come twice only under the same Message-ID."""
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert (Certificate.objects.get().state, StoredPdf.objects.count()) == ("delivered", 1)
    assert Submission.objects.get().state == "accepted"
    assert list(registry.saves.values()) == [1]
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    delivered = message_ids(mailbox)
    assert sorted(set(delivered)) == sorted(Message.objects.values_list("message_id", flat=True))
    assert len(delivered) == Message.objects.count() + repeated == 3 + repeated


@pytest.mark.skipif(not SERVERS, reason="Celery belongs to the run on PostgreSQL and Redis")
def test_celery_worker_killed_while_it_works(
    claim: Claim, environment: dict[str, str], mailbox: Mailbox, registry: Registry, folder: Path
) -> None:
    log = folder / f"celery-{uuid4().hex}.log"
    redis, port = servers.start_redis_process(folder / f"redis-{uuid4().hex}")
    environment |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "VAR_DIR": str(log.with_suffix(""))}
    Path(environment["VAR_DIR"]).mkdir()
    celery = [sys.executable, "-m", "celery", "-A", "cme_portal"]
    beat = servers.start([*celery, "beat"], name="beat", log=log, env=environment)
    doomed = servers.start(
        [*celery, "worker", "-Q", QUEUES, "-c", "1"],
        name="celery",
        log=log,
        env={**environment, "FAIL_POINT": "certificates.after-render"},
    )
    servers.wait_until(lambda: Job.objects.filter(kind="certificates.deliver", attempts__gt=0).exists(), "a lease", 60)
    servers.stop(doomed, signal.SIGKILL)
    end_leases()
    healthy = servers.start([*celery, "worker", "-Q", QUEUES, "-c", "2"], name="celery", log=log, env=environment)
    servers.wait_until(lambda: not Job.objects.filter(state="todo").exists(), f"all work is done; see {log}", 90)
    for process in (healthy, beat, redis):
        servers.stop(process)
    check_that_all_is_done_once(mailbox, registry, repeated=0)


class Broker:
    """A Redis that can be frozen, killed and thawed, with a portal whose web process uses it."""

    def __init__(self, folder: Path) -> None:
        self.process, port = servers.start_redis_process(folder / "redis")
        self.portal = Portal(folder / f"portal-{uuid4().hex}", env={"REDIS_URL": f"redis://127.0.0.1:{port}/0"})
        self.portal.start_registry()
        self.portal.start_web()

    def stop(self) -> None:
        self.portal.stop()
        servers.stop(self.process)


@pytest.fixture
def broker(folder: Path) -> Iterator[Broker]:
    """A portal and its Redis."""
    broker = Broker(folder / f"broker-{uuid4().hex}")
    yield broker
    broker.stop()


def claim_by_http(portal: Portal, learner: str) -> httpx.Response:
    """Sign in, fill every page and submit; a page that takes longer than ten seconds fails."""
    with httpx.Client(base_url=portal.url, timeout=10, trust_env=False) as client:

        def post(address: str, data: dict[str, str]) -> httpx.Response:
            token = token_in(client.get(address).text)
            return client.post(address, data={**data, "csrfmiddlewaretoken": token})

        post("/accounts/login/", {"login": learner, "password": PASSWORD})
        post(MEETING + "credit/", {"amount": "2.5"})
        post(MEETING + "moc/", {"wants_moc": "no"})
        post(MEETING + "questions/", _first_choices(client.get(MEETING + "questions/").text))
        seen = re.search(r'name="seen" value="(\w+)"', client.get(MEETING + "check/").text)
        assert seen
        return post(MEETING + "check/", {"attested": "on", "seen": seen[1]})


def _first_choices(page: str) -> dict[str, str]:
    """Choose the first choice of every question that has one."""
    chosen: dict[str, str] = {}
    for radio in re.findall(r'<input type="radio"[^>]*>', page):
        name, value = (re.search(rf'{word}="(\w+)"', radio) for word in ("name", "value"))
        assert name
        assert value
        chosen.setdefault(name[1], value[1])
    assert chosen
    return chosen


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL], ids=["frozen", "dead"])
def test_broker_that_does_not_answer_stops_no_learner(broker: Broker, number: signal.Signals) -> None:
    learner = broker.portal.add_learner()
    os.kill(broker.process.pid, number)
    answer = claim_by_http(broker.portal, learner)
    assert answer.status_code == httpx.codes.FOUND
    assert answer.headers["Location"].startswith("/credits/R-")
    assert not broker.portal.mails("Your certificate", learner)
    broker.portal.start_module("work")  # the sweep finds what no message announced
    broker.portal.wait_for_mail("Your certificate", learner)
