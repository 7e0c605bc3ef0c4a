"""Which days of birth exist."""

import pytest
from django.core.exceptions import ValidationError

from accounts.birthdays import check_birthday


@pytest.mark.parametrize(("month", "day"), [("2", "29"), (1, 31), ("12", "31"), ("4", "30")])
def test_a_day_of_the_calendar_is_accepted(month: object, day: object) -> None:
    assert check_birthday(month, day) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("month", "day", "words"),
    [
        ("6", "31", "June has days 1 to 30; correct the day of birth."),
        ("2", "30", "February has days 1 to 29; correct the day of birth."),
        ("1", "0", "January has days 1 to 31; correct the day of birth."),
        ("13", "1", "Choose the month of birth."),
        ("", "1", "Give both the month and the day of birth."),
        ("1", "first", "Give both the month and the day of birth."),
    ],
)
def test_a_day_that_does_not_exist_is_refused_in_words(month: str, day: str, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        check_birthday(month, day)
    assert refusal.value.messages == [words]
