"""The pages that only a Request for Credit has: credit, who is told of it, attestation."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError

from accounts.birthdays import MONTHS, check_birthday
from accounts.identifiers import FORMS, Registry, check_identifier, normalised
from accounts.models import Identifier, User
from activities import statements
from activities.models import Activity
from credits.forms.claiming import ATTESTATION, UNATTESTED, AmountForm, CodesForm, SessionsForm
from reporting.snapshots import Identity
from surveys.forms.page import PageForm

YES, NO = "yes", "no"
SAID = '<div class="identity-said" role="status"></div>'  # what the registry says while it is typed


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


class BirthdayPage(PageForm):
    """What registries recognise people by, beside a number and a name: month and day of birth, never the year."""

    birth_month = forms.ChoiceField(label="Month of birth", required=False, choices=[("", "Month"), *MONTHS])
    birth_day = forms.CharField(
        label="Day of birth",
        required=False,
        max_length=2,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="You are recognized by month and day; the year is never asked.",
    )

    def refuse_by(self, name: str, check: Callable[[], None]) -> None:
        """Put the refusal of a check, if there is one, at a field."""
        try:
            check()
        except ValidationError as error:
            self.add_error(name, error)

    def check_parts(self, needed: dict[str, str], numbers: dict[str, str]) -> None:
        """Refuse what is missing of `needed`, a birthday that no calendar has, and numbers of a wrong form."""
        cleaned = self.cleaned_data
        for name, words in needed.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, words)
        for name, registry in numbers.items():
            if cleaned.get(name):
                cleaned[name] = normalised(registry, cleaned[name])
                self.refuse_by(name, partial(check_identifier, registry, cleaned[name]))
        if cleaned.get("birth_month") and cleaned.get("birth_day"):
            self.refuse_by("birth_day", partial(check_birthday, cleaned["birth_month"], cleaned["birth_day"]))


class MocForm(BirthdayPage):
    """Whether points are to be reported, to which of the activity's boards, and who the learner is to them."""

    wants_moc = forms.ChoiceField(
        choices=[(YES, "Yes, report my points"), (NO, "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    given_name = forms.CharField(required=False, max_length=100)
    family_name = forms.CharField(required=False, max_length=100)
    permission = forms.BooleanField(required=False)

    NEEDED: ClassVar[dict[str, str]] = {
        "given_name": "Enter your first name as {} has it.",
        "family_name": "Enter your last name as {} has it.",
        "birth_month": "Choose your month of birth.",
        "birth_day": "Enter your day of birth.",
        "permission": "Without your permission we may not report; tick the box, or answer No above.",
    }

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = {f"number_{row.board}": row.board for row in activity.moc_registrations.all()}
        boards = list(self.numbers.values())
        self.boards = " or ".join(boards)
        self.whose = boards[0] if len(boards) == 1 else "your board"
        for name, board in self.numbers.items():
            form = FORMS[Registry(board)]
            attributes = {"data-form": form.pattern, "data-form-words": form.description}
            self.fields[name] = forms.CharField(
                label=f"{board} number",
                required=False,
                max_length=30,
                widget=forms.TextInput(attrs=attributes),
                help_text=self._help(board, several=len(boards) > 1),
            )
        self.fields["wants_moc"].label = f"Shall we report your completion to {self.boards} for MOC points?"
        self.fields["given_name"].label = f"First name, as {self.whose} has it"
        self.fields["family_name"].label = f"Last name, as {self.whose} has it"
        self.fields["permission"].label = statements.permission(activity.provider)
        self.order_fields(["wants_moc", *self.numbers])
        self.helper.layout = self._layout()

    def _help(self, board: str, *, several: bool) -> str:
        form = FORMS[Registry(board)].description
        look_up = " You find it on abim.org under “Verify a physician”." if board == "ABIM" else ""
        return f"{form}{look_up}{' Leave it empty if the points are not for this board.' if several else ''}"

    def _layout(self) -> Layout:
        return Layout(
            "wants_moc",
            Div(
                HTML(f'<h2 class="h5" id="board-record">Your record with {self.whose}</h2>'),
                *self.numbers,
                Div(Div("given_name", css_class="col-sm"), Div("family_name", css_class="col-sm"), css_class="row"),
                Div(Div("birth_month", css_class="col-sm-7"), Div("birth_day", css_class="col-sm-5"), css_class="row"),
                HTML(SAID),
                Field("permission"),
                data_shown_when="wants_moc=yes",
            ),
        )

    def label_of(self, name: str) -> str:
        return f"Permission to report to {self.boards}" if name == "permission" else super().label_of(name)

    @property
    def wished(self) -> bool:
        """Whether the (bound) form asks for points."""
        return str(self["wants_moc"].value()) == YES

    @property
    def told(self) -> list[str]:
        """Everything if points are wished, otherwise only that they are not."""
        return list(self.fields) if self.wished else ["wants_moc"]

    def clean(self) -> dict[str, Any]:
        """Ask for everything the boards need, if points are wished."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("wants_moc") != YES:
            return cleaned
        if not any(cleaned.get(name) for name in self.numbers):
            whose = f"your {self.whose} number" if len(self.numbers) == 1 else "your number with at least one board"
            self.add_error(next(iter(self.numbers)), f"Enter {whose}, or answer No above.")
        self.check_parts({name: words.format(self.whose) for name, words in self.NEEDED.items()}, self.numbers)
        return cleaned

    @property
    def identities(self) -> dict[str, Identity]:
        """The learner to each board whose number was given; only of a valid form that asks for points."""
        cleaned = self.cleaned_data
        return {
            board: {
                "given_name": cleaned["given_name"],
                "family_name": cleaned["family_name"],
                "board_number": cleaned[name],
                "birth_month": int(cleaned["birth_month"]),
                "birth_day": int(cleaned["birth_day"]),
            }
            for name, board in self.numbers.items()
            if cleaned[name]
        }


class PharmacyForm(BirthdayPage):
    """Under which NABP e-Profile CPE Monitor is told; what is not at hand can be added after the claim."""

    number_NABP = forms.CharField(  # noqa: N815 (the registry's code)
        label="NABP e-Profile ID",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-form": FORMS[Registry.NABP].pattern}),
        help_text="You find it in your e-Profile on nabp.pharmacy. Without it you get your certificate, but CPE "
        "Monitor is not told until you add it.",
    )

    numbers: ClassVar[dict[str, str]] = {"number_NABP": "NABP"}
    NEEDED: ClassVar[dict[str, str]] = {
        "number_NABP": "Enter your NABP e-Profile ID, or leave the whole page empty and add it later.",
        "birth_month": "Choose your month of birth, or leave the whole page empty.",
        "birth_day": "Enter your day of birth, or leave the whole page empty.",
    }

    def __init__(self, *args: Any, learner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learner = learner
        self.fields["number_NABP"].widget.attrs["data-form-words"] = FORMS[Registry.NABP].description
        self.order_fields(["number_NABP"])
        self.helper.layout = Layout(
            "number_NABP",
            Div(Div("birth_month", css_class="col-sm-7"), Div("birth_day", css_class="col-sm-5"), css_class="row"),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for all or nothing."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if any(cleaned.get(name) for name in self.NEEDED):
            self.check_parts(self.NEEDED, self.numbers)
        return cleaned

    @property
    def identities(self) -> dict[str, Identity]:
        """The learner to NABP, if a number was given; only of a valid form."""
        cleaned = self.cleaned_data
        if not cleaned["number_NABP"]:
            return {}
        return {
            "NABP": {
                "given_name": self.learner.first_name,
                "family_name": self.learner.last_name,
                "board_number": cleaned["number_NABP"],
                "birth_month": int(cleaned["birth_month"]),
                "birth_day": int(cleaned["birth_day"]),
            }
        }


def known_of(learner: User) -> dict[str, str]:
    """Return what the profile knows about the learner's record with boards and registries."""
    numbers = {f"number_{row.registry}": row.number for row in Identifier.objects.filter(user=learner, state="")}
    return {
        **numbers,
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
