"""What keeps a report from leaving is found before a registry finds it; the state says what is missing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from jobs.models import Job
from reporting import checks, faults, years
from reporting.models import IdentityCheck, Line, ReportingYear, Submission
from reporting.snapshots import Completion
from reporting.states import DECIDED, NEXT, NOT_SENT, ON_ITS_WAY, State, before
from tests.reporting.making import COMPLETION, Make, ada, report, run

UAN = "0000-0000-26-001-L01-P"


@pytest.mark.parametrize(
    ("identity", "completion", "words"),
    [
        ({"board_number": "12345"}, {}, "An ABIM number has 6 digits"),
        ({"board_number": ""}, {}, "The ABIM number is missing."),
        ({"given_name": " "}, {}, "First name is missing."),
        ({"family_name": ""}, {}, "Last name is missing."),
        ({"family_name": "Oka\x07for"}, {}, "Last name: This has characters that cannot be printed"),
        ({"birth_month": 6, "birth_day": 31}, {}, "June has days 1 to 30"),
        ({"birth_month": 0}, {}, "Month and day of birth are missing."),
        ({}, {"activity_id": ""}, "The activity has no ACCME activity ID"),
        ({}, {"provider_id": "12"}, "The provider has no ACCME provider ID"),
        ({}, {"completed_on": "yesterday"}, "The date of completion is missing."),
        ({}, {"begins": "2022-01-01", "ends": "2022-01-26"}, "outside the activity (2022-01-01 to 2022-01-26)"),
        ({}, {"points": "0.10"}, "0.10 is not a positive number of quarters."),
        ({}, {"points": "-1"}, "-1 is not a positive number of quarters."),
        ({}, {"points": "many"}, "The credit is no number."),
        ({}, {"maximum": "12.00"}, "12.25 is above the 12.00 that are registered."),
    ],
)
def test_what_is_missing_or_wrong_is_said(identity: dict[str, Any], completion: dict[str, Any], words: str) -> None:
    found = checks.faults("PARS", "ABIM", {**ada(), **identity}, {**COMPLETION, **completion})  # type: ignore[typeddict-item]
    assert [words in fault for fault in found] == [True]


def test_complete_report_has_no_faults() -> None:
    assert checks.faults("PARS", "ABIM", ada(), COMPLETION) == []
    lately: Completion = {**COMPLETION, "completed_on": timezone.now().date().isoformat()}
    assert checks.faults("CPE", "NABP", ada(), {**lately, "activity_id": UAN}) == []
    assert checks.faults("CPE", "NABP", ada(), lately) == [
        "The ACPE designation has no Universal Activity Number: enter it with the activity's credit."
    ]


def test_what_cpe_monitor_takes_no_more_is_said() -> None:
    late: Completion = {**COMPLETION, "activity_id": UAN}
    assert checks.faults("CPE", "NABP", ada(), late) == [
        "It was completed more than 60 days ago; CPE Monitor does not take it any more."
    ]


def test_other_providers_credentials_report_nothing_for_this_one() -> None:
    (words,) = checks.faults("PARS", "ABIM", ada(), {**COMPLETION, "provider_id": "0000456"})
    assert words.startswith("PARS knows the provider as 0000456, and the portal's credentials are those of 0000123")


def test_portal_without_credentials_says_that_and_not_whose_they_are(settings: Settings) -> None:
    settings.PARS = {**settings.PARS, "provider": ""}
    assert checks.faults("PARS", "ABIM", ada(), COMPLETION) == [checks.NO_CREDENTIALS]


@pytest.mark.django_db
def test_incomplete_report_is_a_draft_with_its_reasons_and_has_no_job(ready: Make) -> None:
    submission = ready("12345", activity_id="")
    assert submission.state == "draft"
    assert "An ABIM number has 6 digits" in submission.reason
    assert "register it in PARS" in submission.reason
    assert not Job.objects.exists()


class TestTable:
    """The table of states."""

    def test_every_state_is_in_the_table_and_ends_somewhere(self) -> None:
        assert set(NEXT) == set(State)
        assert all(later <= set(State) for later in NEXT.values())
        reached = {later for follow in NEXT.values() for later in follow}
        assert reached == set(State) - {State.DRAFT} | {State.DRAFT}
        assert {state for state in State if not NEXT[state]} == {State.CORRECTED, State.WITHDRAWN}

    def test_every_state_is_of_one_kind(self) -> None:
        assert sorted([*DECIDED, *NOT_SENT, *ON_ITS_WAY]) == sorted(State)

    def test_what_may_come_before(self) -> None:
        assert set(before(State.CORRECTED)) == {State.ACCEPTED, State.REJECTED}
        assert set(before(State.HELD)) == {State.HELD, State.DRAFT, State.READY}

    @pytest.mark.django_db
    @pytest.mark.parametrize("start", State)
    @pytest.mark.parametrize("to", State)
    def test_rows_move_only_as_the_table_says(self, ready: Make, start: State, to: State) -> None:
        submission = ready()
        decided = timezone.now() if start in DECIDED else None
        Submission.objects.update(state=start, decided_at=decided)
        allowed = to in NEXT[start] or (start == to and to not in DECIDED)
        assert submission.move(to) is allowed
        assert submission.state == (to if allowed else start)


@pytest.mark.parametrize(
    ("words", "whose"),
    [
        ("ABIM ID 123459 was not found.", "learner"),
        ("Name and birth date do not match the record of ABIM ID 123458.", "learner"),
        ("e-Profile ID not found.", "learner"),
        ("Activity 202200001 was not found.", "office"),
        ("numberOfCredits must be in increments of 0.25.", "office"),
        ("Something else.", "office"),
    ],
)
def test_whose_data_a_rejection_is_about(words: str, whose: str) -> None:
    assert faults.whose(words) == whose


@pytest.mark.django_db
def test_nearest_clock_comes_first(learner: User) -> None:
    today = timezone.now().date()
    submission = report(learner, clocks=[("PARS", today + timedelta(days=90)), ("ABIM claim date", today)])
    assert [name for name, _ in submission.clocks] == ["ABIM claim date", "30 days after the claim", "PARS"]
    assert (submission.report_by, submission.days_left(today + timedelta(days=3))) == (today, -3)


@pytest.mark.django_db
def test_days_of_a_year_are_the_settings_unless_the_office_says_otherwise(settings: Settings) -> None:
    assert years.days(2026) == (date(2026, 12, 31), date(2027, 3, 31))
    ReportingYear.objects.create(year=2026, counts_until="2027-01-07", closes_on="2027-04-02")
    assert years.days(2026) == (date(2027, 1, 7), date(2027, 4, 2))
    assert str(ReportingYear.objects.get()) == "2026"
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportingYear.objects.create(year=2027, counts_until="2028-01-07", closes_on="2027-04-02")


@pytest.mark.django_db
def test_rows_name_themselves(ready: Make) -> None:
    assert str(Line(registry="PARS")) == "PARS"
    assert str(IdentityCheck(verdict="not_found")) == "not found yet"
    assert str(run(ready())) == "ABIM: 12.25 Medical Knowledge, R-1"
