"""Whom a row of a list is about, and the day of a completion."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from credits import importing as credits_importing
from credits import transcript
from credits.models import Claim, ImportedRow
from credits.services import importing
from office import year
from reporting.models import Submission
from tests.credits.making import session, standing
from tests.credits.test_lists import carry_out, states, upload, verdicts
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
BOTH = "e-mail,member number,activity,hours"


@pytest.fixture
def olga(db: None) -> User:
    made: User = UserFactory(first_name="Olga", member_number="4711", email="olga@example.org")
    return made


@pytest.mark.parametrize("kind", ["attendance", "completion"])
def test_known_number_with_an_unknown_address_is_doubtful(
    officer: User, olga: User, activity: Activity, kind: str
) -> None:
    made = upload(officer, BOTH, f"visitor@else.org,4711,{activity.slug},2", kind=kind)
    assert verdicts(made) == [
        f"doubtful: The number belongs to {olga}, the address visitor@else.org to nobody we know."
    ]
    carry_out(made, officer)
    assert (states(made), Claim.objects.exists()) == (["left"], False)


def test_known_address_with_another_number_is_doubtful(officer: User, olga: User, activity: Activity) -> None:
    made = upload(officer, BOTH, f"olga@example.org,999,{activity.slug},2")
    assert verdicts(made) == [f"doubtful: The address belongs to {olga}, who has another number than 999."]


def test_both_together_are_believed(officer: User, olga: User, activity: Activity) -> None:
    unnumbered = UserFactory()
    made = upload(officer, BOTH, f"olga@example.org,4711,{activity.slug},2", f"{unnumbered.email},5,{activity.slug},2")
    assert verdicts(made) == ["ok", "ok"]


def test_row_that_waits_joins_nobody_whom_its_other_identifier_contradicts(officer: User, activity: Activity) -> None:
    made = carry_out(upload(officer, BOTH, f"late@example.org,77,{activity.slug},2", kind="completion"), officer)
    came = UserFactory(email="late@example.org", member_number="78")
    credits_importing.join(came, timezone.now())
    row = made.rows.get()
    assert (row.state, row.words) == (
        "held", f"The address belongs to {came}, who has another number than 77."
    )  # fmt: skip
    assert not Claim.objects.exists()
    came.member_number = "77"
    came.save()
    assert standing(Claim.objects.get()) == {"ama_pra": "2.00"}


def test_person_who_comes_between_check_and_import_is_judged_again(officer: User, activity: Activity) -> None:
    made = upload(officer, BOTH, f"late@example.org,77,{activity.slug},2")
    UserFactory(email="late@example.org", member_number="78")
    assert states(carry_out(made, officer)) == ["held"]


def test_running_number_of_a_roster_is_no_member_number(officer: User, olga: User, activity: Activity) -> None:
    made = upload(officer, "id,number,e-mail,activity,hours", f"4711,4711,new@example.org,{activity.slug},2")
    assert verdicts(made) == ["waiting: Nobody has confirmed this address yet; the row joins when somebody does."]


def test_row_with_a_number_alone_says_so(officer: User, activity: Activity) -> None:
    made = upload(officer, BOTH, f",mabc,{activity.slug},2")
    assert verdicts(made) == ["waiting: Nobody has this number yet; the row joins when somebody is given it."]
    UserFactory(member_number="MABC")
    assert verdicts(upload(officer, BOTH, f",mabc,{activity.slug},2")) == ["ok"]


def test_names_sessions_and_activities_are_found_in_any_spelling(officer: User, activity: Activity) -> None:
    learner = UserFactory(first_name="Jürgen", last_name="Müller")
    Activity.objects.filter(pk=activity.pk).update(title="Ménière’s disease: 2022")
    session(activity, "08:00-09:00", "“Omics” – what’s new")
    made = upload(
        officer,
        "e-mail,name,activity,session,hours",
        f'{learner.email},Ju\u0308rgen MULLER,meniere\'s disease: 2022,"""omics"" - what\'s new",1',
    )
    assert verdicts(made) == ["ok"]


def test_saved_rows_can_be_brought_again(client: Client, officer: User, activity: Activity) -> None:
    learner = UserFactory()
    session(activity, "08:00-09:00", "-omics in oncology")
    made = carry_out(
        upload(officer, "e-mail,activity,session,hours", f"{learner.email},{activity.slug},-omics in oncology,1"),
        officer,
    )
    client.force_login(officer)
    answer = client.get(f"/admin/credits/attendanceimport/{made.pk}/rows.csv")
    table = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert table.startswith("\ufeff")
    assert "'-omics" in table
    assert verdicts(upload(officer, *table.splitlines())) == ["same: On record already."]


DAYS = "e-mail,activity,hours,completed on"


class TestDayOfCompletion:
    """Required for completions, kept for rows that wait, printed, reported, and counted in its own year."""

    @pytest.fixture
    def course(self) -> Activity:
        return self.make()

    def make(self, **facts: object) -> Activity:
        today = timezone.localdate()
        ends = today + timedelta(days=100)
        run = {"starts_on": today - timedelta(days=500), "ends_on": ends, "claim_until_day": ends}
        made: Activity = ActivityFactory(format="enduring", delivery="", city="", **run, **facts)
        return made

    def test_list_without_the_column_is_refused_at_once(self, officer: User, course: Activity) -> None:
        file = ContentFile(f"e-mail,activity,hours\na@b.example,{course.slug},1".encode(), name="l.csv")
        with pytest.raises(ValidationError, match="on which day was each completed"):
            importing.upload(file=file, kind="completion", actor=officer, now=timezone.now())

    @pytest.mark.parametrize(
        ("written", "words"),
        [
            ("", "The day of completion is missing."),
            ("soon", "“soon” is not a day. Write 2026-06-01 or 06/01/2026."),
            ("2999-01-01", "January 1, 2999 is still to come."),
            ("2001-01-01", "January 1, 2001 is not within the activity"),
        ],
    )
    def test_what_cannot_be_is_refused(self, officer: User, course: Activity, written: str, words: str) -> None:
        made = upload(officer, DAYS, f"{UserFactory().email},{course.slug},1,{written}", kind="completion")
        assert verdicts(made)[0].startswith(f"refused: {words}")

    def test_it_is_printed_reported_and_counted_in_its_year(self, officer: User, course: Activity) -> None:
        day = course.starts_on + timedelta(days=3)
        learner = UserFactory()
        written = f"{day:%m/%d/%Y}"
        carry_out(upload(officer, DAYS, f"{learner.email},{course.slug},2,{written}", kind="completion"), officer)
        made = Claim.objects.get()
        in_words = f"{day:%B} {day.day}, {day.year}"
        assert (made.completed_on, made.completed_day) == (day, day)
        certificate = made.learner.certificates.get()
        assert f"Completed {in_words}" in certificate.data["dates"]
        assert transcript.Transcript(learner, transcript.Wanted(since=day, until=day)).lines[0].day == day
        assert [line.claims for line in year.summary(day.year).lines] == [1]
        assert [line.claims for line in year.summary(timezone.localdate().year).lines] == [0]

    def test_it_waits_with_the_row(self, officer: User, course: Activity) -> None:
        day = course.starts_on + timedelta(days=3)
        carry_out(upload(officer, DAYS, f"late@example.org,{course.slug},2,{day}", kind="completion"), officer)
        assert ImportedRow.objects.get().completed_on == day
        credits_importing.join(UserFactory(email="late@example.org"), timezone.now())
        assert Claim.objects.get().completed_on == day

    def test_pharmacists_day_is_reported(self, officer: User) -> None:
        course = self.make(credit={"acpe": "5.00"})
        course.designations.update(uan="0000-0000-26-001-H01-P")
        pharmacist, day = UserFactory(profession="pharmacist"), course.starts_on + timedelta(days=3)
        carry_out(upload(officer, DAYS, f"{pharmacist.email},{course.slug},2,{day}", kind="completion"), officer)
        assert Submission.objects.get().completion["completed_on"] == day.isoformat()
