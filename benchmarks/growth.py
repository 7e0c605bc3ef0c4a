"""What the portal costs when it has grown: the same work among 1,000,000 awards and among 10,000.

Two databases are filled, and subject and baseline take turns between them on the same connection settings.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, CreditDesignation, Session
from benchmarks.subjects import HOURS, Turns, nothing
from credits import guard
from credits.models import Claim, ClaimedSession
from credits.services import claiming
from credits.services.claiming import ClaimRequest

CLAIM = """
    INSERT INTO credits_claim (
        reference, learner_id, activity_id, role, profession, claimed_at, attestation, wants_moc, by_office
    )
    SELECT 'G-' || person.id || '-' || activity.id, person.id, activity.id, 'learner', 'physician', %s, '', false, false
    FROM accounts_user person, activities_activity activity
    WHERE activity.slug LIKE 'grown-%%' AND person.id >= %s"""
AWARD = """
    INSERT INTO credits_award (claim_id, designation_id, credit_type, amount, awarded_at, awarded_by_id, reason)
    SELECT claim.id, designation.id, 'ama_pra', 4, %s, claim.learner_id, ''
    FROM credits_claim claim JOIN activities_creditdesignation designation USING (activity_id)
    WHERE claim.learner_id >= %s"""
CERTIFICATE = """
    INSERT INTO certificates_certificate (
        learner_id, reference, kind, version, number, code, data, template, issued_at, deliver_at, state, delivered_at,
        revoked_because, issued_because, delivered_to
    )
    SELECT
        learner_id, reference, 'ama_pra', 1, reference, reference, '{}', 'classic-1', %s, %s, 'delivered', %s,
        '', '', ''
    FROM credits_claim WHERE learner_id >= %s"""
FEW, MANY = 10_000, 1_000_000
CLAIMS, SESSIONS = 200, 300
SUFFIX = "grown"


class Databases:
    """The small and the grown database, made once; `other` turns from one to the other."""

    def __init__(self) -> None:
        _prepare()
        _fill(FEW)
        connection.creation.clone_test_db(SUFFIX, verbosity=0, autoclobber=True)
        self.small = str(connection.settings_dict["NAME"])
        self.grown = str(connection.creation.get_test_db_clone_settings(SUFFIX)["NAME"])
        self.use(self.grown)
        _fill(MANY - FEW)

    def use(self, name: str) -> None:
        """Connect to one of them, and let the connection be warm."""
        connection.close()
        connection.settings_dict["NAME"] = name
        guard.install()
        User.objects.first()

    def other(self) -> None:
        """Turn to the other one."""
        self.use(self.small if connection.settings_dict["NAME"] == self.grown else self.grown)


@cache
def databases() -> Databases:
    """Fill both once for all rows."""
    return Databases()


def growth_of(action: Callable[[], Any]) -> Turns:
    """Return turns of the same action, in the grown database and in the small one."""
    made = databases()
    made.use(made.grown)
    return action, action, made.other


def claim_growth() -> Turns:
    """A claim of 300 sessions."""
    return growth_of(_claim)


def transcript_growth() -> Turns:
    """The page of a transcript of 200 claims."""
    return growth_of(_transcript)


def claim_sessions() -> Turns:
    """A claim of 300 sessions among 10,000 awards, against the bare insert of the 300 chosen sessions."""
    made = databases()
    made.use(made.small)
    chosen = list(Activity.objects.get(slug="grown-0").sessions.all())
    claim = Claim.objects.get(activity__slug="grown-0", learner__email="veteran@example.org")

    def insert_bare() -> None:
        with transaction.atomic():
            ClaimedSession.objects.bulk_create(ClaimedSession(claim=claim, session=row, amount=1) for row in chosen)
            transaction.set_rollback(True)

    return _claim, insert_bare, nothing


def transcript() -> Turns:
    """The page of a transcript of 200 claims among 10,000 awards, against an empty view."""
    made = databases()
    made.use(made.small)
    return _transcript, lambda: _ignore(Client().get("/empty/")), nothing


def _ignore(_result: object) -> None:
    """Keep nothing."""


def _claim() -> None:
    activity = Activity.objects.with_credit().get(slug="grown-0")
    chosen = dict.fromkeys(activity.sessions.values_list("pk", flat=True), Decimal("1.00"))
    with transaction.atomic():
        learner = User.objects.get(email="claimant@example.org")
        request = ClaimRequest(chosen, "I took part.")
        made = claiming.claim(learner=learner, activity=activity, request=request, now=timezone.now())
        assert made.sessions.count() == SESSIONS  # noqa: S101
        transaction.set_rollback(True)


def _transcript() -> None:
    client = Client()
    client.force_login(User.objects.get(email="veteran@example.org"))
    page = client.get("/credits/").content
    assert page.count(b"reference <span") == CLAIMS  # noqa: S101


def _prepare() -> None:
    """Make 200 activities, the first with 300 sessions, a veteran who claimed all of them, and a newcomer."""
    if Activity.objects.filter(slug="grown-0").exists():
        return
    model = Activity.objects.get(slug="cancer-metastasis")
    for number in range(CLAIMS):
        row = Activity.objects.get(pk=model.pk)
        row.pk, row.slug, row.code, row._state.adding = None, f"grown-{number}", f"G{number:05}", True  # noqa: SLF001 (Django's documented way to copy a row)
        row.claim_by = Activity.ClaimBy.SESSIONS
        row.save()
        CreditDesignation.objects.create(activity=row, credit_type="ama_pra", maximum=Decimal("18.50"))
    first = Activity.objects.get(slug="grown-0")
    sessions = [Session(activity=first, title=f"Session {n}", day=first.starts_on, **HOURS) for n in range(SESSIONS)]
    for number, session in enumerate(sessions):
        session.code = f"S{number:05}"
        session.compute()
    Session.objects.bulk_create(sessions)
    person = {"first_name": "Ada", "last_name": "Okafor", "profession": "physician"}
    User.objects.bulk_create(User(email=f"{name}@example.org", **person) for name in ("claimant", "veteran"))


def _fill(count: int) -> None:
    """Add so many awards, each with its claim and certificate: every person has claimed all 200 activities."""
    guard.remove()
    stem = Claim.objects.count()
    people = [User.objects.get(email="veteran@example.org")] if not stem else []
    people += User.objects.bulk_create(
        User(email=f"grown{stem}-{n}@example.org") for n in range(count // CLAIMS - len(people))
    )
    now = timezone.now()
    with connection.cursor() as cursor:
        for statement, dates in ((CLAIM, 1), (AWARD, 1), (CERTIFICATE, 3)):
            cursor.execute(statement, [*[now] * dates, people[0].pk])
