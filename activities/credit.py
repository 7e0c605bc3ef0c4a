"""Amounts of credit: Decimal quarters (AMA PRA: 15 minutes are 0.25 credit), refused rather than rounded."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

QUARTERS = 4
LIMIT = 10_000
LARGEST_EXPONENT = 12  # beyond it, exact arithmetic on what a stranger typed would cost minutes


class NotQuarters(ValueError):
    """The amount is not a number of quarters."""


def quarters(amount: Decimal | str | int) -> int:
    """Return how many quarters `amount` is; raises NotQuarters when it is not a whole number of them."""
    try:
        number = Decimal(amount)
    except InvalidOperation:
        raise NotQuarters(f"{amount!r} is not a number.") from None
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise NotQuarters(f"{amount} is not an amount of credit.")
    if abs(number) >= LIMIT:
        raise NotQuarters(f"{amount} is more than anybody designates or earns.")
    exact = number * QUARTERS
    if exact != exact.to_integral_value():
        raise NotQuarters(f"{amount} is not in steps of 0.25.")
    return int(exact)


def from_quarters(count: int) -> Decimal:
    """Return the amount with two decimals: 49 quarters are Decimal("12.25")."""
    return (Decimal(count) / QUARTERS).quantize(Decimal("0.01"))


def nearest(amount: Decimal) -> list[Decimal]:
    """Return the quarter below and the quarter above an amount that is between two."""
    below = int(amount * QUARTERS)
    return [from_quarters(below), from_quarters(below + 1)]


def check_quarters(amount: Decimal) -> None:
    """Validate a form's amount; raises ValidationError naming the two nearest quarters."""
    try:
        quarters(amount)
    except NotQuarters:
        choices = " or ".join(str(quarter) for quarter in nearest(amount) if quarter > 0) or "at least 0.25"
        raise ValidationError(f"Credit is counted in steps of 0.25. Enter {choices}.") from None


class CreditField(models.Field):  # type: ignore[type-arg]
    """An amount of credit: Decimal in Python, a whole number of quarters in the database.

    What is not a quarter cannot be stored, on any engine, and sums are exact.
    """

    description = "Credit in quarters"

    def get_internal_type(self) -> str:
        return "IntegerField"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:  # noqa: ARG002
        return None if value is None else from_quarters(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        try:
            return from_quarters(quarters(value))
        except NotQuarters as error:
            raise ValidationError(str(error)) from None

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else quarters(value)

    def formfield(self, **kwargs: Any) -> Any:
        from django.forms import DecimalField, NumberInput  # noqa: PLC0415 (models do not need forms otherwise)

        widget = NumberInput(attrs={"step": "0.25", "min": "0", "inputmode": "decimal"})
        defaults = {"form_class": DecimalField, "max_digits": 6, "decimal_places": 2, "validators": [check_quarters]}
        return super().formfield(**({"widget": widget} | kwargs | defaults))

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
