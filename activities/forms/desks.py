"""The forms of the office: an activity, a provider, and the desks beside an activity."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from activities import uploads
from activities.compliance import Finding
from activities.models import Activity, Judgement, Person
from activities.models.people import methods_for


class ActivityForm(forms.ModelForm):  # type: ignore[type-arg]
    """An activity; `struck` are the errors that its last saving would have put into a published page."""

    struck: list[Finding] = []

    def clean(self) -> dict[str, Any]:
        """Say what an accreditor would strike, at the field where it stands if it is one of this form's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for finding in self.struck:
            place = finding.place if finding.place in self.fields else None
            self.add_error(place, f"A published page may not say this: {finding.words} ({finding.source})")
        return cleaned


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider; an uploaded logo is drawn anew."""

    def clean_logo(self) -> Any:
        """Keep nothing of an upload but its pixels."""
        logo = self.cleaned_data["logo"]
        return uploads.redrawn_logo(logo) if "logo" in self.changed_data and logo else logo


class SupportForm(forms.ModelForm):  # type: ignore[type-arg]
    """One supporter; the agreement must be a PDF."""

    def clean_agreement(self) -> Any:
        """Judge the file by its content."""
        agreement = self.cleaned_data["agreement"]
        if "agreement" in self.changed_data and agreement:
            uploads.check_pdf(agreement)
        return agreement


class MocRowsFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Registrations with boards, held against the AMA PRA credit in the same form."""

    def clean(self) -> None:
        """Refuse more points than credits."""
        super().clean()
        maximum = getattr(self, "ama_maximum", None)
        for form in self.forms:
            points = getattr(form, "cleaned_data", {}).get("maximum")
            if maximum is not None and points is not None and points > maximum:
                form.add_error("maximum", f"Points never exceed credits: at most {maximum}.")


class UploadForm(forms.Form):
    """A file for one of the desks."""

    file = forms.FileField(label="File", error_messages={"required": "Choose a file."})


class CopyForm(forms.Form):
    """Next year's activity: its title and first day."""

    title = forms.CharField(max_length=250)
    starts_on = forms.DateField(
        label="First day or release",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Enter the first day.", "invalid": "Enter a day as 2027-06-01."},
    )


class MoveForm(forms.Form):
    """A move between states, with the reason where one is needed."""

    verb = forms.CharField(max_length=20)
    reason = forms.CharField(required=False, max_length=500)


class WordsForm(forms.Form):
    """Staff's own words for one statement."""

    key = forms.CharField(max_length=40)
    text = forms.CharField(required=False, max_length=5000)
    reason = forms.CharField(required=False, max_length=200)


class JudgementForm(forms.Form):
    """How one relationship is judged; the steps of mitigation are those for the person's part."""

    relationship = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        choices=[("", "Decide"), *Judgement.Decision.choices], error_messages={"required": "Decide."}
    )
    method = forms.ChoiceField(required=False)
    why = forms.CharField(required=False, max_length=1000)

    def __init__(self, *args: Any, parts: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [(method.value, method.label) for method in methods_for(parts)]
        self.fields["method"].choices = [("", "How, if mitigated"), *steps]  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    """Whom to ask for a disclosure."""

    people = forms.ModelMultipleChoiceField(
        Person.objects.none(), error_messages={"required": "Tick at least one person."}
    )  # fmt: skip

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(roles__activity=activity).exclude(email="").distinct()
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


def text_of(upload: Any) -> str:
    """Return an uploaded document's text; raises ValidationError when it is not text."""
    uploads.check_size(upload, uploads.MEGABYTE)
    try:
        return str(upload.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValidationError("This file is not text in UTF-8. Export a document and start from that.") from None
