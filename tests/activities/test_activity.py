"""Dates, deadlines, and who is offered what."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.professions import Profession
from activities.models import Activity, CommercialSupport, MocRegistration, Objective
from tests.factories import ActivityFactory, ProviderFactory, make_sessions

pytestmark = pytest.mark.django_db


def aacr_dates() -> Activity:
    activity: Activity = ActivityFactory(
        starts_on=date(2022, 1, 24), ends_on=date(2022, 1, 27), claim_until_day=date(2022, 2, 23)
    )
    return activity


def test_deadline_is_told_with_hour_zone_and_city() -> None:
    activity = aacr_dates()
    assert activity.deadline_in_words == "Wednesday, February 23, 2022, 11:59 p.m. PST (Portland)"
    assert activity.dates_in_words == "January 24–27, 2022"
    assert activity.place == "Portland, Oregon"
    assert activity.start_in_words == "Monday, January 24, 2022, midnight PST (Portland)"


def test_last_second_of_the_deadline_counts_in_full() -> None:
    activity = aacr_dates()
    second, microsecond = timedelta(seconds=1), timedelta(microseconds=1)
    assert not activity.deadline_has_passed(activity.claim_until - second)
    assert not activity.deadline_has_passed(activity.claim_until)
    assert not activity.deadline_has_passed(activity.claim_until + second - microsecond)
    assert activity.deadline_has_passed(activity.claim_until + second)


def test_change_of_zone_moves_the_instants_and_not_the_days() -> None:
    activity = aacr_dates()
    before = activity.claim_until
    activity.time_zone = "America/New_York"
    activity.save()
    assert before - activity.claim_until == timedelta(hours=3)


def test_wrong_dates_are_refused_in_words_and_by_the_database() -> None:
    activity = aacr_dates()
    activity.ends_on = date(2022, 1, 1)
    with pytest.raises(ValidationError, match="The last day lies before the first"):
        activity.clean()
    with pytest.raises(IntegrityError):
        Activity.objects.filter(pk=activity.pk).update(ends_on=date(2022, 1, 1))


def test_deadline_before_the_end_is_refused_in_words() -> None:
    activity = aacr_dates()
    activity.claim_until_day = date(2022, 1, 27)
    activity.claim_until_hour = time(12)
    with pytest.raises(ValidationError, match="claimable until the activity has ended"):
        activity.clean()
    activity.claim_until_hour = time(23, 59, 59)
    assert activity.clean() is None  # type: ignore[func-returns-value]
    activity.time_zone = "New York"
    assert activity.clean() is None  # type: ignore[func-returns-value]
    activity.claim_until_day = None  # type: ignore[assignment]
    assert activity.clean() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("profession", "kind"),
    [
        (Profession.PHYSICIAN, "ama_pra"),
        (Profession.NURSE, "ancc"),
        (Profession.NURSE_PRACTITIONER, "ancc"),
        (Profession.PHARMACIST, "acpe"),
        (Profession.PHARMACY_TECHNICIAN, "acpe"),
        (Profession.PA, "aapa"),
        (Profession.OTHER, "participation"),
    ],
)
def test_each_profession_is_offered_its_own_credit(profession: str, kind: str) -> None:
    kinds = ("ama_pra", "ancc", "acpe", "aapa", "participation")
    activity = ActivityFactory(credit=dict.fromkeys(kinds, "38.75"))
    designation = activity.designation_for(profession)
    assert designation is not None
    assert designation.credit_type == kind


def test_profession_without_an_offer_gets_none() -> None:
    assert ActivityFactory(credit={"ama_pra": "1.00"}).designation_for(Profession.NURSE) is None


def test_amount_is_told_in_its_unit() -> None:
    activity = ActivityFactory(credit={"ama_pra": "1.00", "participation": "18.50"})
    assert [str(row) for row in activity.designations.all()] == [
        "1.00 AMA PRA Category 1 Credit™",
        "18.50 hours of participation",
    ]


def test_points_equal_the_credit_claimed_and_stop_at_the_registered() -> None:
    row = MocRegistration(board="ABIM", point_type="Medical Knowledge", maximum=Decimal("10.00"))
    assert row.points_for(Decimal("7.25")) == Decimal("7.25")
    assert row.points_for(Decimal("18.50")) == Decimal("10.00")
    assert str(row) == "10.00 ABIM Medical Knowledge MOC points"


def test_points_are_offered_only_when_they_can_be_reported() -> None:
    assert ActivityFactory(moc="1.00").offers_moc
    assert not ActivityFactory(moc="1.00", pars_id="").offers_moc
    assert not ActivityFactory().offers_moc


def test_parts_tell_what_they_are() -> None:
    activity = ActivityFactory()
    make_sessions(activity, 1)
    objective = Objective(activity=activity, position=1, text="Discuss it.")
    assert [str(activity.sessions.get()), str(objective), str(CommercialSupport(supporter="Amgen"))] == [
        "Session 0",
        "Discuss it.",
        "Amgen",
    ]
    assert str(activity.provider) == "Society of Examples"
    assert ProviderFactory(name="SOE").name_with_short == "SOE"
