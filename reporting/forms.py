"""Who the learner is to a registry, asked of the learner or of the office; and a decision's reason."""

from typing import Any

from django import forms

from accounts.birthdays import MONTHS, check_birthday
from accounts.identifiers import Registry, check_identifier, form_of, normalised
from accounts.names import NameFormField
from accounts.states import STATES
from audit.rows import RowsField
from reporting.models import Submission
from reporting.snapshots import Identity

WORDS = {
    "board_number": "Enter the number.",
    "given_name": "Enter the first name as the registry has it.",
    "family_name": "Enter the last name as the registry has it.",
    "birth_month": "Choose the month of birth.",
    "birth_day": "Enter the day of birth.",
}


class IdentityForm(forms.Form):
    """A learner's number, names and birthday as one board or registry has them."""

    board_number = forms.CharField(max_length=30)
    given_name = NameFormField(max_length=100)
    family_name = NameFormField(max_length=100)
    birth_month = forms.ChoiceField(label="Month of birth", choices=[("", "Month"), *MONTHS])
    birth_day = forms.CharField(
        label="Day of birth",
        max_length=2,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Month and day only; the year is never asked.",
    )

    def __init__(self, *args: Any, board: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.board, self.use_required_attribute = board, False
        label = Registry.LICENSE.label + " number" if board in STATES else Registry(board).label
        self.heading = f"Your {board} details"
        number, shape = self.fields["board_number"], form_of(board)
        number.label, number.help_text = label, shape.description
        number.widget.attrs |= {"data-form": shape.pattern, "data-form-words": shape.description}
        self.fields["given_name"].label = f"First name, as {board} has it"
        self.fields["family_name"].label = f"Last name, as {board} has it"
        for name, words in WORDS.items():
            self.fields[name].error_messages["required"] = words

    def clean_board_number(self) -> str:
        """Drop what comes along when a number is pasted, and refuse one of another form."""
        number = normalised(self.board, self.cleaned_data["board_number"])
        check_identifier(self.board, number)
        return number

    def clean_birth_day(self) -> str:
        """Refuse a day that the month does not have."""
        day: str = self.cleaned_data["birth_day"]
        if self.cleaned_data.get("birth_month"):
            check_birthday(self.cleaned_data["birth_month"], day)
        return day

    @property
    def identity(self) -> Identity:
        """What was entered; only of a valid form."""
        cleaned = self.cleaned_data
        return {
            "given_name": cleaned["given_name"],
            "family_name": cleaned["family_name"],
            "board_number": cleaned["board_number"],
            "birth_month": int(cleaned["birth_month"]),
            "birth_day": int(cleaned["birth_day"]),
        }


class OfficeIdentityForm(IdentityForm):
    """The same, corrected by the office, which says why."""

    reason = forms.CharField(max_length=300, error_messages={"required": "Say why: the reason is kept."})


class DecisionForm(forms.Form):
    """What becomes of several reports, and why."""

    VERBS = (
        ("hold", "Hold back what was not sent yet"),
        ("release", "Release what is held back, or was not handled elsewhere after all"),
        ("again", "Send again: rejected reports anew, incomplete ones after another look, silent ones asked about"),
        ("elsewhere", "Handled elsewhere: take out of the queue"),
    )
    verb = forms.ChoiceField(choices=VERBS, error_messages={"required": "Choose what."})
    reason = forms.CharField(max_length=300, error_messages={"required": "Say why: the reason is kept."})
    back = forms.CharField(required=False, help_text="The list's filters, to come back to.")
    reports = RowsField(
        Submission.objects.select_related("learner", "after"), error_messages={"required": "Tick at least one report."}
    )
