"""Credit from elsewhere, as the learner enters it, and which part of the transcript is wanted."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from activities import uploads, zones
from activities.credit_types import CREDIT_TYPES, PARTICIPATION
from credits.models import OutsideCredit
from credits.transcript import Wanted, kinds

MOST_DOCUMENTS = 100
TOO_MANY = (
    f"You keep {MOST_DOCUMENTS} documents here already. Remove one that you no longer need, or enter this credit "
    "without its document."
)
DAY = forms.DateInput(attrs={"type": "date"})


OTHER = "other"
KINDS = [row.many for row in CREDIT_TYPES.values() if row != PARTICIPATION]


class OutsideForm(forms.ModelForm):  # type: ignore[type-arg]
    """One amount of credit from elsewhere, with a document if there is one."""

    kind = forms.ChoiceField(
        label="Kind of credit",
        choices=[("", "Choose"), *((name, name) for name in KINDS), (OTHER, "Another kind")],
        error_messages={"required": "Choose the kind of credit."},
    )
    credit = forms.CharField(label="Which kind, if another", max_length=100, required=False)

    class Meta:
        model = OutsideCredit
        fields = ("title", "provider", "kind", "credit", "amount", "earned_on", "document")
        widgets = {"earned_on": DAY, "document": forms.FileInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.credit in KINDS
        self.initial["kind"] = self.instance.credit if known else OTHER if self.instance.credit else ""
        self.initial["credit"] = "" if known else self.instance.credit
        self.fields["document"].label = "Document (if you have one)"

    def clean(self) -> dict[str, Any]:
        """Let the kind that was chosen, or else named, be the credit's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind == OTHER and not cleaned.get("credit"):
            self.add_error("credit", "Name the kind of credit, as your certificate does.")
        elif kind and kind != OTHER:
            cleaned["credit"] = kind
        return cleaned

    def clean_document(self) -> Any:
        """Judge the file by its content."""
        document = self.cleaned_data["document"]
        if "document" in self.changed_data and document:
            uploads.check_proof(document)
            kept = OutsideCredit.objects.filter(learner=self.instance.learner).exclude(document="")
            if kept.exclude(pk=self.instance.pk).count() >= MOST_DOCUMENTS:
                raise forms.ValidationError(TOO_MANY)
        return document

    def clean_amount(self) -> Any:
        """Refuse nothing and less; other providers may count otherwise than in quarters."""
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError("Enter how much you were awarded.")
        return amount

    def clean_earned_on(self) -> Any:
        """Refuse days to come, and those that nobody can mean."""
        day = self.cleaned_data["earned_on"]
        zones.check_day(day)
        if day > timezone.now().date() + timedelta(days=1):  # it may be tomorrow where the learner is
            raise forms.ValidationError("This day is still to come.")
        return day

    def save(self, commit: bool = True) -> Any:
        """Save, and let a document that was replaced go."""
        before = OutsideCredit.objects.filter(pk=self.instance.pk).first()
        made = super().save(commit)
        if before and before.document and before.document != made.document:
            before.document.delete(save=False)
        return made


class WantedForm(forms.Form):
    """From which day to which, and of which kind."""

    since = forms.DateField(label="From", required=False, widget=DAY)
    until = forms.DateField(label="To", required=False, widget=DAY)
    kind = forms.ChoiceField(label="Credit", required=False, choices=lambda: [("", "All credit"), *kinds()])

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", "This day lies before the first one.")
        return cleaned

    @property
    def wanted(self) -> Wanted:
        """What a valid form wants."""
        found = self.cleaned_data
        return Wanted(found["since"], found["until"], found["kind"])
