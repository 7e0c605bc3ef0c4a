"""Credit is counted in quarters, exactly, and refused when it is not."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Sum
from django.forms import modelform_factory

from activities.credit import NotQuarters, check_quarters, from_quarters, quarters
from activities.models import CreditDesignation
from tests.factories import ActivityFactory


@pytest.mark.parametrize(("amount", "count"), [("0.25", 1), ("18.50", 74), (Decimal("12.250"), 49), (3, 12)])
def test_quarters_are_counted(amount: Decimal | str | int, count: int) -> None:
    assert quarters(amount) == count
    assert from_quarters(count) == Decimal(amount)


@pytest.mark.parametrize("amount", ["0.1", "12.3", "NaN", "Infinity", "a lot", "1e-9"])
def test_what_is_not_in_quarters_is_refused(amount: str) -> None:
    with pytest.raises(NotQuarters):
        quarters(amount)


def test_refusal_names_the_two_nearest_quarters() -> None:
    with pytest.raises(ValidationError) as refusal:
        check_quarters(Decimal("12.3"))
    assert refusal.value.messages == ["Credit is counted in steps of 0.25. Enter 12.25 or 12.50."]
    assert check_quarters(Decimal("12.25")) is None  # type: ignore[func-returns-value]


def test_database_holds_whole_numbers_and_sums_are_exact(db: None) -> None:
    activity = ActivityFactory(credit={"ama_pra": "18.50", "ancc": "0.25"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT maximum FROM activities_creditdesignation ORDER BY id")
        assert [row[0] for row in cursor.fetchall()] == [74, 1]
    assert activity.designations.aggregate(total=Sum("maximum"))["total"] == Decimal("18.75")


def test_column_cannot_take_what_is_not_in_quarters(db: None) -> None:
    activity = ActivityFactory()
    with pytest.raises(NotQuarters):
        CreditDesignation.objects.create(activity=activity, credit_type="ancc", maximum=Decimal("0.1"))


def test_form_refuses_in_words_and_gives_decimals(db: None) -> None:
    form_class = modelform_factory(CreditDesignation, fields=["maximum"])
    assert form_class({"maximum": "0.1"}).errors["maximum"] == ["Credit is counted in steps of 0.25. Enter 0.25."]
    form = form_class({"maximum": "18.5"})
    assert form.is_valid()
    assert form.cleaned_data["maximum"] == Decimal("18.50")


def test_empty_and_text_are_understood_by_the_model() -> None:
    field = CreditDesignation._meta.get_field("maximum")
    assert field.to_python("") is None
    assert field.to_python("1.25") == Decimal("1.25")
    assert field.value_to_string(CreditDesignation(maximum=Decimal("1.25"))) == "1.25"
    with pytest.raises(ValidationError):
        field.to_python("1.2")
