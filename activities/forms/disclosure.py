"""The disclosure form: whether there are relationships, which, and the signature."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone

from activities import uploads, zones
from activities.forms.catalogue import NO_DAY
from activities.models import Person, Relationship
from activities.services.disclosure import Listed

SOME, NONE = "some", "none"
SPARE_ROWS = 3
MOST_ROWS = 60


class DisclosureForm(forms.Form):
    """Whether there are relationships, and the signature."""

    has_any = forms.ChoiceField(
        label="In the past 24 months, have you had financial relationships with ineligible companies?",
        choices=[(SOME, "Yes, those that I list below"), (NONE, "No, none")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    agreed = forms.BooleanField(
        label="I have read the statement above and it is true.",
        error_messages={"required": "Tick the box to confirm the statement."},
    )
    signature = forms.CharField(
        label="Your full name, as a signature",
        max_length=150,
        error_messages={"required": "Type your full name to sign."},
    )


class PaperForm(forms.Form):
    """When and how a disclosure came on paper."""

    signed_on = forms.DateField(
        label="Day on which it was signed",
        widget=forms.DateInput(attrs={"type": "date"}),
        initial=timezone.localdate,
        error_messages={"required": "Enter the day that stands beside the signature.", **NO_DAY},
    )
    scan = forms.FileField(label="Scan of the signed paper (PDF, PNG, or JPEG; if you have one)", required=False)

    def clean_signed_on(self) -> Any:
        """Refuse days to come, and those that nobody can mean."""
        day = self.cleaned_data["signed_on"]
        zones.check_day(day)
        if day > timezone.localdate():
            raise forms.ValidationError("This day is still to come.")
        return day

    def clean_scan(self) -> Any:
        """Judge the file by its content."""
        scan = self.cleaned_data["scan"]
        if scan:
            uploads.check_proof(scan)
        return scan


class RelationshipForm(forms.Form):
    """One relationship."""

    company = forms.CharField(label="Company", max_length=120, required=False)
    nature = forms.ChoiceField(
        label="Nature", required=False, choices=[("", "Choose"), *Relationship.Nature.choices]
    )  # fmt: skip
    described = forms.CharField(label="More exactly (if you wish)", max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the missing half of a row."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("company") and not cleaned.get("nature"):
            self.add_error("nature", f"Choose the nature of your relationship with {cleaned['company']}.")
        if cleaned.get("nature") == Relationship.Nature.OTHER and not cleaned.get("described"):
            self.add_error("described", f"Say what the relationship with {cleaned.get('company') or 'it'} is.")
        if not cleaned.get("company") and (cleaned.get("nature") or cleaned.get("described")):
            self.add_error("company", "Name the company, or empty this row.")
        return cleaned


Rows = forms.formset_factory(RelationshipForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class DisclosurePages:
    """The form and its rows for one person, shown with what they disclosed before or bound to what was posted."""

    def __init__(self, person: Person, data: Mapping[str, Any] | None) -> None:
        self.wants_rows = bool(data) and "more" in (data or {})
        known = [
            {"company": row.company, "nature": row.nature, "described": row.described}
            for row in person.current_relationships
        ]
        if data is None:
            start = {"has_any": SOME} if known else ({"has_any": NONE} if person.disclosure else {})
            self.form = DisclosureForm(initial=start)
            self.rows = Rows(initial=[*known, *[{}] * SPARE_ROWS])
            self.rows.extra = 0
        else:
            self.form = DisclosureForm(data)
            self.rows = Rows(_with_spare_rows(data) if self.wants_rows else data)
            if self.wants_rows:
                self._forget_errors()

    def _forget_errors(self) -> None:
        """Asking for rows is not signing: nothing is wrong yet."""
        for form in (self.form, *self.rows.forms):
            form._errors = ErrorDict()  # type: ignore[attr-defined]  # noqa: SLF001 (where Django keeps errors)
            form.cleaned_data = {}

    def is_valid(self) -> bool:
        """Whether it can be signed; a yes needs a row and a no allows none."""
        valid = self.rows.is_valid() & self.form.is_valid()
        if not valid:
            return False
        answer = self.form.cleaned_data["has_any"]
        if answer == SOME and not self.listed:
            self.form.add_error("has_any", "List at least one relationship, or answer No.")
        if answer == NONE and self.listed:
            self.form.add_error("has_any", "You answered No but listed relationships. Answer Yes, or empty the rows.")
        return not self.form.errors

    @property
    def is_refused(self) -> bool:
        """Whether something is wrong with what was posted."""
        return self.form.is_bound and not self.wants_rows

    @property
    def listed(self) -> list[Listed]:
        """The rows that are filled in."""
        rows = [form.cleaned_data for form in self.rows.forms if hasattr(form, "cleaned_data")]
        return [
            Listed(row["company"].strip(), row["nature"], row["described"].strip())
            for row in rows
            if row.get("company") and row.get("nature")
        ]

    @property
    def signature(self) -> str:
        """The name as typed."""
        return str(self.form.cleaned_data["signature"])

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong, as (id of the element, words)."""
        if not self.is_refused:
            return []
        found = []
        for form in (self.form, *self.rows.forms):
            for name, errors in form.errors.items():
                suffix = "_0" if name == "has_any" else ""
                found += [(f"{form[name].auto_id}{suffix}", str(words)) for words in errors]
        return found


def _with_spare_rows(data: Mapping[str, Any]) -> Mapping[str, Any]:
    copied = data.copy()  # type: ignore[attr-defined]
    try:
        total = int(data.get("form-TOTAL_FORMS", ""))
    except ValueError:
        total = 0
    copied["form-TOTAL_FORMS"] = str(min(max(total, 0) + SPARE_ROWS, MOST_ROWS))
    return copied  # type: ignore[no-any-return]
