"""Credit from elsewhere, as the learner enters it, and which part of the transcript is wanted."""

from typing import Any

from django import forms

from activities import uploads
from credits.models import OutsideCredit
from credits.transcript import Wanted, kinds

DAY = forms.DateInput(attrs={"type": "date"})


class OutsideForm(forms.ModelForm):  # type: ignore[type-arg]
    """One amount of credit from elsewhere, with a document if there is one."""

    class Meta:
        model = OutsideCredit
        fields = ("title", "provider", "credit", "amount", "earned_on", "document")
        widgets = {"earned_on": DAY}

    def clean_document(self) -> Any:
        """Judge the file by its content."""
        document = self.cleaned_data["document"]
        if "document" in self.changed_data and document:
            uploads.check_proof(document)
        return document

    def clean_amount(self) -> Any:
        """Refuse nothing and less."""
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError("Enter at least 0.25.")
        return amount


class WantedForm(forms.Form):
    """From which day to which, and of which kind."""

    since = forms.DateField(label="From", required=False, widget=DAY)
    until = forms.DateField(label="To", required=False, widget=DAY)
    kind = forms.ChoiceField(label="Credit", required=False, choices=lambda: [("", "All credit"), *kinds()])

    @property
    def wanted(self) -> Wanted:
        """What is wanted, as far as it can be read."""
        found = self.cleaned_data if self.is_valid() else {}
        return Wanted(found.get("since"), found.get("until"), found.get("kind", ""))
