"""The pages of a Request for Credit that ask who the learner is to boards, states, and CPE Monitor."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError

from accounts.birthdays import MONTHS, check_birthday
from accounts.identifiers import FORMS, Registry, check_identifier, normalised
from accounts.models import Identifier, User
from accounts.names import NameFormField
from accounts.states import STATES
from activities import statements
from activities.models import Activity
from reporting.snapshots import Identity
from surveys.forms.page import PageForm

YES, NO = "yes", "no"
SAID = '<div class="identity-said" role="status"></div>'  # what the registry says while it is typed


def beside(first: str, second: str) -> Div:
    """Return two fields side by side, one above the other on a phone."""
    return Div(Div(first, css_class="col-sm"), Div(second, css_class="col-sm"), css_class="row")


def _as_typed(registry: Registry) -> dict[str, str]:
    """Return the attributes by which the browser checks a number while it is typed."""
    form = FORMS[registry]
    return {"data-form": form.pattern, "data-form-words": form.description, "data-form-name": registry.value}


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

    def identity(self, number: str, given_name: str = "", family_name: str = "") -> Identity:
        """Return the learner to one registry under this number; names are those of the page unless given."""
        cleaned = self.cleaned_data
        return {
            "given_name": given_name or cleaned["given_name"],
            "family_name": family_name or cleaned["family_name"],
            "board_number": number,
            "birth_month": int(cleaned["birth_month"]),
            "birth_day": int(cleaned["birth_day"]),
        }

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
    given_name = NameFormField(required=False, max_length=100)
    family_name = NameFormField(required=False, max_length=100)
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
            self.fields[name] = forms.CharField(
                label=f"{board} number",
                required=False,
                max_length=30,
                widget=forms.TextInput(attrs=_as_typed(Registry(board))),
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
                beside("given_name", "family_name"),
                beside("birth_month", "birth_day"),
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
        typed = {board: self.cleaned_data[name] for name, board in self.numbers.items()}
        return {board: self.identity(number) for board, number in typed.items() if number}


class PharmacyForm(BirthdayPage):
    """Under which NABP e-Profile CPE Monitor is told; what is not at hand can be added after the claim."""

    number_NABP = forms.CharField(  # noqa: N815 (the registry's code)
        label="NABP e-Profile ID",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", **_as_typed(Registry.NABP)}),
        help_text="You find it in your e-Profile on nabp.pharmacy. You may leave this page empty: you get your "
        "certificate all the same, but CPE Monitor is not told until you add the number.",
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
            beside("birth_month", "birth_day"),
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
        number = self.cleaned_data["number_NABP"]
        return {"NABP": self.identity(number, self.learner.first_name, self.learner.last_name)} if number else {}


class StateForm(BirthdayPage):
    """Whether credit is to be reported to the state medical board, and who the learner is to it."""

    wants_state = forms.ChoiceField(
        label="Shall we report your credit to your state medical board?",
        choices=[(YES, "Yes, report my credit"), (NO, "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    state = forms.ChoiceField(label="State that licenses you", required=False, choices=[("", "State"), *STATES.items()])
    license = forms.CharField(label="License number", required=False, max_length=30)
    number_NPI = forms.CharField(  # noqa: N815 (the registry's code)
        label="or your NPI",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", **_as_typed(Registry.NPI)}),
        help_text="One of the two is enough.",
    )
    given_name = NameFormField(label="First name, as on your license", required=False, max_length=100)
    family_name = NameFormField(label="Last name, as on your license", required=False, max_length=100)
    permission = forms.BooleanField(required=False)

    short_labels: ClassVar[dict[str, str]] = {"permission": "Permission to report to the state medical board"}
    NEEDED: ClassVar[dict[str, str]] = {
        "state": "Choose the state that licenses you.",
        "given_name": "Enter your first name as on your license.",
        "family_name": "Enter your last name as on your license.",
        "birth_month": "Choose your month of birth.",
        "birth_day": "Enter your day of birth.",
        "permission": "Without your permission we may not report; tick the box, or answer No above.",
    }

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permission"].label = statements.permission(activity.provider)
        self.fields["number_NPI"].widget.attrs["data-form-words"] = FORMS[Registry.NPI].description
        self.order_fields(["wants_state", "state", "license", "number_NPI", "given_name", "family_name"])
        self.helper.layout = Layout(
            "wants_state",
            Div(
                beside("state", "license"),
                "number_NPI",
                beside("given_name", "family_name"),
                beside("birth_month", "birth_day"),
                Field("permission"),
                data_shown_when="wants_state=yes",
            ),
        )

    @property
    def told(self) -> list[str]:
        """Everything if it is wished, otherwise only that it is not."""
        return list(self.fields) if str(self["wants_state"].value()) == YES else ["wants_state"]

    def clean(self) -> dict[str, Any]:
        """Ask for everything the state needs, if it is to be told."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("wants_state") == YES:
            if not cleaned.get("license") and not cleaned.get("number_NPI"):
                self.add_error("license", "Enter your license number or your NPI, or answer No above.")
            self.check_parts(self.NEEDED, {"license": "LICENSE", "number_NPI": "NPI"})
        return cleaned

    @property
    def identities(self) -> dict[str, Identity]:
        """The learner to the state, by license or else by NPI; only of a valid form."""
        cleaned = self.cleaned_data
        if cleaned["wants_state"] != YES:
            return {}
        known = self.identity(cleaned["license"] or cleaned["number_NPI"])
        return {cleaned["state"] if cleaned["license"] else "NPI": {**known, "state": cleaned["state"]}}


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
