"""Month and day of birth without a year: which of them exist."""

import calendar

from django.core.exceptions import ValidationError

MONTHS = [(str(number), calendar.month_name[number]) for number in range(1, 13)]
LEAP_YEAR = 2000  # so that 29 February is a birthday


def check_birthday(month: object, day: object) -> None:
    """Raise ValidationError unless month and day name a day of the calendar, 29 February included."""
    try:
        month_number, day_number = int(str(month)), int(str(day))
    except ValueError:
        raise ValidationError("Give both the month and the day of birth.") from None
    if not 1 <= month_number <= len(MONTHS):
        raise ValidationError("Choose the month of birth.")
    last = calendar.monthrange(LEAP_YEAR, month_number)[1]
    if not 1 <= day_number <= last:
        raise ValidationError(f"{calendar.month_name[month_number]} has days 1 to {last}; correct the day of birth.")
