"""What a learner enters to claim: an amount, sessions with how much of each, or the codes shown at them."""

import re
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


class CodesForm(SessionsForm):
    """The codes shown at the sessions, and how much of each was attended."""

    page_template = "credits/codes.html"
    codes = forms.CharField(
        label="Codes",
        required=False,
        max_length=8000,
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "form-control", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    @property
    def inputs(self) -> list[str]:
        return ["codes", *(f"part_{pk}" for pk in self.offer.sessions)]

    @property
    def stray(self) -> list[int]:
        return []

    @cached_property
    def entered(self) -> list[str]:
        """The codes as entered, each once, in capitals and without hyphens."""
        words = re.split(r"[\s,;]+", self._value("codes").upper())
        return list(dict.fromkeys(filter(None, (re.sub(r"[^A-Z0-9]", "", word) for word in words))))

    @property
    def rows(self) -> list[Row]:
        return [self._row(row) for row in self.offer.sessions.values() if row.code in self.entered]

    def as_typed(self, name: str) -> list[str]:
        value = self._value(name)
        return [value] if value else []

    def clean(self) -> dict[str, Any]:
        """Refuse a code of no session, and of one that cannot be claimed."""
        known = {row.code: row for row in self.offer.every_session}
        unknown = [code for code in self.entered if code not in known]
        if unknown:
            words = ", ".join(unknown[:5])
            self.add_error(
                "codes", f"No session of this activity has the code {words}. Compare it with what was shown."
            )
        for code in self.entered:
            if code in known and known[code].pk not in self.offer.sessions:
                self.add_error("codes", self.offer.why_not(known[code].pk))
        return super().clean()

    def first_input(self, name: str) -> str:  # noqa: ARG002 (likewise)
        return "id_codes"

    def _is_chosen(self, session: Session) -> bool:
        return session.code in self.entered


class AttestForm(forms.Form):
    """The learner's word for what they change."""

    attested = forms.BooleanField(label=ATTESTATION, error_messages={"required": UNATTESTED})
    seen = forms.CharField(required=False, widget=forms.HiddenInput, help_text="The claim as the page showed it.")


def claim_form(offer: Offer) -> type[AmountForm | SessionsForm]:
    """Return the form by which this activity is claimed."""
    if offer.by_code:
        return CodesForm
    return SessionsForm if offer.by_session else AmountForm


def entered(chosen: Iterable[tuple[Session, Decimal]]) -> dict[str, str]:
    """Return what a form shows of sessions that were claimed."""
    shown: dict[str, str] = {"codes": ""}
    for session, amount in chosen:
        shown |= {f"session_{session.pk}": ON, f"part_{session.pk}": str(amount)}
        shown["codes"] += f"{session.code} "
    return shown


def _listed(rows: list[Row]) -> str:
    return "\n".join(
        f"{row.session.title}: {row.amount}" + ("" if row.amount == row.most else f" of {row.most}")
        for row in rows
        if row.chosen
    )
