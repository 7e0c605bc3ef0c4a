"""Whom to merge with whom, field by field."""

from typing import Any

from django import forms

from credits.forms.office import PersonField
from office.models import Reconciliation
from office.services.merging import FIELDS

SIDES = [("kept", "of the kept account"), ("merged", "of the other")]


class OtherForm(forms.Form):
    """The other account of the same person."""

    other = PersonField(label="The other account's e-mail address or number")


class MergeForm(OtherForm):
    """Which account each field is taken from, and why they are merged."""

    reason = forms.CharField(max_length=300, error_messages={"required": "Say why: the reason is kept."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name] = forms.ChoiceField(choices=SIDES, initial="kept", required=False)


class TableForm(forms.Form):
    """A registry's table and what it is."""

    kind = forms.ChoiceField(
        label="The table is", choices=Reconciliation.Kind.choices, initial=Reconciliation.Kind.RESULTS
    )
    file = forms.FileField(label="CSV or Excel file", error_messages={"required": "Choose a file."})
