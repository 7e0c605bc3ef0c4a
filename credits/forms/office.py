"""What staff enter about credit: a late grant, a correction, credit for teaching."""

from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import dateformat

from accounts import addresses
from accounts.models import User, member_number
from activities import zones
from activities.credit import check_quarters
from activities.models import Activity, Session
from audit.rows import RowsField
from credits.models import Claim, Correction

REASON = {"required": "Say why: the reason is kept."}


class PersonField(forms.CharField):
    """A person by e-mail address or by their number with the society; cleans to the `User`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "E-mail address or number with the society")
        kwargs.setdefault("error_messages", {"required": "Say who."})
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> User:
        """Find the person; raises ValidationError."""
        words = super().clean(value).strip()
        address = addresses.normalized(words)
        addressed = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user")
        number = member_number(words)
        named = Q(email=address) | Q(pk__in=addressed) | Q(member_number=number, member_number__gt="")
        found = User.objects.filter(named, is_active=True).first()
        if found is None:
            raise ValidationError("Nobody has this address or number. Perhaps they sign in with another address.")
        return found


class SessionsField(RowsField):
    """Sessions, told apart by day and hour."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{dateformat.format(obj.day, 'D, M j')}, {zones.hours_in_words(obj.begins, obj.ends)}: {obj.title}"


class GrantForm(forms.Form):
    """Who may claim late, until when, and why."""

    person = PersonField()
    until = forms.DateField(
        label="May claim until the end of",
        validators=[zones.check_day],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose the last day.", "invalid": "Enter a day as 2027-06-01."},
    )
    reason = forms.CharField(max_length=300, error_messages=REASON)


class TeachingForm(forms.Form):
    """Who presented for how long."""

    person = PersonField()
    hours = forms.DecimalField(
        label="Presented hours", max_digits=6, error_messages={"required": "Enter the hours that were presented."}
    )
    sessions = SessionsField(
        Session.objects.none(),
        required=False,
        label="Sessions taught",
        widget=forms.CheckboxSelectMultiple,
        help_text="They cannot be claimed as well, and nobody presents longer than they last.",
    )
    replace = forms.BooleanField(required=False, label="Replace what this person was awarded for teaching here before")
    reason = forms.CharField(
        label="What was presented", max_length=300, error_messages={"required": "Say what was presented."}
    )

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sessions"].queryset = activity.sessions.all()  # type: ignore[attr-defined]

    def clean_hours(self) -> Decimal:
        """Refuse what is not in quarters."""
        hours: Decimal = self.cleaned_data["hours"]
        check_quarters(hours)
        return hours


class CorrectionForm(forms.Form):
    """Which claims, what becomes of them, and why."""

    claims = RowsField(Claim.objects.none(), error_messages={"required": "Tick at least one claim."})
    verb = forms.ChoiceField(
        label="What",
        choices=Correction.Verb.choices,
        error_messages={"required": "Choose what is to become of the claims."},
    )
    amount = forms.DecimalField(max_digits=12, required=False)
    reason = forms.CharField(max_length=300, required=False)
    previewed = forms.CharField(max_length=60, required=False)

    @property
    def intended(self) -> str:
        """What a valid form does, as one word; the preview hands it back."""
        return f"{self.cleaned_data['verb']} {self.cleaned_data['amount'] or ''}".strip()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["claims"].queryset = Claim.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a change without an amount in quarters above zero."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        amount = cleaned.get("amount")
        if cleaned.get("verb") != Correction.Verb.CHANGE:
            cleaned["amount"] = None
        elif "amount" not in self.errors:
            self._check(amount)
        return cleaned

    def _check(self, amount: Decimal | None) -> None:
        if not amount or amount < 0:
            self.add_error("amount", "Enter how much is awarded, at least 0.25; or withdraw.")
            return
        try:
            check_quarters(amount)
        except ValidationError as error:
            self.add_error("amount", error)
