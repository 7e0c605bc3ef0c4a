"""Numbers of rows, as browsers post them."""

from typing import Any

from django import forms

LONGEST_NUMBER = 15


def is_number(text: str) -> bool:
    """Whether a posted text can be the number of a row that a database has."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rows by their numbers; what is no such number is left out."""

    def clean(self, value: Any) -> Any:
        return super().clean([number for number in value or [] if is_number(str(number))])
