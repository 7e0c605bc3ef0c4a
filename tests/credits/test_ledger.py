"""The ledger: rows are only added, and no balance leaves its bounds, whoever writes and however many at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from activities.compliance import Refused
from activities.models import Activity, CreditDesignation
from activities.services.guard import guarded
from certificates.models import Certificate
from credits.models import (
    Attendance,
    Award,
    Claim,
    ClaimedSession,
    Correction,
    CorrectionRow,
    ImportedRow,
    Reminder,
)
from credits.offer import CannotAward
from credits.services import correcting
from jobs import runner
from tests.credits.making import amend, balances, claim, session, standing
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
AT_ONCE = 2


@pytest.fixture
def claimed(learner: User, activity: Activity) -> Claim:
    return claim(learner, activity, "12.25")


def row(claimed: Claim, amount: str, **facts: object) -> Award:
    first = claimed.awards.first()
    assert first
    return Award(
        claim=claimed,
        designation=first.designation,
        credit_type="ama_pra",
        amount=Decimal(amount),
        awarded_at=timezone.now(),
        awarded_by=claimed.learner,
        **facts,
    )


def test_award_is_never_changed(claimed: Claim) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        Award.objects.update(amount=Decimal("1.00"))


def test_award_is_never_deleted(claimed: Claim) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        Award.objects.all().delete()


def test_no_balance_above_the_maximum(claimed: Claim) -> None:
    row(claimed, "6.25").save()
    with pytest.raises(IntegrityError, match="exceed the designated maximum"):
        row(claimed, "0.25").save()


def test_reversal_takes_back_exactly_one_award_of_the_same_claim(claimed: Claim, activity: Activity) -> None:
    """So no balance can fall below zero."""
    other = claim(UserFactory(), activity, "5.00")
    for amount, reverses in (("-12.50", claimed), ("-12.00", claimed), ("-5.00", other)):
        with pytest.raises(IntegrityError, match="takes back exactly one award"), transaction.atomic():
            row(claimed, amount, reverses=reverses.awards.get(), reason="x").save()


def test_row_is_not_replaced_and_the_table_not_emptied(claimed: Claim, on_sqlite: bool) -> None:
    statement = "TRUNCATE credits_award CASCADE"
    if on_sqlite:
        statement = "INSERT OR REPLACE INTO credits_award SELECT * FROM credits_award"
    connection.check_constraints()  # nothing of the claim is left to be checked at the end
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_maximum_that_was_lowered_still_lets_credit_be_taken_back(claimed: Claim) -> None:
    claimed.activity.designations.update(maximum=Decimal("1.00"))
    row(claimed, "-12.25", reverses=claimed.awards.get(), reason="x").save()
    assert balances(claimed) == {}


def test_an_award_is_reversed_once(claimed: Claim) -> None:
    award = claimed.awards.get()
    row(claimed, "6.00").save()
    row(claimed, "-12.25", reverses=award, reason="x").save()
    with pytest.raises(IntegrityError):
        row(claimed, "-6.00", reverses=award, reason="x").save()


def test_teaching_is_bounded_by_the_rate_for_all_hours(claimed: Claim) -> None:
    Claim.objects.update(role="faculty")
    row(claimed, "24.75").save()
    assert balances(claimed) == {"ama_pra": Decimal("37.00")}
    with pytest.raises(IntegrityError, match="may not exceed the designated maximum"):
        row(claimed, "0.25").save()


def test_rows_are_told_in_words(claimed: Claim) -> None:
    row = ClaimedSession(claim=claimed, session=session(claimed.activity, "08:00-09:00", "A"), amount=Decimal(1))
    correction = Correction(verb="withdraw", amount=None)
    told = [
        str(row), str(correction), str(Correction(amount=Decimal(2))), str(CorrectionRow(claim=claimed)),
        str(Attendance(learner=claimed.learner, activity=claimed.activity, amount=Decimal(1))),
        str(ImportedRow(number=3)), str(Reminder(learner=claimed.learner, activity=claimed.activity, days=3)),
    ]  # fmt: skip
    assert told == [
        "A: 1", "withdraw", "set to 2", claimed.reference, "Ada Okafor, MD: Progress in Examples, 1", "row 3",
        "Ada Okafor, MD: Progress in Examples, 3 days",
    ]  # fmt: skip


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Run works in threads of their own that begin together, and return what they raised."""
    ready, faults = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            ready.wait()
            work()
        except Exception as fault:  # noqa: BLE001 (returned)
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


@pytest.mark.usefixtures("committed")
class TestAtOnce:
    """Two writers at the same moment, on both databases."""

    def test_maximum_is_not_lowered_below_what_is_being_claimed(self) -> None:
        learner, meeting, officer = UserFactory(), ActivityFactory(), UserFactory(officer=True)
        designation = meeting.designations.get(credit_type="ama_pra")
        claimed, go = threading.Event(), threading.Event()

        def learn() -> None:
            with transaction.atomic():
                claim(learner, meeting, "10.00")
                claimed.set()
                go.wait(2)  # the other one comes meanwhile, as far as the database lets it

        def lower() -> None:
            claimed.wait()
            with guarded(Activity.objects.filter(pk=meeting.pk), actor=officer, now=timezone.now()):
                CreditDesignation.objects.filter(pk=designation.pk).update(maximum=Decimal("5.00"))
            go.set()

        (refusal,) = at_once(learn, lower)
        assert isinstance(refusal, Refused)
        designation.refresh_from_db()
        assert (designation.maximum, standing(Claim.objects.get())["ama_pra"]) == (Decimal("18.50"), "10.00")

    def test_bare_rows_that_only_fit_one_after_the_other(self) -> None:
        """Both find 6.25 left and want 6.25: the database lets one in."""
        made = claim(UserFactory(), ActivityFactory(), "12.25")

        def take() -> None:
            with transaction.atomic():
                row(Claim.objects.get(pk=made.pk), "6.25").save()

        faults = at_once(*[take] * AT_ONCE)
        assert [type(fault) for fault in faults] == [IntegrityError]
        assert balances(made) == {"ama_pra": Decimal("18.50")}

    def test_two_tabs_that_amend(self) -> None:
        made = claim(UserFactory(), ActivityFactory(), "12.25")
        faults = at_once(*[lambda amount=amount: amend(made, amount) for amount in ("5.00", "18.50")])  # type: ignore[misc]
        assert faults == []
        assert list(balances(made).values()) in ([Decimal("5.00")], [Decimal("18.50")])
        assert Certificate.objects.standing().count() == 1
        assert made.awards.count() == 5  # an award, and twice a reversal and an award

    def test_learner_amends_while_staff_withdraw(self) -> None:
        made, officer = claim(UserFactory(), ActivityFactory(), "12.25"), UserFactory(officer=True)
        correcting.correct(
            claims=[made], verb="withdraw", amount=None, reason="Not there.", actor=officer, now=timezone.now()
        )
        faults = at_once(lambda: amend(made, "18.50"), lambda: runner.drain("office"))
        assert [type(fault).__name__ for fault in faults] in ([], ["TooLate"])
        assert balances(made) == {}
        assert Certificate.objects.standing().count() == 0
        assert CorrectionRow.objects.get().state == "done"


class TestAmending:
    """What learners change themselves until the deadline."""

    def test_amending_reverses_and_awards_anew(self, claimed: Claim, learner: User) -> None:
        amend(claimed, "6.00")
        rows = [(str(award.amount), award.reverses_id is not None, award.reason) for award in claimed.awards.all()]
        words = "Amended by the learner."
        assert rows == [("12.25", False, ""), ("-12.25", True, words), ("6.00", False, words)]
        assert {award.awarded_by for award in claimed.awards.all()} == {learner}

    def test_new_certificate_replaces_the_earlier(self, claimed: Claim) -> None:
        amend(claimed, "6.00")
        first, second = Certificate.objects.order_by("version")
        assert (second.supersedes, second.version, second.data["credit"]) == (
            first, 2, "6.00 AMA PRA Category 1 Credits™",
        )  # fmt: skip
        assert list(Certificate.objects.standing()) == [second]

    def test_same_amount_changes_nothing(self, claimed: Claim) -> None:
        assert not amend(claimed, "12.25").changed
        assert (claimed.awards.count(), Certificate.objects.count()) == (1, 1)

    def test_after_the_deadline_nothing_is_changed(self, claimed: Claim, activity: Activity) -> None:
        with pytest.raises(CannotAward, match="can no longer be changed"):
            amend(claimed, "6.00", now=activity.claim_until + timedelta(seconds=1))
        assert standing(claimed) == {"ama_pra": "12.25"}

    @pytest.mark.parametrize("amount", ["0", "0.1", "-1", "18.75"])
    def test_what_cannot_be_awarded_is_refused_and_the_claim_stands(self, claimed: Claim, amount: str) -> None:
        with pytest.raises(CannotAward):
            amend(claimed, amount)
        assert standing(claimed) == {"ama_pra": "12.25"}

    def test_what_the_office_has_set_is_not_amended(self, claimed: Claim) -> None:
        correcting.correct(
            claims=[claimed],
            verb="change",
            amount=Decimal("2.00"),
            reason="Left early.",
            actor=UserFactory(officer=True),
            now=timezone.now(),
        )
        runner.drain("office")
        with pytest.raises(CannotAward, match="can no longer be changed"):
            amend(claimed, "18.50")
        assert standing(claimed) == {"ama_pra": "2.00"}

    def test_profession_of_the_claim_counts_and_not_a_later_one(self, claimed: Claim, learner: User) -> None:
        User.objects.filter(pk=learner.pk).update(profession="nurse")
        amend(claimed, "6.00")
        assert standing(claimed) == {"ama_pra": "6.00"}
        learner.refresh_from_db()
        assert learner.profession == "nurse"

    def test_withdrawn_claim_is_not_amended(self, claimed: Claim) -> None:
        correcting.correct(
            claims=[claimed],
            verb="withdraw",
            amount=None,
            reason="x",
            actor=UserFactory(officer=True),
            now=timezone.now(),
        )
        runner.drain("office")
        with pytest.raises(CannotAward, match="can no longer be changed"):
            amend(claimed, "6.00")
        assert Correction.objects.get().ended_at
