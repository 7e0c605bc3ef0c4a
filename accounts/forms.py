"""Forms about the person: what newcomers are asked, and the profile with its numbers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.birthdays import MONTHS, check_birthday
from accounts.fresh import CONFIRM_FIRST
from accounts.identifiers import check_identifier, normalised
from accounts.models import Identifier, User

DETAILS = ("first_name", "last_name", "degrees", "profession", "country")


class DetailsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and profession, asked of newcomers because they decide which credit can be awarded."""

    class Meta:
        model = User
        fields = DETAILS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profession"].required = True


class ProfileForm(DetailsForm):
    """The same details, with birthday and the numbers that registries ask for.

    Those change only while the sign-in is `fresh`: whoever finds a session open may not become somebody else.
    """

    guarded = ("birth_month", "birth_day", "abim", "npi", "nabp")

    birth_month = forms.TypedChoiceField(
        label="Month of birth", choices=[("", "Month"), *MONTHS], required=False, empty_value=""
    )
    birth_day = forms.CharField(
        label="Day of birth",
        required=False,
        max_length=2,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Month and day only. Boards use them to recognize you; the year is never asked.",
    )
    abim = forms.CharField(label="ABIM number", required=False, max_length=30)
    npi = forms.CharField(label="National Provider Identifier (NPI)", required=False, max_length=30)
    nabp = forms.CharField(label="NABP e-Profile ID", required=False, max_length=30)

    class Meta:
        model = User
        fields = (*DETAILS, "birth_month", "birth_day", "wants_reminders")

    def __init__(self, *args: Any, fresh: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fresh = fresh
        for identifier in Identifier.objects.filter(user=self.instance, state=""):
            self.initial[identifier.registry.lower()] = identifier.number

    def clean(self) -> dict[str, Any]:
        """Check the birthday as a pair, and each number's form."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("birth_month") or cleaned.get("birth_day"):
            try:
                check_birthday(cleaned.get("birth_month"), cleaned.get("birth_day"))
            except ValidationError as error:
                self.add_error("birth_day", error)
        for name in ("abim", "npi", "nabp"):
            self._check_number(name, cleaned.get(name, ""))
        for name in () if self.fresh else self.guarded:
            if name in self.changed_data:
                self.add_error(name, CONFIRM_FIRST)
        return cleaned

    def _check_number(self, name: str, number: str) -> None:
        if number:
            self.cleaned_data[name] = number = normalised(name, number)
            try:
                check_identifier(name.upper(), number)
            except ValidationError as error:
                self.add_error(name, error)

    def _post_clean(self) -> None:
        """Let the form's own pairwise check speak for the birthday."""
        if not self.errors:
            super()._post_clean()  # type: ignore[misc]

    def save(self, commit: bool = True) -> User:
        """Save the person and add, replace or remove each number."""
        user: User = super().save(commit)
        for name in ("abim", "npi", "nabp"):
            number, rows = self.cleaned_data[name], Identifier.objects.filter(user=user, registry=name.upper())
            if number:
                rows.update_or_create(user=user, registry=name.upper(), state="", defaults={"number": number})
            else:
                rows.delete()
        return user
