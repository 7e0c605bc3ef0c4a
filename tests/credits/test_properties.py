"""Whatever is claimed, amended, corrected, granted and imported, in any order: the ledger's promises hold."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from activities.models import Activity
from certificates.models import Certificate
from credits.models import Award, Claim, LateGrant
from credits.offer import CannotAward
from credits.services import correcting, granting, importing
from credits.services.importing import CannotImport
from jobs import runner
from reporting.models import Submission
from surveys import pathway
from surveys.steps import NotOpen
from tests.credits.making import ADA, amend, claim, session
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = 2
QUARTERS = st.integers(-2, 30).map(lambda count: Decimal(count) / 4)
PERSON = st.integers(0, PEOPLE - 1)
CHOSEN = st.dictionaries(st.integers(0, 4), st.sampled_from(["0.25", "0.75", "1.00"]), max_size=5)
DAYS = st.integers(0, 20)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), PERSON, CHOSEN),
        st.tuples(st.just("amend"), PERSON, CHOSEN),
        st.tuples(st.just("correct"), PERSON, st.one_of(st.none(), QUARTERS)),
        st.tuples(st.just("grant"), PERSON, DAYS),
        st.tuples(st.just("import"), PERSON, QUARTERS),
        st.tuples(st.just("undo"), PERSON, st.none()),
        st.tuples(st.just("wait"), PERSON, DAYS),
    ),
    max_size=14,
)


class World:
    """A meeting of five hours of sessions for the team, two learners, and a clock."""

    def __init__(self) -> None:
        credit = {"ama_pra": "3.00", "ancc": "4.00", "ipce": "1.00"}
        self.activity: Activity = ActivityFactory(credit=credit, moc="2.00")
        self.sessions = [
            session(self.activity, hours, hours)
            for hours in ("08:00-09:00", "08:30-09:30", "10:00-11:00", "11:00-12:00", "11:00-12:00")
            if not self.activity.sessions.filter(title=hours).exists()
        ] + [session(self.activity, "13:00-14:00", "last")]
        self.people = [UserFactory(), UserFactory(nurse=True)]
        self.officer = UserFactory(officer=True)
        self.now: datetime = timezone.now()
        self.lists: list[Any] = []
        self.refused = 0

    def do(self, verb: str, person: int, what: Any) -> None:
        """Do one thing; what is refused must change nothing."""
        before = self.ledger()
        try:
            getattr(self, f"do_{verb}")(person, what)
        except (CannotAward, NotOpen, granting.CannotGrant, correcting.CannotCorrect, CannotImport):
            self.refused += 1
            assert self.ledger() == before
        self.check()

    def do_claim(self, person: int, chosen: dict[int, str]) -> None:
        learner = self.people[person]
        pathway.require_open("request", activity=self.activity, learner=learner, now=self.now)
        moc = ADA if person == 0 else None
        claim(learner, self.activity, self.asked(chosen), moc, now=self.now)

    def do_amend(self, person: int, chosen: dict[int, str]) -> None:
        made = self.claim_of(person)
        if made:
            amend(made, self.asked(chosen), now=self.now)

    def do_correct(self, person: int, amount: Decimal | None) -> None:
        made = self.claim_of(person)
        if made:
            verb = "withdraw" if amount is None else "change"
            correcting.correct(claims=[made], verb=verb, amount=amount, reason="x", actor=self.officer, now=self.now)
            runner.drain("office")

    def do_grant(self, person: int, days: int) -> None:
        until = (self.now + timedelta(days=days)).date()
        granting.grant(
            learner=self.people[person], activity=self.activity, until=until, reason="x", actor=self.officer,
            now=self.now,
        )  # fmt: skip

    def do_import(self, person: int, hours: Decimal) -> None:
        row = f"{self.people[person].email},{self.activity.slug},{hours},{self.activity.ends_on}"
        table = f"email,activity,hours,completed on\n{row}"
        made = importing.upload(
            file=ContentFile(table.encode(), name="list.csv"), kind="completion", actor=self.officer, now=self.now
        )
        runner.drain("office")
        made.refresh_from_db()
        importing.carry_out(source=made, doubtful=True, actor=self.officer)
        runner.drain("office")
        self.lists.append(made)

    def do_undo(self, _person: int, _what: None) -> None:
        if self.lists:
            importing.undo(source=self.lists.pop(), actor=self.officer)
            runner.drain("office")

    def do_wait(self, _person: int, days: int) -> None:
        self.now += timedelta(days=days)

    def asked(self, chosen: dict[int, str]) -> dict[int, Decimal]:
        return {self.sessions[n % len(self.sessions)].pk: Decimal(part) for n, part in chosen.items()}

    def claim_of(self, person: int) -> Claim | None:
        return Claim.objects.by_learner(self.people[person], self.activity).first()

    def ledger(self) -> list[tuple[int, Decimal]]:
        return list(Award.objects.order_by("pk").values_list("pk", "amount"))

    def check(self) -> None:
        """What is true after every step."""
        maxima = {row.credit_type: row.maximum for row in self.activity.designations.all()}
        sums = Award.objects.order_by().values_list("claim", "credit_type").annotate(Sum("amount"))
        for _claim, kind, amount in sums:
            assert 0 <= Decimal(amount) <= maxima[kind]
        for made in Claim.objects.prefetch_related("awards"):
            standing = {row.credit_type: row.amount for row in made.standing}
            assert {kind: Decimal(amount) for pk, kind, amount in sums if pk == made.pk and amount} == standing
            self.check_proofs(made, standing)

    def check_proofs(self, made: Claim, standing: dict[str, Decimal]) -> None:
        """There is one valid certificate for each award, and one report of its points, and no others."""
        valid = Certificate.objects.standing().filter(reference=made.reference)
        assert {row.kind: row.data["credit"].split()[0] for row in valid} == {
            kind: str(amount) for kind, amount in standing.items()
        }
        assert valid.count() == len(standing)
        reported = [row.completion["points"] for row in Submission.objects.standing(made.reference)]
        points = min(standing.get("ama_pra", Decimal(0)), Decimal("2.00")) if made.wants_moc else Decimal(0)
        assert reported == ([str(points)] if points else [])


class TestAnyOrder(TestCase):
    """Random sequences, on whichever database the run is for."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def test_promises_of_the_ledger(self, steps: list[tuple[str, int, Any]]) -> None:
        world = World()
        for step in steps:
            world.do(*step)
        assert LateGrant.objects.count() <= PEOPLE
        assert Claim.objects.count() <= PEOPLE
