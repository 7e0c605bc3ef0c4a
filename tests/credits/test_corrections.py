"""Staff withdraw or change credit, for one claim or many: shown first, unticked, reasoned, done by a job row by row."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities.models import Activity
from audit.models import Event
from certificates.models import Certificate
from credits import corrections, tasks
from credits.admin import desks
from credits.models import Award, Claim, Correction, CorrectionRow
from credits.services import correcting, teaching
from jobs import runner
from jobs.models import Job
from jobs.queue import enqueue
from outbox.models import Message
from tests.credits.making import ADA, claim, standing
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
DESK = "/admin/credits/claim/correct/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(UserFactory(officer=True))
    return client


@pytest.fixture
def claims(activity: Activity) -> list[Claim]:
    """Three physicians' claims of 12.25, the first with MOC."""
    return [claim(UserFactory(), activity, "12.25", ADA if not n else None) for n in range(3)]


def decide(claims: list[Claim], amount: str | None = None, reason: str = "Attendance sheet.") -> Correction:
    made = correcting.correct(
        claims=claims,
        verb="change" if amount else "withdraw",
        amount=Decimal(amount) if amount else None,
        reason=reason,
        actor=UserFactory(officer=True),
        now=timezone.now(),
    )
    runner.drain("office")
    made.refresh_from_db()
    return made


def test_dry_run_says_who_what_and_which_mails_and_reports(officer: Client, claims: list[Claim]) -> None:
    chosen = [row.pk for row in claims]
    action = {"action": "withdraw_or_change", "_selected_action": chosen}
    page = officer.post("/admin/credits/claim/", action).content.decode()
    for words in (claims[0].reference, "12.25 <em>AMA PRA", "Choose what, then look at the preview", "Nothing is done"):
        assert words in page
    page = officer.post(DESK, {"claims": chosen, "verb": "withdraw"}).content.decode()
    assert "Withdraw the credit of those included" in page
    page = officer.post(DESK, {"claims": chosen, "verb": "change", "amount": "6.00"}).content.decode()
    assert "6.00 <em>AMA PRA" in page
    assert "Set the credit of those included to 6.00" in page
    assert "More than was attested" not in page
    more = officer.post(DESK, {"claims": chosen, "verb": "change", "amount": "13"}).content.decode()
    assert "More than was attested" in more
    planned = corrections.plans(
        list(Claim.objects.order_by("pk")), "change", Decimal("6.00"), UserFactory(officer=True)
    )
    assert [(row.certificates, row.taken_back, row.reported) for row in planned] == [(1, 1, 1), (1, 0, 0), (1, 0, 0)]
    assert {row.mails for row in planned} == {2}
    assert Correction.objects.count() == 0


def test_decision_is_carried_out_for_those_that_are_ticked(officer: Client, claims: list[Claim]) -> None:
    data = {
        "shown": [row.pk for row in claims], "claims": [claims[0].pk, claims[2].pk], "verb": "withdraw",
        "reason": "Were not there.", "decide": "yes", "previewed": "withdraw",
    }  # fmt: skip
    address = officer.post(DESK, data)["Location"]
    assert "At work" in officer.get(address).content.decode()
    runner.drain("office")
    page = officer.get(address).content.decode()
    assert ("Ended" in page, "Done: <strong>2</strong> of 2" in page) == (True, True)
    assert [standing(row) for row in claims] == [{}, {"ama_pra": "12.25"}, {}]
    assert Certificate.objects.exclude(revoked_at=None).count() == 2
    mails = Message.objects.filter(subject__startswith="Credit withdrawn")
    assert {mail.to for mail in mails} == {claims[0].learner.email, claims[2].learner.email}
    assert "Reason given: Were not there." in mails[0].text
    assert Event.objects.filter(action="corrected", reason="Were not there.").count() == 2


def test_withdrawn_claim_says_so_to_the_learner_and_to_whoever_verifies(client: Client, claims: list[Claim]) -> None:
    runner.drain("certificates")
    decide(claims[:1], reason="Were not there.")
    client.force_login(claims[0].learner)
    page = client.get(claims[0].get_absolute_url()).content.decode()
    assert "has withdrawn the credit of this claim. Reason given: Were not there." in page
    assert "was revoked" in page
    verified = client.get(Certificate.objects.get(reference=claims[0].reference).verification_path).content.decode()
    assert "was revoked by the provider" in verified
    assert "Were not there." not in verified
    assert "This certificate is valid" not in verified


def test_change_sets_the_amount_and_brings_a_new_certificate(claims: list[Claim]) -> None:
    done = decide(claims[:1], "6.00")
    assert standing(claims[0]) == {"ama_pra": "6.00"}
    assert Certificate.objects.standing().get(reference=claims[0].reference).version == 2
    row = done.rows.get()
    assert (row.state, row.words) == ("done", "6.00 AMA PRA Category 1 Credits™")
    assert "The CME office has changed your credit" in Message.objects.first().text  # type: ignore[union-attr]


def test_withdrawn_credit_can_be_given_back(claims: list[Claim]) -> None:
    decide(claims[:1])
    decide(claims[:1], "5.00")
    assert standing(claims[0]) == {"ama_pra": "5.00"}
    versions = Certificate.objects.filter(reference=claims[0].reference).order_by("version")
    assert [(row.version, row.revoked_at is None) for row in versions] == [(1, False), (2, True)]


def test_rows_that_cannot_be_corrected_stop_no_other(claims: list[Claim]) -> None:
    decide(claims[:1], "6.00")
    nurse = claim(UserFactory(nurse=True), ActivityFactory(credit={"participation": "2.00"}), "2.00")
    done = decide([*claims, nurse], "6.00")
    assert [(row.state, row.words) for row in done.rows.all()] == [
        ("failed", "Nothing would change."),
        ("done", "6.00 AMA PRA Category 1 Credits™"),
        ("done", "6.00 AMA PRA Category 1 Credits™"),
        ("failed", "At most 2.00 can be claimed for this activity."),
    ]
    assert done.ended_at is not None


def test_claim_without_any_offer_stays(claims: list[Claim]) -> None:
    Claim.objects.filter(pk=claims[0].pk).update(profession="nobody")
    Activity.objects.get().designations.filter(credit_type="participation").delete()
    assert decide(claims[:1], "1.00").rows.get().words.startswith("The activity offers no credit")
    decide(claims[1:2])
    assert decide(claims[1:2]).rows.get().words == "Nothing would change."


def test_unexpected_fault_stays_with_its_row(claims: list[Claim], monkeypatch: pytest.MonkeyPatch) -> None:
    def beyond(row: CorrectionRow, now: object) -> None:
        award = row.claim.awards.get()
        award.pk, award.amount = None, Decimal("18.50")
        award.save(force_insert=True)

    monkeypatch.setattr(tasks.corrections, "carry_out", beyond)
    assert decide(claims[:1], "6.00").rows.get().words.startswith("Unexpected (IntegrityError): nothing was changed.")
    assert Award.objects.filter(claim=claims[0]).count() == 1


def test_busy_database_is_not_the_rows_fault(claims: list[Claim], monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(tasks.corrections, "carry_out", busy)
    assert decide(claims[:1], "6.00").rows.get().state == "todo"
    assert Job.objects.get(kind="credits.correct").state == "todo"


def test_long_work_goes_on_where_it_stopped(claims: list[Claim], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SECONDS", -1.0)
    made = decide(claims)
    assert (made.ended_at, made.rows.filter(state="done").count()) == (None, 0)
    assert Job.objects.get(kind="credits.correct").error == "Goes on."
    monkeypatch.setattr(tasks, "SECONDS", 20.0)
    runner.drain("office")
    assert made.rows.filter(state="done").count() == 3


def test_teaching_is_corrected_up_to_the_rate_for_all_hours(activity: Activity) -> None:
    teacher = UserFactory()
    teaching.award(
        person=teacher, activity=activity, hours=Decimal(1), sessions=[], reason="Talk",
        actor=UserFactory(officer=True), now=timezone.now(),
    )  # fmt: skip
    made = Claim.objects.get(role="faculty")
    decide([made], "37.00")
    assert standing(made) == {"ama_pra": "37.00"}
    assert "At most 37.00" in decide([made], "37.25").rows.get().words
    assert standing(made) == {"ama_pra": "37.00"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"verb": "withdraw", "reason": " ", "previewed": "withdraw"}, "Say why"),
        ({"verb": "withdraw", "reason": "x", "previewed": "change 5.00"}, "This was not shown yet"),
        ({"verb": "change", "amount": "5", "reason": "x", "previewed": "withdraw"}, "This was not shown yet"),
        ({"reason": "x"}, "Choose what is to become of the claims."),
        ({"verb": "change", "amount": "", "reason": "x"}, "Enter how much is awarded"),
        ({"verb": "change", "amount": "-1", "reason": "x"}, "Enter how much is awarded"),
        ({"verb": "change", "amount": "x", "reason": "x"}, "Enter a number."),
        ({"verb": "change", "amount": "0.1", "reason": "x"}, "Enter 0.25"),
    ],
)
def test_incomplete_decision_is_refused_and_stays_filled(
    officer: Client, claims: list[Claim], data: dict[str, str], words: str
) -> None:
    answer = officer.post(DESK, {"claims": [claims[0].pk], "decide": "yes", **data})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert claims[0].reference in answer.content.decode()
    assert Correction.objects.count() == 0


def test_dry_run_says_which_claims_stay_as_they_are(officer: Client, claims: list[Claim]) -> None:
    page = officer.post(DESK, {"claims": [claims[0].pk], "verb": "change", "amount": "99"}).content.decode()
    assert "Stays as it is: At most 18.50 can be claimed" in page


def test_row_that_another_runner_has_done_is_left_alone(claims: list[Claim]) -> None:
    made = decide(claims[:1], "6.00")
    with transaction.atomic():
        enqueue("credits.correct", made.pk, key="again")
    job = runner.take("office", now=timezone.now())
    assert job
    tasks._row_by_row(job, CorrectionRow.objects.filter(state="todo"), tasks.corrections.carry_out)
    assert claims[0].awards.count() == 3


def test_withdrawn_claim_is_told_on_the_way_through(client: Client, claims: list[Claim]) -> None:
    decide(claims[:1])
    client.force_login(claims[0].learner)
    page = client.get(claims[0].activity.get_absolute_url()).content.decode()
    assert f"Withdrawn by the CME office, reference {claims[0].reference}." in page
    assert "Revoked." in page


def test_numbers_that_no_row_has_are_left_out(officer: Client, claims: list[Claim]) -> None:
    data = {"claims": [claims[0].pk, "9" * 30, "x", "²"], "verb": "withdraw"}
    assert claims[0].reference in officer.post(DESK, data).content.decode()


def test_too_many_at_a_time_are_refused(officer: Client, claims: list[Claim], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "MOST", 2)
    action = {"action": "withdraw_or_change", "_selected_action": [row.pk for row in claims]}
    assert "At most 2 claims at a time" in officer.post("/admin/credits/claim/", action, follow=True).content.decode()


def test_nothing_ticked_is_refused(officer: Client, claims: list[Claim]) -> None:
    data = {"shown": [claims[0].pk], "verb": "withdraw", "previewed": "withdraw", "reason": "x", "decide": "yes"}
    assert "Tick at least one claim." in officer.post(DESK, data).content.decode()
    assert "Tick at least one claim." in officer.post(DESK, {}, follow=True).content.decode()
    with pytest.raises(correcting.CannotCorrect, match="Tick at least one"):
        decide([])


def test_who_may_only_look_corrects_nothing(client: Client, claims: list[Claim]) -> None:
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_claim"))
    client.force_login(looker)
    assert client.post(DESK, {"claims": [claims[0].pk]}).status_code == 403
    action = {"action": "withdraw_or_change", "_selected_action": [claims[0].pk]}
    assert "Nothing is done yet" not in client.post("/admin/credits/claim/", action, follow=True).content.decode()
    made = decide(claims[:1])
    assert client.get(f"{DESK}{made.pk}/").status_code == 200
    client.force_login(UserFactory(is_staff=True))
    assert client.get(f"{DESK}{made.pk}/").status_code == 403


def test_dry_run_counts_every_registrys_reports(activity: Activity) -> None:
    activity.designations.create(credit_type="acpe", maximum="18.50", uan="0000-0000-26-001-L01-P")
    made = claim(UserFactory(profession="pharmacist"), activity, "2.00")
    (withdrawn,), (changed,) = (
        corrections.plans([Claim.objects.get(pk=made.pk)], verb, amount, UserFactory(officer=True))
        for verb, amount in (("withdraw", None), ("change", Decimal("1.00")))
    )
    assert (withdrawn.taken_back, withdrawn.reported) == (1, 0)
    assert (changed.taken_back, changed.reported) == (1, 1)


@pytest.mark.parametrize("count", [1, 10])
def test_dry_run_costs_the_same_for_one_and_for_ten(
    officer: Client, activity: Activity, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    rows = [claim(UserFactory(), activity).pk for _ in range(count)]
    with django_assert_num_queries(17):
        officer.post(DESK, {"claims": rows, "verb": "withdraw"})


def test_officer_of_another_kind_is_learner(learner: User, claims: list[Claim], client: Client) -> None:
    client.force_login(learner)
    assert client.post(DESK, {"claims": [claims[0].pk]}).status_code in {302, 403}
