"""The forms of the office: an activity, a provider, and the desks beside an activity."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from activities import uploads
from activities.credit_types import AMA
from activities.forms.struck import StruckForm
from activities.models import Activity, Judgement, Person
from activities.models.people import methods_for


class ProviderForm(StruckForm):
    """A provider; uploaded pictures are drawn anew."""

    def clean_logo(self) -> Any:
        """Keep nothing of an upload but its pixels."""
        return self._redrawn("logo")

    def clean_signature(self) -> Any:
        """Likewise."""
        return self._redrawn("signature")

    def clean_second_signature(self) -> Any:
        """Likewise."""
        return self._redrawn("second_signature")

    def _redrawn(self, name: str) -> Any:
        picture = self.cleaned_data[name]
        return uploads.redrawn_logo(picture) if name in self.changed_data and picture else picture


class SupportForm(forms.ModelForm):  # type: ignore[type-arg]
    """One supporter; the agreement must be a PDF."""

    def clean_agreement(self) -> Any:
        """Judge the file by its content."""
        agreement = self.cleaned_data["agreement"]
        if "agreement" in self.changed_data and agreement:
            uploads.check_pdf(agreement)
        return agreement


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """One part; a row that is stored shows its person without asking the database, so that many rows stay quick."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "person" in self.fields:  # who may only look has no fields
            widget = self.fields["person"].widget.widget
            widget.optgroups = _optgroups(widget, self.instance.person)


def _optgroups(widget: Any, person: Person) -> Callable[..., list[Any]]:
    """Return what draws the one option that is chosen, and asks for it only when another was posted."""
    ask = widget.optgroups

    def draw(name: str, value: list[str], attrs: Any = None) -> list[Any]:
        if value != [str(person.pk)]:
            return list(ask(name, value, attrs))
        return [(None, [widget.create_option(name, person.pk, str(person), True, 0)], 0)]

    return draw


class MocRowsFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Registrations with boards, held against the AMA PRA credit that is posted along, or else the one that is kept."""

    def clean(self) -> None:
        """Refuse more points than credits."""
        super().clean()
        maximum = self._posted_maximum() or self._kept_maximum()
        for form in self.forms:
            points = getattr(form, "cleaned_data", {}).get("maximum")
            if maximum is not None and points is not None and points > maximum:
                form.add_error("maximum", f"Points never exceed credits: at most {maximum}.")

    def _kept_maximum(self) -> Decimal | None:
        row = self.instance.designations.filter(credit_type=AMA.code).first() if self.instance.pk else None
        return row.maximum if row else None

    def _posted_maximum(self) -> Decimal | None:
        """Return the AMA PRA maximum that stands in the posted form."""
        for name, value in self.data.items():
            if name.startswith("designations-") and name.endswith("-credit_type") and value == AMA.code:
                try:
                    typed = Decimal(str(self.data.get(name.replace("-credit_type", "-maximum"), "")))
                except InvalidOperation:
                    return None  # the field itself says so
                return typed if typed.is_finite() else None
        return None


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
    seen = forms.CharField(required=False, max_length=20)
    text = forms.CharField(required=False, max_length=5000)
    reason = forms.CharField(required=False, max_length=200)


class JudgementForm(forms.Form):
    """How one relationship is judged; the steps of mitigation are those for the person's part.

    Left undecided, it says nothing.
    """

    stamp = ""  # of the decision that is kept now; the page shows it as `seen`
    seen = forms.CharField(required=False, max_length=20)
    decision = forms.ChoiceField(required=False, choices=[("", "Not decided yet"), *Judgement.Decision.choices])
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
