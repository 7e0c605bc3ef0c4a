"""What was planned or copied at the award follows the activity until it leaves; afterwards the office is told."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from activities.models import Activity
from certificates import pdf
from certificates.models import Certificate, StoredPdf
from credits import tasks
from credits.models import Correction
from credits.services import correcting
from credits.signals import CLAIMS_TAKE
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from tests.credits.making import ADA, claim
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.making import self_study

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 20, tzinfo=UTC)  # during the meeting


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOON) as clock:
        yield clock


@pytest.fixture
def meeting() -> Activity:
    """A meeting in Los Angeles, from Monday to Wednesday; offers MOC points."""
    return ActivityFactory(
        moc="18.50", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4), claim_until_day=date(2026, 4, 30)
    )


def follow(activity: Activity) -> None:
    """Let the jobs run that a change of the activity has caused."""
    with time_machine.travel(timezone.now() + CLAIMS_TAKE):
        runner.drain("office")


def changed(activity: Activity, **facts: object) -> Certificate:
    """Change the activity, as it is now, and return its certificate as it is then."""
    fresh = Activity.objects.get(pk=activity.pk)
    for name, value in facts.items():
        setattr(fresh, name, value)
    fresh.save()
    follow(fresh)
    return Certificate.objects.standing().get()


def due(kind: str) -> datetime:
    return Job.objects.get(kind=kind).due


def test_postponed_meeting_has_its_certificates_leave_after_the_new_end(meeting: Activity, learner: User) -> None:
    claim(learner, meeting, "2.00")
    assert Certificate.objects.get().deliver_at == datetime(2026, 3, 5, 7, 59, 59, tzinfo=UTC)
    later = changed(meeting, ends_on=date(2026, 3, 11))
    assert later.deliver_at == due("certificates.deliver") == datetime(2026, 3, 12, 6, 59, 59, tzinfo=UTC)
    assert later.data["dates"] == "March 2–11, 2026"
    assert not Message.objects.filter(subject__contains="something else").exists()


def test_end_brought_forward_has_them_leave_earlier(meeting: Activity, learner: User) -> None:
    claim(learner, meeting, "2.00")
    sooner = changed(meeting, ends_on=date(2026, 3, 3))
    assert sooner.deliver_at == due("certificates.deliver") == datetime(2026, 3, 4, 7, 59, 59, tzinfo=UTC)


def test_another_zone_moves_them(meeting: Activity, learner: User) -> None:
    claim(learner, meeting, "2.00")
    assert changed(meeting, time_zone="America/New_York").deliver_at == datetime(2026, 3, 5, 4, 59, 59, tzinfo=UTC)


def test_what_is_printed_is_what_the_page_says_when_it_leaves(meeting: Activity, learner: User) -> None:
    made = claim(learner, meeting, "2.00")
    User.objects.filter(pk=learner.pk).update(last_name="Another")
    now = changed(meeting, title="Progress in More Examples", city="Sacramento", region="California")
    assert (now.data["activity"], now.data["place"]) == ("Progress in More Examples", "Sacramento, California")
    assert now.data["learner"] == made.learner.display_name  # a printed name changes by the office's word alone
    meeting.provider.signatory_name = "Somebody Else, MD"
    meeting.provider.save()
    follow(meeting)
    assert Certificate.objects.get().data["signatories"][0]["name"] == "Somebody Else, MD"


def test_change_while_a_certificate_is_made_has_it_made_again(
    meeting: Activity, learner: User, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(learner, meeting, "2.00")
    clock.move_to(datetime(2026, 3, 5, 9, tzinfo=UTC))
    make = pdf.make

    def meanwhile(certificate: Certificate) -> pdf.Made:
        made = make(certificate)
        if not Activity.objects.filter(title="New title").exists():
            changed(meeting, title="New title")
        return made

    monkeypatch.setattr(pdf, "make", meanwhile)
    runner.drain("certificates")
    runner.drain("certificates")
    sent = Certificate.objects.get()
    assert (sent.state, sent.data["activity"]) == ("delivered", "New title")
    assert "New title" in pdf_text(StoredPdf.objects.get().read())


def pdf_text(content: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


def test_reports_say_the_new_day_and_leave_after_the_new_end(meeting: Activity, learner: User) -> None:
    claim(learner, meeting, "2.00", ADA)
    changed(meeting, ends_on=date(2026, 3, 11))
    report = Submission.objects.get()
    assert (report.completion["completed_on"], report.completion["ends"]) == ("2026-03-11", "2026-03-11")
    jobs = Job.objects.filter(kind__in=("reporting.match", "reporting.send"), state="todo")
    assert {report.send_at, *jobs.values_list("due", flat=True)} == {datetime(2026, 3, 12, 6, 59, 59, tzinfo=UTC)}


def test_report_that_lost_its_activity_id_waits_and_leaves_when_it_is_there(meeting: Activity, learner: User) -> None:
    claim(learner, meeting, "2.00", ADA)
    changed(meeting, pars_id="")
    assert Submission.objects.get().state == "draft"
    changed(meeting, pars_id="202600001")
    assert (Submission.objects.get().state, Submission.objects.get().completion["activity_id"]) == (
        "ready",
        "202600001",
    )


class TestSent:
    """What has left stays as it is, and the office hears of it once."""

    @pytest.fixture
    def sent(self, meeting: Activity, learner: User, clock: time_machine.Traveller) -> Certificate:
        claim(learner, meeting, "2.00")
        clock.move_to(datetime(2026, 3, 6, 12, tzinfo=UTC))
        runner.drain("certificates")
        return Certificate.objects.get()

    def test_certificate_stays_and_the_office_is_told_once(
        self, client: Client, meeting: Activity, sent: Certificate
    ) -> None:
        before = sent.data
        assert changed(meeting, title="Another title").data == before
        assert Certificate.objects.get().outdated_since is not None
        mails = Message.objects.filter(subject__contains="Certificates say something else")
        mail = mails.get()
        assert mail.to == meeting.provider.office_email
        assert "1 certificate now says something else" in mail.text
        changed(meeting, summary="Other words, which no certificate prints.")
        changed(meeting, title="Another title")
        assert mails.count() == 1
        client.force_login(UserFactory(officer=True))
        address = f"/admin/credits/claim/?activity__id__exact={meeting.pk}&certificates=differ"
        assert address in mail.text
        assert client.get(address).context["cl"].result_count == 1

    def test_mark_goes_when_the_page_says_it_again_or_it_is_issued_anew(
        self, meeting: Activity, sent: Certificate
    ) -> None:
        title = meeting.title
        changed(meeting, title="Another title")
        assert changed(meeting, title=title).outdated_since is None
        changed(meeting, title="Another title")
        claims = meeting.claims.all()
        correcting.correct(
            claims=claims, verb=Correction.Verb.REISSUE, amount=None, reason="New title.",
            actor=UserFactory(officer=True), now=timezone.now(),
        )  # fmt: skip
        runner.drain("office")
        assert not Certificate.objects.outdated().exists()
        assert Certificate.objects.standing().get().data["activity"] == "Another title"

    def test_who_signs_today_or_accredits_is_no_difference(self, meeting: Activity, sent: Certificate) -> None:
        meeting.provider.signatory_name = "Somebody Else, MD"
        meeting.provider.accreditation = "joint"
        meeting.provider.save()
        assert changed(meeting, need="Other words.").outdated_since is None


def test_self_study_is_completed_on_its_own_day_whatever_happens_later(learner: User) -> None:
    study = self_study()
    made = claim(learner, study, "1.00")
    runner.drain("certificates")
    before = Certificate.objects.get(reference=made.reference).data["dates"]
    study.ends_on += timedelta(days=30)
    study.save()
    follow(study)
    assert Certificate.objects.get(reference=made.reference).outdated_since is None
    assert Certificate.objects.get(reference=made.reference).data["dates"] == before


def test_many_claims_are_followed_in_parts(meeting: Activity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CHUNK", 2)
    for _ in range(5):
        claim(UserFactory(), meeting, "2.00")
    meeting.title = "Another title"
    meeting.save()
    follow(meeting)
    assert {row.data["activity"] for row in Certificate.objects.all()} == {"Another title"}
    assert Job.objects.filter(kind="credits.follow").count() == 3


def test_certificate_whose_award_was_taken_back_follows_nothing(learner: User, meeting: Activity) -> None:
    made = claim(learner, meeting, "2.00")
    award = made.awards.get()
    award.pk, award.amount, award.reverses, award.reason = None, -award.amount, made.awards.get(), "x"
    award.save(force_insert=True)
    assert changed(meeting, title="Another title").data["activity"] != "Another title"
