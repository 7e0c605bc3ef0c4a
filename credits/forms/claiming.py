"""What a learner enters to claim: an amount, sessions with how much of each, or the codes shown at them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from activities import zones
from activities.credit import NotQuarters, check_quarters, from_quarters, quarters
from activities.credit_types import PARTICIPATION
from activities.models import Session
from audit.rows import is_number
from credits.arithmetic import Earned
from credits.offer import CannotAward, Chosen, Offer

ON = "on"
ATTESTATION = (
    "I took part in this activity, and the credit I claim is no more than is commensurate with the extent of my "
    "participation."
)
LONGEST_CODE = 24  # with hyphens and blanks
TOO_LONG = "There are fewer codes than that. Enter those that you saw."
UNREAD = "These codes were not accepted yet. Press “Add these codes”, or empty the field."
LEFT_OUT = "It is left out when you save this page again."
UNATTESTED = "Confirm the statement; credit cannot be awarded without it."


@dataclass(frozen=True)
class Row:
    """One session on the page: whether it is chosen, how much of it, and what can be chosen instead."""

    session: Session
    chosen: bool
    amount: Decimal
    most: Decimal

    @property
    def parts(self) -> list[Decimal]:
        """All of it first, then each quarter less."""
        return [from_quarters(count) for count in range(quarters(self.most), 0, -1)]


class AmountForm(forms.Form):
    """How much credit is claimed."""

    page_template = ""
    amount = forms.DecimalField(
        label="Credit to claim",
        max_digits=12,
        widget=forms.NumberInput(attrs={"step": "0.25", "min": "0.25", "inputmode": "decimal"}),
        error_messages={
            "required": "Enter how much credit you claim.",
            "invalid": "Enter a number, for example 12.25.",
        },
    )

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer, maximum = offer, offer.maximum
        field = self.fields["amount"]
        field.widget.attrs |= {"max": str(maximum), "data-running-total": str(maximum)}
        hours = [row.kind for row in offer.entitlements[:1]] == [PARTICIPATION]
        field.label = "Hours to claim" if hours else "Credit to claim"
        same = "" if hours else " One hour of participation is 1 credit."
        recorded = " The attendance records show no more." if offer.limit == maximum else ""
        field.help_text = f"In steps of 0.25, at most {maximum}.{recorded}{same}"

    def clean_amount(self) -> Decimal:
        """Refuse what is not in quarters, nothing, and more than the maximum."""
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= self.offer.maximum:
            check_quarters(amount)
        try:
            self.offer.earned(amount)
        except CannotAward as refusal:
            raise ValidationError(str(refusal)) from None
        return amount.quantize(Decimal("0.01"))

    @property
    def asked(self) -> Decimal:
        """What a valid form asks for."""
        amount: Decimal = self.cleaned_data["amount"]
        return amount


class SessionsForm(forms.Form):
    """Which sessions were attended, and how much of each; drawn by `page_template`, a row for each session.

    The inputs are `session_<number>` (a box) and `part_<number>` (an amount; all of the session where it is missing).
    """

    page_template = "credits/sessions.html"
    sessions = forms.Field(label="Sessions", required=False)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer

    @property
    def inputs(self) -> list[str]:
        """The names of all inputs of the page."""
        offered = [f"{kind}_{pk}" for pk in self.offer.sessions for kind in ("session", "part")]
        return offered + [f"session_{pk}" for pk in self.stray]

    @property
    def stray(self) -> list[int]:
        """The numbers of chosen sessions that cannot be chosen: they never could, or not any more."""
        source = self.data if self.is_bound else self.initial
        named = [name.removeprefix("session_") for name in source if name.startswith("session_") and self._value(name)]
        return [int(pk) for pk in named if is_number(pk) and int(pk) not in self.offer.sessions]

    def as_typed(self, name: str) -> list[str]:
        """Return the strings of an input as a browser posts them while nothing is changed."""
        value = self._value(name)
        if not name.startswith("part_"):
            return [value] if value else []
        return [value] if value and self._value(name.replace("part", "session")) else []

    @property
    def rows(self) -> list[Row]:
        """The sessions in order."""
        return [self._row(session) for session in self.offer.sessions.values()]

    @property
    def days(self) -> list[tuple[date, list[Row]]]:
        """The sessions of each day."""
        return [(day, list(rows)) for day, rows in groupby(self.rows, key=lambda row: row.session.day)]

    @property
    def tracks(self) -> list[str]:
        """The tracks to choose from."""
        return sorted({row.track for row in self.offer.sessions.values() if row.track})

    @cached_property
    def chosen(self) -> Chosen:
        """The chosen sessions, as far as entered; an amount that cannot be read counts as nothing."""
        return {row.session.pk: row.amount for row in self.rows if row.chosen}

    @cached_property
    def worth(self) -> tuple[list[Earned], str]:
        """What is earned, and why nothing can be."""
        try:
            return self.offer.earned(self.chosen), ""
        except CannotAward as refusal:
            return [], str(refusal)

    @property
    def asked(self) -> Chosen:
        """What a valid form asks for."""
        return self.chosen

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be awarded."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for pk in self.stray:
            self.add_error("sessions", f"{self.offer.why_not(pk)} {LEFT_OUT}")
        refusal = self.worth[1]
        if refusal and not self.errors:
            self.add_error("sessions", refusal)
        return cleaned

    def first_input(self, name: str) -> str:  # noqa: ARG002 (the page has one thing to be wrong)
        """Return the id of the element that an error links to."""
        return "sessions"

    def in_words(self) -> list[tuple[str, str]]:
        """Return what is entered in words: the sessions of each day, then what they give."""
        told = [(zones.span_in_words(day, day), _listed(rows)) for day, rows in self.days]
        totals = [("You claim", "\n".join([str(earned), *earned.lines])) for earned in self.worth[0]]
        return [row for row in told if row[1]] + totals

    def _row(self, session: Session) -> Row:
        most = self.offer.most(session)
        return Row(session, self._is_chosen(session), self._amount(session, most), most)

    def _is_chosen(self, session: Session) -> bool:
        return bool(self._value(f"session_{session.pk}"))

    def _amount(self, session: Session, most: Decimal) -> Decimal:
        typed = self._value(f"part_{session.pk}")
        try:
            return from_quarters(quarters(typed)) if typed else most
        except NotQuarters:
            return Decimal("0.00")

    def _value(self, name: str) -> str:
        source: Mapping[str, Any] = self.data if self.is_bound else self.initial
        value = source.get(name) or ""
        return str(value)


def codes_field(label: str, most: int) -> forms.CharField:
    """Return the field into which codes are typed; they are read when its button sends them, and never before."""
    if most == 1:
        widget: forms.Widget = forms.TextInput()
    else:
        widget = forms.Textarea(attrs={"rows": 2})
    widget.attrs |= {
        "class": "form-control",
        "autocapitalize": "characters",
        "autocomplete": "off",
        "spellcheck": "false",
    }
    longest = most * LONGEST_CODE
    return forms.CharField(
        label=label, required=False, max_length=longest, widget=widget, error_messages={"max_length": TOO_LONG}
    )


class CodesForm(SessionsForm):
    """Sessions whose code was entered, how much of each was attended, and a field for further codes."""

    page_template = "credits/codes.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"] = codes_field("Codes", self.offer.most_codes)

    @property
    def inputs(self) -> list[str]:
        return ["codes", *super().inputs]

    @property
    def to_come(self) -> list[Session]:
        """Sessions whose code was entered and that are not over yet."""
        return [
            row
            for pk, row in self.offer.programme.items()
            if pk in self.offer.check_ins and row.ends_at > self.offer.now
        ]

    def clean_codes(self) -> str:
        """Refuse what is still in the field: it was not read, or it does not fit."""
        return refuse_unread(self.cleaned_data["codes"])

    def first_input(self, name: str) -> str:
        return "id_codes" if name == "codes" or not self.rows else super().first_input(name)


class OwnCodeForm(AmountForm):
    """The activity's own code, until it is entered, and how much credit is claimed."""

    field_order = ("codes", "amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.offer.needs_own_code:
            self.fields["codes"] = codes_field("Code", 1)
            self.fields["codes"].help_text = "The activity shows it at its end."
            self.order_fields(self.field_order)

    def clean_codes(self) -> str:
        """Refuse what is still in the field: it was not read, or it does not fit."""
        return refuse_unread(self.cleaned_data["codes"])


def refuse_unread(codes: str) -> str:
    """Raise ValidationError when something is left in the field for codes; it is not looked at."""
    if codes.strip():
        raise ValidationError(UNREAD)
    return codes


class AttestForm(forms.Form):
    """The learner's word for what they change."""

    attested = forms.BooleanField(label=ATTESTATION, error_messages={"required": UNATTESTED})
    seen = forms.CharField(required=False, widget=forms.HiddenInput, help_text="The claim as the page showed it.")


def claim_form(offer: Offer) -> type[AmountForm | SessionsForm]:
    """Return the form by which this activity is claimed."""
    if offer.by_code:
        return CodesForm if offer.by_session else OwnCodeForm
    return SessionsForm if offer.by_session else AmountForm


def entered(chosen: Iterable[tuple[Session, Decimal]]) -> dict[str, str]:
    """Return what a form shows of sessions that were claimed."""
    shown: dict[str, str] = {}
    for session, amount in chosen:
        shown |= {f"session_{session.pk}": ON, f"part_{session.pk}": str(amount)}
    return shown


def _listed(rows: list[Row]) -> str:
    return "\n".join(
        f"{row.session.title}: {row.amount}" + ("" if row.amount == row.most else f" of {row.most}")
        for row in rows
        if row.chosen
    )
