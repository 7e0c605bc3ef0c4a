"""Ten workers are killed in the middle of two thousand deliveries: nothing is lost, and hardly anything comes twice."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from email.parser import BytesHeaderParser

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from accounts.models import User
from certificates.models import Certificate, StoredPdf
from jobs.models import Job
from outbox.models import Message
from tests import servers
from tests.certificates.making import unsaved
from tests.conftest import Mailbox
from tests.environment import SERVERS
from tests.factories import UserFactory
from tests.portal import ROOT
from tests.story.conftest import end_leases

# The code is the same on both engines, so the large crowd comes on one of them only.
MANY, KILLS = (2000, 10) if SERVERS else (200, 3)


class Counting(Mailbox):
    """Keeps the Message-IDs of what it took, and not the mails."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        self.taken[str(BytesHeaderParser().parsebytes(bytes(envelope.content or b""))["Message-ID"])] += 1
        return "250 Taken"


@pytest.fixture
def box() -> Counting:
    """What the mail server is."""
    return Counting()


@pytest.fixture
def learner(committed: None) -> User:
    user: User = UserFactory()
    return user


def issue_many(learner: User) -> None:
    """Write certificates and their jobs as `certificates.services.issue` does, in two statements."""
    now = timezone.now() - timedelta(seconds=1)
    rows = [unsaved(number, learner=f"Ada Okafor the {number}th") for number in range(MANY)]
    for number, row in enumerate(rows):
        row.learner, row.reference, row.kind = learner, f"R-{number}", "ama_pra"
        row.issued_at = row.deliver_at = now
    made = Certificate.objects.bulk_create(rows)
    Job.objects.bulk_create(
        Job(kind="certificates.deliver", subject_id=row.pk, key=f"certificates.deliver:{row.pk}", due=now)
        for row in made
    )


def test_ten_kills_among_two_thousand_deliveries(learner: User, environment: dict[str, str], box: Counting) -> None:
    issue_many(learner)
    for kill in range(KILLS):
        worker = start(environment)
        wanted = (kill + 1) * MANY // (KILLS + 2)
        servers.wait_until(lambda wanted=wanted: box.taken.total() >= wanted, f"{wanted} mails", 240)  # type: ignore[misc]
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        end_leases()
    assert start(environment).wait() == 0
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert (Certificate.objects.filter(state="delivered").count(), StoredPdf.objects.count()) == (MANY, MANY)
    messages = list(Message.objects.values_list("message_id", "state"))
    assert {state for _, state in messages} == {"sent"}
    assert (len(messages), set(box.taken)) == (MANY, {message_id for message_id, _ in messages})
    assert box.taken.total() - MANY <= KILLS
    assert StoredPdf.objects.filter(sheet=None).count() <= 5 * (KILLS + 1)


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one worker that runs until nothing is due."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", "--once"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
