"""What people enter about certificates."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.names import NameFormField

LARGEST_PDF = 5 * 1024 * 1024
TOO_LARGE = "This file is larger than 5 MB, so it is not one of our certificates."


class NameForm(forms.Form):
    """How the name on certificates should read."""

    first_name = NameFormField(
        label="First and middle names", max_length=100, error_messages={"required": "Enter your first name."}
    )
    last_name = NameFormField(
        label="Family name", max_length=100, error_messages={"required": "Enter your family name."}
    )
    degrees = forms.CharField(label="Degrees", max_length=60, required=False, help_text="For example MD, PhD.")
    note = forms.CharField(
        label="Why it should change", max_length=300, required=False, help_text="For example: I have married."
    )

    def __init__(self, *args: Any, printed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.printed = printed

    def clean(self) -> dict[str, Any]:
        """Refuse a name that the certificate has already."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asked = User(**{name: cleaned.get(name, "") for name in ("first_name", "last_name", "degrees")})
        if not self.errors and asked.display_name == self.printed:
            raise ValidationError("This is the name on the certificate already. Change what is wrong about it.")
        return cleaned


class AddressForm(forms.Form):
    """The mailbox to which the list of certificates goes."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        error_messages={"required": "Enter your e-mail address.", "invalid": "Enter an address as name@example.org."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class FileForm(forms.Form):
    """A certificate as file, to be compared with what was issued."""

    file = forms.FileField(
        label="Certificate (PDF)",
        error_messages={"required": "Choose the PDF file of the certificate.", "empty": "This file is empty."},
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large, or no PDF."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_PDF:
            raise ValidationError(TOO_LARGE)
        if not file.read(5) == b"%PDF-":
            raise ValidationError("This file is not a PDF. Choose the file as it came by mail.")
        file.seek(0)
        return file
