"""A form that says what its last saving would have put on a published page."""

from typing import Any

from django import forms

from activities.compliance import Finding


class StruckForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of the office; `struck` are the errors for which its saving was refused."""

    struck: list[Finding] = []

    def clean(self) -> dict[str, Any]:
        """Say what an accreditor would strike, at the field where it stands if it is one of this form's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for finding in self.struck:
            place = finding.place if finding.place in self.fields else None
            self.add_error(place, f"A published page may not say this: {finding.words} ({finding.source})")
        return cleaned
