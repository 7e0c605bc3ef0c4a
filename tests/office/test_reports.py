"""An activity's gap review and its record in PARS, and the year's summary."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import (
    Activity,
    ClosingRecord,
    CommercialSupport,
    CreditDesignation,
    LearnerCount,
    MocRegistration,
    Partner,
    Provider,
)
from credits.models import LateGrant
from credits.services import correcting
from credits.signals import CLAIMS_TAKE
from jobs import runner
from jobs.models import Job
from office import activity_records, gaps
from office.year import summary
from reporting.models import ActivityRecord, Batch, ReportingYear, Submission
from reporting.pars import documents
from reporting.sandbox.server import Registry
from reporting.services import batching, recording
from tests.credits.making import ADA, claim
from tests.factories import ActivityFactory, ProviderFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client: Client) -> User:
    made: User = UserFactory(officer=True)
    client.force_login(made)
    return made


@pytest.fixture
def meeting(db: None) -> Activity:
    made: Activity = ActivityFactory(slug="meeting", moc="18.50", summary="What it is.", free=True)
    return made


def address(activity: Activity) -> str:
    return f"/admin/office/reconciliation/activity/{activity.pk}/"


class TestGaps:
    """What is missing, for whom."""

    def test_nothing_yet(self, client: Client, officer: User, meeting: Activity) -> None:
        page = client.get(address(meeting)).content.decode()
        assert "None yet." in page
        assert "Send the record to PARS" in page

    def test_what_is_in_the_way_is_listed_the_most_urgent_first(
        self, client: Client, officer: User, meeting: Activity
    ) -> None:
        for number in ("123456", "123455"):
            claim(UserFactory(), meeting, "1.00", {**ADA, "board_number": number})
        first, second = Submission.objects.order_by("pk")
        Submission.objects.filter(pk=first.pk).update(state="draft", reason="The number is missing.")
        page = client.get(address(meeting)).content.decode()
        assert "Incomplete: <strong>1</strong> · Ready to send: <strong>1</strong>" in page
        assert page.count("The number is missing.") == 1
        assert second.learner.email not in page

    def test_what_waits_for_something_else_is_counted(self, client: Client, officer: User, meeting: Activity) -> None:
        for number in ("123456", "123455"):
            claim(UserFactory(), meeting, "1.00", {**ADA, "board_number": number})
        first, second = Submission.objects.order_by("pk")
        Submission.objects.filter(pk=first.pk).update(fault="learner", send_at=timezone.now() + timedelta(days=9))
        Submission.objects.filter(pk=second.pk).update(send_at=timezone.now())
        batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
        page = client.get(address(meeting)).content.decode()
        assert "1 waits for a board that does not know the learner's number yet." in page.replace("&#x27;", "'")
        assert "1 waits in a file, for its results." in page

    def test_clocks_show_the_days_left(self, client: Client, officer: User, meeting: Activity) -> None:
        MocRegistration.objects.update(claim_until_day=timezone.now().date() - timedelta(days=2))
        page = client.get(address(meeting)).content.decode()
        assert "ABIM claim date" in page
        assert "over" in page

    def test_activity_that_registries_do_not_know(self, officer: User) -> None:
        provider = ProviderFactory(accreditation="none", pars_id="")
        bare = ActivityFactory(pars_id="", moc="5.00", credit={"acpe": "5.00"}, provider=provider)
        found = gaps.review(Activity.objects.get(pk=bare.pk), date(2026, 1, 1))
        assert [words.split(":")[0] for words in found.missing] == [
            "The activity has no ACCME activity ID",
            "The provider has no ACCME provider ID.",
            "An ACPE designation has no UAN.",
        ]

    def test_wish_without_a_report_is_an_alarm(self, client: Client, officer: User, meeting: Activity) -> None:
        claim(UserFactory(), meeting, "1.00", ADA)
        Submission.objects.all().delete()
        assert "1 claim wish for points and have no report" in client.get(address(meeting)).content.decode()

    def test_others_see_none_of_it(self, client: Client, meeting: Activity) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(address(meeting)).status_code == 403
        assert client.get("/admin/office/reconciliation/year/2026/").status_code == 403


class TestRecord:
    """The activity's own record in PARS."""

    def test_activity_is_registered_and_learns_its_number(
        self, client: Client, officer: User, registry: Registry
    ) -> None:
        new = ActivityFactory(slug="new", pars_id="", moc="18.50")
        assert "Register in PARS" in client.get(address(new)).content.decode()
        client.post(address(new))
        runner.drain("reporting")
        new.refresh_from_db()
        assert new.pars_id == registry.activities["new"]["number"]
        record = ActivityRecord.objects.get()
        assert (record.state, str(record)) == ("accepted", "new: accepted by PARS")
        assert "accepted by PARS" in client.get(address(new)).content.decode()
        assert "a password for tests" not in str([record.sent, record.answered])
        assert "MedicalEducationMetrics" in client.get(address(new)).content.decode()

    def test_activity_is_not_closed_while_credit_can_be_claimed_or_reports_are_open(
        self, client: Client, officer: User, meeting: Activity
    ) -> None:
        page = client.post(address(meeting), {"close": "yes", "sure": "yes"}, follow=True).content.decode()
        assert "Close the activity after that." in page
        claim(UserFactory(), meeting, "1.00", ADA)
        Activity.objects.update(claim_until=timezone.now() - timedelta(days=1))
        page = client.post(address(meeting), {"close": "yes"}, follow=True).content.decode()
        assert "1 reports are not settled" in page
        assert not ActivityRecord.objects.exists()
        assert (
            "is on its way"
            in client.post(address(meeting), {"close": "yes", "sure": "yes"}, follow=True).content.decode()
        )

    def test_activity_is_not_closed_while_a_late_grant_runs(self, officer: User, meeting: Activity) -> None:
        now = timezone.now()
        meeting.claim_until = now - timedelta(days=1)
        gaps.check_closing(meeting, now, sure=False)
        LateGrant.objects.create(
            learner=UserFactory(), activity=meeting, until=now + timedelta(days=9), reason="Ill.", granted_by=officer,
            granted_at=now,
        )  # fmt: skip
        with pytest.raises(gaps.CannotClose, match="Close the activity after that"):
            gaps.check_closing(meeting, now, sure=True)

    def test_record_is_changed_not_doubled_and_closed_for_good(
        self, client: Client, officer: User, meeting: Activity, registry: Registry
    ) -> None:
        Activity.objects.update(claim_until=timezone.now() - timedelta(days=1))
        client.post(address(meeting))
        runner.drain("reporting")
        client.post(address(meeting), {"close": "yes"})
        assert "is on its way to PARS" in client.post(address(meeting), follow=True).content.decode()
        runner.drain("reporting")
        assert registry.activities["meeting"]["closed"]
        assert len(registry.activities) == 1
        page = client.post(address(meeting), follow=True).content.decode()
        assert "is closed in PARS" in page
        assert "Close the activity in PARS" not in page
        meeting.refresh_from_db()
        assert meeting.pars_id == "202200001"

    @pytest.mark.parametrize("fault", ["dropped", "closed", "malformed"])
    def test_silence_is_met_by_sending_again(
        self, officer: User, meeting: Activity, registry: Registry, fault: str
    ) -> None:
        registry.faults.set(fault, 1)
        recording.send(facts=activity_records.facts(meeting, close=False), actor=officer, now=timezone.now())
        runner.drain("reporting")
        assert ActivityRecord.objects.get().state == "ready"
        Job.objects.update(due=timezone.now())
        runner.drain("reporting")
        assert ActivityRecord.objects.get().state == "accepted"
        assert len(registry.activities) == 1

    def test_refusal_is_shown_in_the_registrys_words(
        self, client: Client, officer: User, meeting: Activity, registry: Registry
    ) -> None:
        MocRegistration.objects.update(point_types=["Sleep"])
        client.post(address(meeting))
        runner.drain("reporting")
        assert "ABIM does not award Sleep." in client.get(address(meeting)).content.decode()

    def test_facts_are_those_of_the_activity(self, meeting: Activity) -> None:
        Partner.objects.create(activity=meeting, name="A hospital")
        Activity.objects.update(url="https://society.example/meeting")
        self.support(meeting, "Seagen", amount=5000)
        self.support(meeting, "Lender", kind="in_kind", nature="equipment")
        self.support(meeting, "Unsigned", amount=1, executed_on=None)
        LearnerCount.objects.create(activity=meeting, profession="pa", learners=3)
        LearnerCount.objects.create(activity=meeting, profession="nurse", learners=2)
        MocRegistration.objects.update(claim_until_day=date(2026, 12, 1))
        found = activity_records.facts(Activity.objects.get(), close=True)
        assert found["support"] == [("Seagen", 5000)]
        assert found["in_kind"] == [("Lender", "durable equipment")]
        assert found["learners"] == [("physician assistant", 3), ("nurse", 2)]
        assert found["moc"] == [
            {"board": "ABIM", "points": "18.50", "types": ["Medical Knowledge"], "claim_until": "2026-12-01"}
        ]
        metrics = documents.activity(found)["ACCMEActivities"]["MedicalEducationMetrics"][0]
        assert metrics["Lom"]["general"]["identifier"][-1]["entry"] == "https://society.example/meeting"
        assert metrics["healthcareMetadata"]["healthcareEducation"]["activitySponsorship"] == "joint"
        assert (found["format"], found["credit_type"], found["credits"]) == (
            "Live Course",
            "AMA PRA Category 1",
            "18.50",
        )
        CreditDesignation.objects.all().delete()
        bare = activity_records.facts(Activity.objects.get(), close=False)
        assert (bare["credit_type"], bare["credits"], bare["learners"]) == ("", "", [])

    def support(self, activity: Activity, supporter: str, **facts: Any) -> None:
        facts = {"executed_on": date(2026, 1, 1)} | facts
        CommercialSupport.objects.create(activity=activity, supporter=supporter, **facts)

    def test_activity_without_credit_is_not_sent(self, client: Client, officer: User, meeting: Activity) -> None:
        CreditDesignation.objects.exclude(credit_type="participation").delete()
        assert "Designate it first" in client.post(address(meeting), follow=True).content.decode()
        assert not ActivityRecord.objects.exists()

    def test_other_providers_activity_is_not_sent(self, client: Client, officer: User, meeting: Activity) -> None:
        Provider.objects.update(pars_id="0000456")
        page = client.post(address(meeting), follow=True).content.decode()
        assert "PARS knows the provider as 0000456" in page
        assert not ActivityRecord.objects.exists()

    def test_second_tab_is_told(self, officer: User, meeting: Activity, monkeypatch: pytest.MonkeyPatch) -> None:
        facts = activity_records.facts(meeting, close=False)
        recording.send(facts=facts, actor=officer, now=timezone.now())
        seen_before = ActivityRecord.objects.none()
        monkeypatch.setattr(ActivityRecord.objects, "filter", lambda **_wanted: seen_before)
        with pytest.raises(recording.CannotRecord, match="on its way"):
            recording.send(facts=facts, actor=officer, now=timezone.now())

    def test_only_one_record_is_on_its_way(self, officer: User, meeting: Activity) -> None:
        facts = activity_records.facts(meeting, close=False)
        recording.send(facts=facts, actor=officer, now=timezone.now())
        with pytest.raises(IntegrityError), transaction.atomic():
            ActivityRecord.objects.create(own_id="meeting", record=facts, made_by=officer)


class TestYear:
    """The year's summary."""

    def test_sums_are_those_of_the_activities(self, client: Client, officer: User, meeting: Activity) -> None:
        year = timezone.now().year
        ClosingRecord.objects.create(activity=meeting, hours=Decimal("20.50"))
        LearnerCount.objects.create(activity=meeting, profession="physician", learners=300)
        LearnerCount.objects.create(activity=meeting, profession="nurse", learners=20)
        CommercialSupport.objects.create(
            activity=meeting, supporter="Seagen", amount=5000, executed_on=date(2026, 1, 1)
        )
        other = ActivityFactory(title="Unfinished")
        ActivityFactory(title="A draft", draft=True)
        claim(UserFactory(), meeting, "1.00")
        found = summary(year)
        assert (found.hours, found.physicians, found.others, found.support) == (Decimal("20.50"), 300, 20, 5000)
        assert (found.professions, found.supporters) == (
            [("Physician (MD, DO or equivalent)", 1)],
            [("Seagen", 5000)],
        )
        assert (found.open, [line.claims for line in found.lines]) == ([other], [1, 0])
        page = client.get(f"/admin/office/reconciliation/year/{year}/").content.decode()
        for words in ("<strong>300</strong> physicians", "$5,000", "Unfinished"):
            assert words in page
        table = b"".join(client.get(f"/admin/office/reconciliation/year/{year}/?as=csv").streaming_content)  # type: ignore[attr-defined]
        assert b"Progress in Examples" in table
        assert b"20.50" in table
        assert b"A draft" not in table

    def test_claims_count_in_the_year_that_it_is_where_the_activity_is(self, learner: User) -> None:
        meeting = ActivityFactory(
            starts_on=date(2025, 12, 30), ends_on=date(2025, 12, 31), claim_until_day=date(2026, 2, 1),
            time_zone="America/Los_Angeles",
        )  # fmt: skip
        claim(learner, meeting, "2.00", now=datetime(2026, 1, 1, 3, tzinfo=UTC))  # seven in the evening there
        assert [(line.claims, summary(2025).professions[0][1]) for line in summary(2025).lines] == [(1, 1)]

    def test_what_was_withdrawn_is_no_claim_of_the_year(self, officer: User, meeting: Activity) -> None:
        made = claim(UserFactory(), meeting, "1.00")
        correcting.correct(claims=[made], verb="withdraw", amount=None, reason="x", actor=officer, now=timezone.now())
        runner.drain("office")
        found = summary(timezone.now().year)
        assert (found.professions, [line.claims for line in found.lines]) == ([], [0])

    @pytest.mark.parametrize("year", [0, 1999, 2101, 99999])
    def test_year_that_nobody_means_is_not_there(self, client: Client, officer: User, year: int) -> None:
        assert client.get(f"/admin/office/reconciliation/year/{year}/").status_code == 404

    def test_year_without_anything(self, client: Client, officer: User) -> None:
        page = client.get("/admin/office/reconciliation/year/2019/").content.decode()
        assert "No activity was offered in 2019." in page


class TestClocks:
    """Deadlines follow the days on which they depend."""

    @pytest.fixture
    def waiting(self, officer: User, meeting: Activity) -> Submission:
        claim(UserFactory(), meeting, "1.00", ADA)
        return Submission.objects.get()

    def nearest(self, waiting: Submission) -> tuple[str, date]:
        with time_machine.travel(timezone.now() + CLAIMS_TAKE):
            runner.drain("office")
        waiting.refresh_from_db()
        return waiting.clocks[0][0], waiting.report_by

    def test_year_that_ends_earlier_reaches_the_queue(self, client: Client, waiting: Submission) -> None:
        today = timezone.now().date()
        year, soon = today.year, today + timedelta(days=3)
        assert self.nearest(waiting)[0] != "End of the year"
        data = {"year": year, "counts_until": soon, "closes_on": today + timedelta(days=20)}
        assert client.post("/admin/reporting/reportingyear/add/", data).status_code == 302
        assert self.nearest(waiting) == ("End of the year", soon)
        ReportingYear.objects.get().delete()
        assert self.nearest(waiting)[1] != soon

    def test_boards_claim_date_reaches_the_queue(self, waiting: Submission) -> None:
        registration, soon = MocRegistration.objects.get(), timezone.now().date() + timedelta(days=3)
        registration.claim_until_day = soon
        registration.save()
        assert self.nearest(waiting) == ("ABIM claim date", soon)

    def test_what_is_decided_keeps_its_deadline(self, waiting: Submission) -> None:
        Submission.objects.update(state="accepted", decided_at=timezone.now())
        before = self.nearest(waiting)
        registration = MocRegistration.objects.get()
        registration.claim_until_day = timezone.now().date()
        registration.save()
        assert self.nearest(waiting) == before
