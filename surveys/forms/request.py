"""The pages that only a Request for Credit has: credit, MOC, attestation."""

from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError

from accounts.birthdays import MONTHS, check_birthday
from accounts.identifiers import check_identifier, normalised
from accounts.models import Identifier, User
from activities import statements
from activities.models import Activity
from credits.forms.claiming import ATTESTATION, UNATTESTED, AmountForm, CodesForm, SessionsForm
from surveys.forms.page import PageForm

YES, NO = "yes", "no"


class AmountPage(PageForm, AmountForm):
    """How much credit is claimed."""


class SessionsPage(SessionsForm, PageForm):
    """Which sessions were attended."""


class CodesPage(CodesForm, PageForm):
    """Which codes were shown at the sessions."""


PAGES: dict[type[forms.Form], type[PageForm]] = {
    AmountForm: AmountPage, SessionsForm: SessionsPage, CodesForm: CodesPage,
}  # fmt: skip


def on_page(form: type[forms.Form]) -> Any:
    """Return the form by which credit is claimed, as a page of the request."""
    return PAGES[form]


class MocForm(PageForm):
    """Whether MOC points are wished, and who the learner is to the board."""

    wants_moc = forms.ChoiceField(
        label="Shall we report your completion to ABIM for MOC points?",
        choices=[(YES, "Yes, report my MOC points"), (NO, "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    board_number = forms.CharField(
        label="ABIM number",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Six digits. You find it on abim.org under “Verify a physician”.",
    )
    given_name = forms.CharField(label="First name, as ABIM has it", required=False, max_length=100)
    family_name = forms.CharField(label="Last name, as ABIM has it", required=False, max_length=100)
    birth_month = forms.ChoiceField(label="Month of birth", required=False, choices=[("", "Month"), *MONTHS])
    birth_day = forms.CharField(
        label="Day of birth",
        required=False,
        max_length=2,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="ABIM recognizes you by month and day; the year is never asked.",
    )
    permission = forms.BooleanField(required=False)

    short_labels = {"permission": "Permission to report to ABIM"}
    NEEDED = {
        "board_number": "Enter your ABIM number, or answer No above.",
        "given_name": "Enter your first name as ABIM has it.",
        "family_name": "Enter your last name as ABIM has it.",
        "birth_month": "Choose your month of birth.",
        "birth_day": "Enter your day of birth.",
        "permission": "Without your permission we may not report; tick the box, or answer No above.",
    }

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permission"].label = statements.permission(activity.provider)
        self.helper.layout = Layout(
            "wants_moc",
            Div(
                HTML('<h2 class="h5" id="board-record">Your record with ABIM</h2>'),
                "board_number",
                Div(Div("given_name", css_class="col-sm"), Div("family_name", css_class="col-sm"), css_class="row"),
                Div(Div("birth_month", css_class="col-sm-7"), Div("birth_day", css_class="col-sm-5"), css_class="row"),
                Field("permission"),
                data_shown_when="wants_moc=yes",
            ),
        )

    @property
    def wished(self) -> bool:
        """Whether the (bound) form asks for points."""
        return str(self["wants_moc"].value()) == YES

    @property
    def told(self) -> list[str]:
        """Everything if points are wished, otherwise only that they are not."""
        return list(self.fields) if self.wished else ["wants_moc"]

    def clean(self) -> dict[str, Any]:
        """Ask for everything the board needs, if points are wished."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("wants_moc") != YES:
            return cleaned
        for name, words in self.NEEDED.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, words)
        self._check(cleaned)
        return cleaned

    def clean_board_number(self) -> str:
        """Drop the spaces and the board's name that come along when a number is pasted."""
        return normalised("ABIM", self.cleaned_data["board_number"])

    def _check(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("board_number"):
            self._refuse_by("board_number", lambda: check_identifier("ABIM", cleaned["board_number"]))
        if cleaned.get("birth_month") and cleaned.get("birth_day"):
            self._refuse_by("birth_day", lambda: check_birthday(cleaned["birth_month"], cleaned["birth_day"]))

    def _refuse_by(self, name: str, check: Any) -> None:
        try:
            check()
        except ValidationError as error:
            self.add_error(name, error)


def moc_initial(learner: User) -> dict[str, str]:
    """Return what the profile knows about the learner's record with the board."""
    known = Identifier.objects.filter(user=learner, registry="ABIM").first()
    return {
        "board_number": known.number if known else "",
        "given_name": learner.first_name,
        "family_name": learner.last_name,
        "birth_month": learner.birth_month,
        "birth_day": learner.birth_day,
    }


class AttestationForm(PageForm):
    """The learner's word, given on the page that shows what they are about to submit."""

    attested = forms.BooleanField(
        label=ATTESTATION,
        error_messages={"required": UNATTESTED},
    )
