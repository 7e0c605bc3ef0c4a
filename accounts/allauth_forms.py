"""allauth's sign-in forms as this portal needs them."""

from allauth.account.forms import (
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    ConfirmPasswordResetCodeForm,
    RequestLoginCodeForm,
)
from django.core.exceptions import ValidationError

from accounts import addresses, limits, services

TOO_MANY_GUESSES = "Too many wrong codes. Ask for a new one."


class SignInForm(RequestLoginCodeForm):
    """The address alone. One that nobody has opens an empty account, which the mailed code proves.

    So known and unknown addresses take the same way, and nothing that describes a person can be typed before the proof.
    """

    def clean_email(self) -> str:
        """Find whose address it is, or open an account for it."""
        self.cleaned_data["email"] = addresses.normalized(self.cleaned_data["email"])
        email: str = super().clean_email()
        self._user = services.account_of(email)
        return email


class CountedGuesses:
    """Counts the guesses of one code under a lock: the session's own count loses some of many at once."""

    expected_code: str | None

    def clean_code(self) -> str:
        """Refuse a fourth guess of the same code unread."""
        if self.expected_code and not limits.allow("code_guess", key=self.expected_code):
            raise ValidationError(TOO_MANY_GUESSES)
        code: str = super().clean_code()  # type: ignore[misc]
        return code


class SignInCodeForm(CountedGuesses, ConfirmLoginCodeForm):
    """The code that signs in."""


class AddressCodeForm(CountedGuesses, ConfirmEmailVerificationCodeForm):
    """The code that proves another address."""


class PasswordCodeForm(CountedGuesses, ConfirmPasswordResetCodeForm):
    """The code that allows a new password."""
