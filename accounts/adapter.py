"""How allauth behaves in this portal: who signs up, what its mails say, and when it asks once more who one is."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import addresses, fresh
from accounts.models import User


class Adapter(DefaultAccountAdapter):
    """allauth's own behavior but for what is overridden here."""

    def format_email_subject(self, subject: str) -> str:
        """Say who is writing, without the brackets of a mailing list."""
        return f"{settings.SITE_NAME}: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Tell the templates whose address it is, and whom to ask."""
        more = {
            "is_new": not EmailAddress.objects.filter(email=addresses.normalized(email), verified=True).exists(),
            "is_off": User.objects.filter(email=addresses.normalized(email), is_active=False).exists(),
            "site_name": settings.SITE_NAME,
            "office_email": settings.OFFICE_EMAIL,
        }
        super().send_mail(template_prefix, email, {**more, **context})

    def clean_email(self, email: str) -> str:
        """Return the one form of an address."""
        return addresses.normalized(super().clean_email(email))

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 (allauth's interface)
        """Return False: signing in with a new address opens an account (see `allauth_forms.SignInForm`)."""
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Ask newcomers for name and profession before they go where they were going."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.has_claim_details or user.is_staff:
            return response
        back = urlencode({"next": response["Location"]})
        return HttpResponseRedirect(f"{reverse('accounts:profile')}?{back}")

    def is_reauthentication_required(self, **_kwargs: Any) -> bool:
        """Return False after a fresh sign-in; raises ReauthenticationRequired otherwise, with or without a password.

        allauth itself would let everybody pass who has no password.
        """
        if not fresh.is_fresh(self.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """Offer the mailed code, which everybody has."""
        code = {"id": "reauthenticate", "description": "Use a mailed code", "url": reverse("account_reauthenticate")}
        return [code] if user.is_authenticated else []
