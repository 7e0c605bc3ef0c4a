"""One person, not one account: the same number is reported for an activity once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import MocRegistration
from credits.models import Claim
from credits.services import correcting as credits_correcting
from jobs import runner
from office.services import merging
from reporting import numbers
from reporting.models import ReportedNumber, Submission
from reporting.sandbox.server import Registry
from reporting.services import correcting, deciding
from reporting.services.queueing import next_credit_id, versions
from tests.credits.making import ADA, claim
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.making import ada, known_to, report, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(db: None) -> User:
    made: User = UserFactory(officer=True)
    return made


def second(number: str = "123456", **more: str) -> Submission:
    """A report of another account."""
    return report(UserFactory(), number, credit_id="ccid:society.example:R-2-ABIM-MK-1", reference="R-2", **more)


def test_two_accounts_of_one_physician_report_once(learner: User, registry: Registry) -> None:
    """The finding: two submissions, both accepted, 4.00 points."""
    activity, other = ActivityFactory(moc="18.50"), UserFactory()
    known_to("ABIM", ADA)
    claim(learner, activity, "2.00", moc=ADA)
    claim(other, activity, "2.00", moc=ADA)
    first, again = Submission.objects.order_by("id")
    assert (first.state, again.state) == ("ready", "held")
    assert again.reason.startswith("Another account has reported this ABIM number for this activity")
    assert first.reference in again.reason
    run(again, times=4)
    first.refresh_from_db()
    assert (first.state, again.state, len(registry.records)) == ("accepted", "held", 1)


def test_learner_does_not_read_whose_the_other_account_is(client: Client, learner: User) -> None:
    activity = ActivityFactory(moc="18.50")
    claim(UserFactory(), activity, "2.00", moc=ADA)
    made = claim(learner, activity, "2.00", moc=ADA)
    client.force_login(learner)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "The CME office is looking at it." in page
    assert "Another account" not in page


def test_other_board_activity_or_number_is_another_matter(learner: User) -> None:
    report(learner)
    assert second(board="ABS").state == "ready"
    assert Submission.objects.count() == 2
    other = report(UserFactory(), activity_id="202200002", credit_id="ccid:a:R-3-ABIM-MK-1", reference="R-3")
    third = report(UserFactory(), "123457", credit_id="ccid:a:R-4-ABIM-MK-1", reference="R-4")
    assert (other.state, third.state) == ("ready", "ready")


def test_number_is_the_same_however_it_is_written(learner: User) -> None:
    report(learner, "s-12345", board="ABS")
    assert second("S-12345", board="ABS").state == "held"


def test_all_kinds_of_credit_of_one_claim_belong_together(learner: User) -> None:
    activity = ActivityFactory(moc="18.50")
    kinds = ["Accredited CME", "Self-Assessment"]
    MocRegistration.objects.create(activity=activity, board="ABS", point_types=kinds, maximum=Decimal(5))
    claim(learner, activity, "2.00", moc=ADA)
    assert set(Submission.objects.values_list("state", flat=True)) == {"ready"}


def test_release_waits_until_the_other_report_is_gone(learner: User, officer: User) -> None:
    first, again = report(learner), second()
    with pytest.raises(deciding.CannotDecide, match="Another account"):
        deciding.release(submission=again, actor=officer, reason="They say so.")
    correcting.correct(
        submission=first, identity=ada("123450"), actor=officer, reason="Typed wrongly.", now=timezone.now()
    )
    deciding.release(submission=again, actor=officer, reason="It is theirs.")
    again.refresh_from_db()
    assert again.state == "ready"
    assert ReportedNumber.objects.get(digest=again.number_digest).learner == again.learner


def test_rejected_number_is_free_for_whose_it_is(learner: User) -> None:
    first = report(learner)
    Submission.objects.filter(pk=first.pk).update(state="rejected", decided_at=timezone.now())
    assert second().state == "ready"


def test_correction_to_a_number_that_is_reported_is_held(learner: User, officer: User) -> None:
    report(learner)
    again = second("654321")
    made = correcting.correct(
        submission=again, identity=ada("123456"), actor=officer, reason="Typed wrongly.", now=timezone.now()
    )
    assert made.state == "held"


def test_merge_makes_them_one(learner: User, officer: User, registry: Registry) -> None:
    activity, other = ActivityFactory(moc="18.50"), UserFactory()
    claim(learner, activity, "2.00", moc=ADA)
    claim(other, activity, "2.00", moc=ADA)
    extra = Claim.objects.get(learner=other)
    credits_correcting.correct(
        claims=[extra], verb="withdraw", amount=None, reason="Claimed twice.", actor=officer, now=timezone.now()
    )
    runner.drain("office")
    merging.merge(kept=learner, merged=other, taken={}, reason="One person.", actor=officer, now=timezone.now())
    assert sorted(Submission.objects.values_list("state", flat=True)) == ["ready", "withdrawn"]


@pytest.mark.usefixtures("committed")
def test_two_accounts_at_the_same_moment_are_one_report_and_one_question() -> None:
    people = [UserFactory() for _ in range(4)]
    known_to("ABIM", ada())

    def bring(number: int) -> str:
        try:
            reference = f"R-{number}"
            return report(people[number], credit_id=f"ccid:a:{reference}-ABIM-MK-1", reference=reference).state
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(bring, range(4))) == ["held", "held", "held", "ready"]


def test_versions_of_a_credit_are_found_by_index(learner: User, on_sqlite: bool) -> None:
    """A search by the first letters of the CreditID alone would read the table where it is sorted by language."""
    made = report(learner)
    stem = made.credit_id.removesuffix("1")
    assert next_credit_id("R-1", stem) == f"{stem}2"
    plan = versions("R-1", stem).explain(**({} if on_sqlite else {"format": "TEXT"}))
    if on_sqlite:
        assert "USING INDEX" in plan
        return
    rows = [Submission(**_like(made, number)) for number in range(2000)]
    Submission.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reporting_submission")
    plan = versions("R-1", stem).explain()
    assert "Index" in plan
    assert "Seq Scan" not in plan


def _like(made: Submission, number: int) -> dict[str, object]:
    """Return the fields of one of many other reports."""
    kept = ("learner", "registry", "board", "identity", "completion", "reply_to", "report_by")
    fields = {name: getattr(made, name) for name in kept}
    return fields | {"reference": f"R-X{number}", "credit_id": f"ccid:a:R-X{number}-ABIM-MK-1"}


def test_report_without_a_number_is_of_nobody_yet(learner: User) -> None:
    submission = report(learner)
    assert numbers.digest(submission)
    submission.identity = {**submission.identity, "board_number": ""}
    assert numbers.digest(submission) == ""


def test_number_says_whose_it_is(learner: User) -> None:
    assert str(ReportedNumber(digest="x", learner=learner)) == str(learner)
