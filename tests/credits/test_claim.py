"""What is awarded, to whom, once, with everything that follows in the same transaction."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Consent, Identifier, User
from activities.models import Activity, MocRegistration, StatementEdit
from audit.models import Event
from certificates.models import Certificate
from credits.models import Award, Claim
from credits.offer import CannotAward
from credits.services import claiming
from credits.services.claiming import ClaimRequest
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from reporting.snapshots import Identity
from surveys import pathway
from tests.factories import ActivityFactory, UserFactory, make_sessions

pytestmark = pytest.mark.django_db

ADA = Identity(given_name="Ada", family_name="Okafor", board_number="123456", birth_month=2, birth_day=29)


def ask(amount: str = "12.25", moc: Identity | None = None) -> ClaimRequest:
    return ClaimRequest(Decimal(amount), "I took part.", {"ABIM": moc} if moc else {})


def claim(learner: User, activity: Activity, request: ClaimRequest | None = None) -> Claim:
    return claiming.claim(learner=learner, activity=activity, request=request or ask(), now=timezone.now())


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Claim, Award, Certificate, Submission, Message, Event))


def test_claim_brings_award_certificate_report_confirmation_and_trace(learner: User, activity: Activity) -> None:
    made = claim(learner, activity, ask(moc=ADA))
    assert counts() == (1, 1, 1, 1, 1, 1)
    award, certificate, submission = made.awards.get(), Certificate.objects.get(), Submission.objects.get()
    assert (award.credit_type, award.amount, str(award)) == (
        "ama_pra",
        Decimal("12.25"),
        "12.25 AMA PRA Category 1 Credits™",
    )
    assert (certificate.reference, submission.reference, Message.objects.get().reference) == (made.reference,) * 3
    assert certificate.deliver_at >= activity.ends_at
    assert submission.credit_id == f"ccid:society.example:{made.reference}-ABIM-MK-1"
    assert submission.identity == ADA
    assert submission.completion == {
        "provider": "Society of Examples",
        "provider_id": "0000123",
        "activity": "Progress in Examples",
        "activity_id": "202200001",
        "completed_on": activity.ends_on.isoformat(),
        "begins": activity.starts_on.isoformat(),
        "ends": activity.ends_on.isoformat(),
        "maximum": "18.50",
        "credit_type": "Medical Knowledge",
        "points": "12.25",
    }
    assert set(Job.objects.values_list("reference", flat=True)) == {made.reference}
    assert (str(made), made.profession, made.wants_moc) == (made.reference, "physician", True)


def test_permission_and_board_identity_are_kept(learner: User, activity: Activity) -> None:
    claim(learner, activity, ask(moc=ADA))
    learner.refresh_from_db()
    assert Identifier.objects.get(user=learner).number == "123456"
    assert (learner.birth_month, learner.birth_day) == ("2", "29")
    assert Consent.objects.get(user=learner).text.startswith("By providing your identifying information")


def test_second_claim_is_the_first_one(learner: User, activity: Activity) -> None:
    first = claim(learner, activity)
    again = claim(learner, activity, ask("18.50", moc=ADA))
    assert (again.pk, counts()) == (first.pk, (1, 1, 1, 0, 1, 1))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "Claim at least 0.25"),
        ("-1", "Claim at least 0.25"),
        ("0.1", "steps of 0.25"),
        ("NaN", "steps of 0.25"),
        ("18.75", "At most 18.50"),
        ("1000000000", "At most 18.50"),
    ],
)
def test_amount_that_cannot_be_awarded_is_refused_and_nothing_is_written(
    learner: User, activity: Activity, amount: str, words: str
) -> None:
    with pytest.raises(CannotAward, match=words):
        claim(learner, activity, ask(amount))
    assert counts() == (0, 0, 0, 0, 0, 0)


def test_the_maximum_itself_can_be_claimed(learner: User, activity: Activity) -> None:
    assert claim(learner, activity, ask("18.50")).awards.get().amount == Decimal("18.50")


def test_profession_that_is_offered_nothing_is_refused() -> None:
    with pytest.raises(CannotAward, match="no credit to your profession"):
        claim(UserFactory(nurse=True), ActivityFactory(credit={"ama_pra": "1.00"}))


def test_points_are_for_physicians_at_registered_activities(activity: Activity, learner: User) -> None:
    nurse = UserFactory(nurse=True)
    with pytest.raises(CannotAward, match="reported for physicians"):
        claim(nurse, activity, ask(moc=ADA))
    with pytest.raises(CannotAward, match="registered with a board"):
        claim(learner, ActivityFactory(), ask(moc=ADA))
    with pytest.raises(CannotAward, match="registered with a board"):
        claim(learner, ActivityFactory(moc="18.50", pars_id=""), ask(moc=ADA))
    assert counts() == (0, 0, 0, 0, 0, 0)


def test_each_kind_of_points_is_a_submission_of_its_own(learner: User, activity: Activity) -> None:
    types = ["Medical Knowledge", "Practice Assessment"]
    MocRegistration.objects.filter(activity=activity).update(point_types=types, maximum=Decimal("5.00"))
    claim(learner, activity, ask(moc=ADA))
    points = [(row.completion["credit_type"], row.completion["points"]) for row in Submission.objects.order_by("id")]
    assert points == [("Medical Knowledge", "5.00"), ("Practice Assessment", "5.00")]


def test_physicians_certificate_says_what_was_awarded_and_never_the_maximum(learner: User, activity: Activity) -> None:
    claim(learner, activity)
    words = Certificate.objects.get().data
    assert words["award"] == "and is awarded 12.25 AMA PRA Category 1 Credits™."
    assert words["action"] == "has participated in the live activity"
    assert (words["title"], words["place"], words["dates"]) == (
        "Certificate of Credit",
        "Portland, Oregon",
        activity.dates_in_words,
    )
    assert len(words["statements"]) == 2


def test_others_certificate_says_what_the_activity_was_designated_for(activity: Activity) -> None:
    claim(UserFactory(nurse=True), activity)
    words = Certificate.objects.get().data
    assert words["title"] == "Certificate of Participation"
    assert (words["award"], words["designated"]) == (
        "for 12.25 hours of participation.",
        "The activity was designated for 18.50 AMA PRA Category 1 Credit(s)™.",
    )
    assert len(words["statements"]) == 1
    claim(UserFactory(nurse=True), ActivityFactory(credit={"participation": "18.50"}))
    assert Certificate.objects.latest("id").data["award"] == "for 12.25 hours of participation."


def test_self_study_certificate_comes_at_once_and_names_the_day_of_completion(learner: User) -> None:
    activity = ActivityFactory(self_study=True, moc="18.50", ends_on=timezone.now().date() + timedelta(days=20))
    claim(learner, activity, ask(moc=ADA))
    certificate = Certificate.objects.get()
    assert certificate.is_due
    assert certificate.data["dates"].startswith("Completed ")
    assert certificate.data["action"] == "has completed the enduring material"
    assert certificate.data["place"] == ""
    completed = Submission.objects.get().completion["completed_on"]
    assert abs(timezone.now().date() - date.fromisoformat(completed)) <= timedelta(days=1)
    assert "follows by e-mail within minutes" in Message.objects.get().text


@pytest.mark.parametrize(
    ("facts", "noun"),
    [
        ({"format": "series"}, "live activity"),
        ({"format": "journal"}, "journal-based CME activity"),
        ({"format": "other", "format_description": "a board game"}, "other activity (a board game)"),
    ],
)
def test_certificate_names_the_format_as_the_statement_does(learner: User, facts: dict[str, str], noun: str) -> None:
    claim(learner, ActivityFactory(**facts), ask())
    words = Certificate.objects.get().data
    assert words["format"] == noun
    assert f"designates this {noun} for a maximum of" in words["statements"][1]


def test_certificate_prints_staffs_own_words_and_keeps_them(learner: User, activity: Activity) -> None:
    own = StatementEdit.objects.create(
        activity=activity, key="accreditation", text="Our words.", generated="x", reason="x", edited_at=timezone.now()
    )
    claim(learner, activity, ask())
    own.delete()
    assert Certificate.objects.get().data["statements"][0] == "Our words."


def test_certificate_of_a_meeting_under_way_waits_for_its_end(learner: User) -> None:
    activity = ActivityFactory(under_way=True, moc="18.50")
    claim(learner, activity, ask(moc=ADA))
    assert Certificate.objects.get().deliver_at == activity.ends_at
    assert Job.objects.get(kind="reporting.match").due == activity.ends_at
    assert Submission.objects.get().completion["completed_on"] == activity.ends_on.isoformat()
    assert Job.objects.get(kind="certificates.deliver").due == activity.ends_at
    assert "after the activity has ended" in Message.objects.get().text


def test_ledger_takes_no_negative_award_and_no_reversal_without_a_reason(learner: User, activity: Activity) -> None:
    award = claim(learner, activity).awards.get()
    row = {"claim": award.claim, "credit_type": "ama_pra", "awarded_at": timezone.now(), "awarded_by": learner}
    with pytest.raises(IntegrityError):
        Award.objects.create(**row, amount=Decimal("-1.00"))


def test_reversal_without_a_reason_is_refused_by_the_database(learner: User, activity: Activity) -> None:
    award = claim(learner, activity).awards.get()
    row = {"claim": award.claim, "credit_type": "ama_pra", "awarded_at": timezone.now(), "awarded_by": learner}
    with pytest.raises(IntegrityError):
        Award.objects.create(**row, amount=Decimal("-12.25"), reverses=award)


@pytest.mark.parametrize("sessions", [1, 300])
def test_claim_costs_the_same_with_one_session_and_with_three_hundred(
    learner: User, activity: Activity, django_assert_num_queries: DjangoAssertNumQueries, sessions: int
) -> None:
    make_sessions(activity, sessions)
    chosen = dict.fromkeys(activity.sessions.values_list("pk", flat=True), Decimal("1.00"))
    with django_assert_num_queries(25):
        claim(learner, activity, ClaimRequest(chosen, "I took part."))


@pytest.mark.usefixtures("committed")
def test_two_tabs_at_once_make_one_claim() -> None:
    learner, activity = UserFactory(), ActivityFactory(moc="18.50")
    ready, made, faults = threading.Barrier(2), [], []

    def tab() -> None:
        try:
            ready.wait()
            made.append(claim(User.objects.get(pk=learner.pk), Activity.objects.get(pk=activity.pk)).pk)
        except Exception as error:  # noqa: BLE001 (shown below)
            faults.append(error)
        finally:
            connection.close()

    tabs = [threading.Thread(target=tab) for _ in range(2)]
    for thread in tabs:
        thread.start()
    for thread in tabs:
        thread.join()
    assert faults == []
    assert made[0] == made[1]
    assert counts() == (1, 1, 1, 0, 1, 1)


class TestPages:
    """My credits, and what followed from one claim."""

    def test_list_shows_each_claim_with_what_followed(self, client: Client, learner: User, activity: Activity) -> None:
        client.force_login(learner)
        assert b"You have not claimed credit yet" in client.get("/credits/").content
        made = claim(learner, activity, ask(moc=ADA))
        page = client.get("/credits/").content.decode()
        for words in ("12.25 <em>AMA PRA Category 1 Credits</em>™", made.reference, "within minutes", "ready to send"):
            assert words in page

    def test_rejected_report_says_why_and_what_to_do(self, client: Client, learner: User, activity: Activity) -> None:
        client.force_login(learner)
        made = claim(learner, activity, ask(moc=ADA))
        Submission.objects.get().move("sending")
        Submission.objects.get().move("rejected", reason="ABIM ID 123456 was not found.", fault="learner")
        page = client.get(made.get_absolute_url()).content.decode()
        assert "ABIM ID 123456 was not found." in page
        assert f'href="/reports/{Submission.objects.get().pk}/"' in page

    def test_another_learners_claim_is_not_there(self, client: Client, learner: User, activity: Activity) -> None:
        made = claim(learner, activity)
        client.force_login(UserFactory())
        assert client.get(made.get_absolute_url()).status_code == 404
        assert made.reference not in client.get("/credits/").content.decode()

    @pytest.mark.parametrize("count", [1, 10])
    def test_list_costs_the_same_with_one_claim_and_with_ten(
        self, client: Client, learner: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
    ) -> None:
        for activity in ActivityFactory.create_batch(count):
            claim(learner, activity)
        client.force_login(learner)
        with django_assert_num_queries(8):
            client.get("/credits/")


def test_office_sees_claims_with_their_ledger_and_changes_none(
    client: Client, learner: User, activity: Activity
) -> None:
    made = claim(learner, activity, ask(moc=ADA))
    client.force_login(UserFactory(officer=True))
    address = f"/admin/credits/claim/{made.pk}/change/"
    assert "12.25 AMA PRA Category 1 Credits™" in client.get("/admin/credits/claim/").content.decode()
    assert f"/admin/reporting/submission/?q={made.reference}" in client.get(address).content.decode()
    assert client.post(address, {"reference": "x"}).status_code == 403
    assert client.post(address.replace("change", "delete")).status_code == 403
    assert client.get("/admin/credits/claim/add/").status_code == 403
    person = client.get(f"/admin/accounts/user/{learner.pk}/change/").content.decode()
    assert "/admin/credits/claim/?q=" in person
    assert client.get("/admin/accounts/user/add/").status_code == 200


def test_claims_page_offers_the_certificate_and_renews_itself_until_it_is_there(
    client: Client, learner: User, activity: Activity
) -> None:
    client.force_login(learner)
    made = claim(learner, activity)
    page = client.get(made.get_absolute_url()).content.decode()
    assert ("Your certificate is being made." in page, "claim.js" in page, "data-being-made" in page) == (True,) * 3
    runner.drain("certificates")
    page = client.get(made.get_absolute_url()).content.decode()
    assert f'class="btn btn-primary" href="{Certificate.objects.get().get_absolute_url()}"' in page
    assert ("being made" in page, "claim.js" in page) == (False, False)


def test_certificate_that_something_holds_up_is_not_promised_within_minutes(
    client: Client, learner: User, activity: Activity
) -> None:
    client.force_login(learner)
    made = claim(learner, activity)
    Certificate.objects.update(deliver_at=timezone.now() - timedelta(hours=2))
    for page in (made.get_absolute_url(), Certificate.objects.get().get_absolute_url()):
        words = client.get(page).content.decode()
        assert "takes longer than usual" in words
        assert "cme@society.example" in words
        assert ("within minutes" in words, "being made" in words) == (False, False)


def test_certificate_is_not_done_before_a_meeting_has_ended(learner: User) -> None:
    meeting = ActivityFactory(under_way=True)
    made = claim(learner, meeting)
    steps = {row.key: row for row in pathway.steps(activity=meeting, learner=learner, now=made.claimed_at)}
    assert (steps["certificate"].state, steps["certificate"].reason) == (
        "locked", "Sent by e-mail after the activity has ended."
    )  # fmt: skip
