"""Formats, dates, deadlines, and who is offered what."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

from accounts.professions import Profession
from activities import boards, credit_types, formats, zones
from activities.codes import CodesField
from activities.models import Activity, CommercialSupport, CreditDesignation, MocRegistration, Objective, Partner
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
    assert activity.start_in_words == "Monday, January 24, 2022, midnight PST (Portland)"


def test_place_follows_the_delivery() -> None:
    activity = aacr_dates()
    places = []
    for delivery in ("in_person", "streamed", "hybrid"):
        activity.delivery = delivery
        places.append(activity.place)
    assert places == ["Portland, Oregon", "Online", "Portland, Oregon, and online"]
    assert ActivityFactory(self_study=True).place == ""


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


def test_zones_to_choose_from_are_places() -> None:
    names = [name for name, _words in zones.choices()]
    assert names[0] == "UTC"
    assert ("America/Los_Angeles", "America/Los Angeles") in zones.choices()
    assert not [name for name in names if name.startswith("Etc/")]


class TestDates:
    """Refused in words, and by the database behind them."""

    def test_end_before_the_begin(self) -> None:
        activity = aacr_dates()
        activity.ends_on = date(2022, 1, 1)
        with pytest.raises(ValidationError, match="The last day lies before the first"):
            activity.clean()
        activity.format = "enduring"
        with pytest.raises(ValidationError, match="The expiry lies before the release"):
            activity.clean()
        with pytest.raises(IntegrityError):
            Activity.objects.filter(pk=activity.pk).update(ends_on=date(2022, 1, 1))

    def test_deadline_before_the_end(self) -> None:
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
        ("code", "starts_on", "last"),
        [
            ("enduring", date(2022, 2, 25), date(2025, 2, 25)),
            ("enduring", date(2024, 2, 29), date(2027, 2, 28)),
            ("live", date(2022, 6, 1), date(2023, 5, 31)),
            ("series", date(2022, 1, 1), date(2022, 12, 31)),
            ("manuscript", date(2022, 1, 1), date(2023, 1, 1)),
        ],
    )
    def test_longest_time_of_each_format(self, code: str, starts_on: date, last: date) -> None:
        activity = ActivityFactory.build(
            provider=ProviderFactory(), format=code, starts_on=starts_on, ends_on=last, claim_until_day=date(2030, 1, 1)
        )
        assert activity.last_possible_day == last
        assert activity.clean() is None
        activity.ends_on = last + timedelta(days=1)
        with pytest.raises(ValidationError, match=f"at most .*, until {last:%B}"):
            activity.clean()


def test_tables_give_their_choices() -> None:
    assert [code for code, _name in formats.choices()] == list(formats.FORMATS)
    assert [code for code, _name in boards.choices()] == [
        "ABIM", "ABA", "ABOHNS", "ABOS", "ABP", "ABPATH", "ABS", "ABTS",
    ]  # fmt: skip
    assert len(boards.type_choices()) == len(set(boards.type_choices()))
    assert [code for code, _name in credit_types.choices()] == list(credit_types.CREDIT_TYPES)


ALL = "ama_pra ancc acpe acpe_technician aapa ipce participation"


@pytest.mark.parametrize(
    ("profession", "offered", "awarded"),
    [
        (Profession.PHYSICIAN, ALL, ["ama_pra", "ipce"]),
        (Profession.NURSE, ALL, ["ancc", "ipce"]),
        (Profession.NURSE_PRACTITIONER, ALL, ["ancc", "ipce"]),
        (Profession.PHARMACIST, ALL, ["acpe", "ipce"]),
        (Profession.PHARMACY_TECHNICIAN, ALL, ["acpe_technician", "ipce"]),
        (Profession.PA, ALL, ["aapa", "ipce"]),
        (Profession.OTHER, ALL, ["ipce"]),
        (Profession.PHYSICIAN, "ama_pra participation", ["ama_pra"]),
        (Profession.NURSE, "ama_pra participation", ["participation"]),
        (Profession.PHARMACY_TECHNICIAN, "acpe participation", ["participation"]),
        (Profession.OTHER, "ama_pra participation", ["participation"]),
        (Profession.PA, "ama_pra participation", ["participation as ama_pra"]),
        (Profession.PA, "ama_pra ipce", ["participation as ama_pra", "ipce"]),
        (Profession.PA, "participation", ["participation"]),
        (Profession.PHYSICIAN, "ancc participation", ["participation"]),
        (Profession.NURSE, "ama_pra", []),
        ("", "ama_pra", []),
    ],
)
def test_each_profession_is_awarded_its_own_currency(profession: str, offered: str, awarded: list[str]) -> None:
    activity = ActivityFactory(credit=dict.fromkeys(offered.split(), "38.75"))
    found = activity.entitlements(profession)
    assert [f"{row.code} as {row.recognised.code}" if row.recognised else row.code for row in found] == awarded
    assert {row.maximum for row in found} <= {Decimal("38.75")}


def test_amount_is_told_in_its_unit() -> None:
    activity = ActivityFactory(credit={"ama_pra": "1.00", "participation": "18.50"})
    assert [str(row) for row in activity.designations.all()] == [
        "1.00 AMA PRA Category 1 Credit™",
        "18.50 hours of participation",
    ]


class TestDesignation:
    """Refusals of credit."""

    def clean(self, **facts: object) -> CreditDesignation:
        row = CreditDesignation(
            **{"activity": ActivityFactory(credit={"ama_pra": "1.00"}), "credit_type": "acpe"} | facts
        )
        row.full_clean()
        return row

    def test_credit_not_in_quarters(self) -> None:
        with pytest.raises(ValidationError, match=r"not in steps of 0\.25"):
            self.clean(maximum=Decimal("1.30"))

    def test_no_credit_at_all(self) -> None:
        with pytest.raises(ValidationError, match=r"Designate at least 0\.25\."):
            self.clean(maximum=Decimal(0))

    def test_same_type_twice(self) -> None:
        with pytest.raises(ValidationError, match="This credit type is designated already"):
            self.clean(maximum=Decimal(1), credit_type="ama_pra")

    @pytest.mark.parametrize(
        "uan",
        ["1234", "1234-0000-26-1-L01-P", "1234-0001-26-001-L01-P", "1234-0000-26-001-X01-P", "1234-0000-26-001-L09-P"],
    )
    def test_number_that_is_none(self, uan: str) -> None:
        with pytest.raises(ValidationError, match="This is not a Universal Activity Number"):
            self.clean(maximum=Decimal(1), uan=uan)

    @pytest.mark.parametrize("uan", ["1234-0000-21-001-L01-P", "JA0000123-9999-26-9999-H99-T"])
    def test_number_that_is_one(self, uan: str) -> None:
        assert self.clean(maximum=Decimal(1), uan=uan).uan == uan


class TestMoc:
    """Registrations with boards."""

    def clean(self, **facts: object) -> MocRegistration:
        usual = {"board": "ABIM", "point_types": ["Medical Knowledge"], "maximum": Decimal(1)}
        row = MocRegistration(**{"activity": ActivityFactory()} | usual | facts)
        row.full_clean()
        return row

    def test_points_equal_the_credit_claimed_and_stop_at_the_registered(self) -> None:
        row = self.clean(maximum=Decimal("10.00"))
        assert row.points_for(Decimal("7.25")) == Decimal("7.25")
        assert row.points_for(Decimal("18.50")) == Decimal("10.00")
        assert str(row) == "10.00 ABIM Medical Knowledge MOC points"

    def test_kind_that_the_board_does_not_know(self) -> None:
        with pytest.raises(ValidationError, match="ABIM does not know Self-Assessment; it knows Medical Knowledge, "):
            self.clean(point_types=["Self-Assessment"])

    def test_kind_that_nobody_knows_and_none_at_all(self) -> None:
        with pytest.raises(ValidationError, match=r"Knowledge is not in the list\."):
            self.clean(point_types=["Knowledge"])
        with pytest.raises(ValidationError, match="cannot be blank"):
            self.clean(point_types=[])

    def test_board_that_nobody_knows(self) -> None:
        with pytest.raises(ValidationError, match="'ABXX' is not a valid choice"):
            self.clean(board="ABXX")

    def test_points_are_offered_only_when_they_can_be_reported(self) -> None:
        assert ActivityFactory(moc="1.00").offers_moc
        assert not ActivityFactory(moc="1.00", pars_id="").offers_moc
        assert not ActivityFactory().offers_moc


def test_several_codes_are_ticked_in_a_form() -> None:
    field = CodesField("kinds", table=lambda: [("a", "A"), ("b", "B")]).formfield()
    assert isinstance(field, forms.MultipleChoiceField)
    assert (list(field.choices), field.required, field.clean(["a"])) == ([("a", "A"), ("b", "B")], False, ["a"])


def test_supporter_has_no_field_for_a_logo_or_a_product() -> None:
    files = [field.name for field in CommercialSupport._meta.get_fields() if isinstance(field, models.FileField)]
    assert files == ["agreement"]
    assert not [
        field.name for field in CommercialSupport._meta.get_fields() if "logo" in field.name or "product" in field.name
    ]


def test_in_kind_support_needs_its_nature() -> None:
    activity = ActivityFactory()
    with pytest.raises(ValidationError, match="Learners must read the nature"):
        CommercialSupport(activity=activity, supporter="Olympus", kind="in_kind").full_clean()
    with pytest.raises(ValidationError, match="Describe the other nature"):
        CommercialSupport(activity=activity, supporter="Olympus", kind="in_kind", nature="other").full_clean()


def test_state_society_must_be_named() -> None:
    with pytest.raises(ValidationError, match="Name the state medical society"):
        ProviderFactory.build(accreditation="state").full_clean()


def test_short_address_spells_no_word() -> None:
    codes = {ActivityFactory().code for _ in range(20)}
    assert len(codes) == 20
    assert not set("".join(codes)) & set("AEIOU01")


def test_parts_tell_what_they_are() -> None:
    activity = ActivityFactory()
    make_sessions(activity, 1)
    objective = Objective(activity=activity, position=1, text="Discuss it.")
    parts = (activity.sessions.get(), objective, CommercialSupport(supporter="Amgen"), Partner(name="Hospital"))
    assert [str(part) for part in parts] == ["Session 0", "Discuss it.", "Amgen", "Hospital"]
    assert str(activity.provider) == "Society of Examples"
    assert ProviderFactory(name="SOE").name_with_short == "SOE"
