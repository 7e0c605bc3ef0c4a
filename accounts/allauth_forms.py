"""allauth's sign-up form with the password as a choice rather than a demand."""

from allauth.account.forms import SignupForm as AllauthSignupForm


class SignupForm(AllauthSignupForm):
    """Address, details, and a password for those who prefer one."""

    field_order = ("email", "first_name", "last_name", "degrees", "profession", "country", "password1")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].required = False
        self.fields["password1"].label = "Password (optional)"
        self.fields["password1"].help_text = "Leave it empty to sign in with a code sent to your address each time."
