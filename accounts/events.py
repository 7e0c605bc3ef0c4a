"""Writes what happens at the sign-in, and to addresses and passwords, into the trail, and tells the owner.

allauth and Django announce these moments by signals and in no other way. Nothing is decided here.
"""

from typing import Any

from allauth.account import signals
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import addresses, emails, services
from accounts.models import User
from audit.models import record


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    records = get_authentication_records(request, user)
    record(action="signed in", subject=user, actor=user, after={"by": records[-1]["method"] if records else ""})


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user:
        record(action="signed out", subject=user, actor=user)


@receiver(user_login_failed)
def _wrong_password(credentials: dict[str, Any], **_: Any) -> None:
    """An address that nobody has is no event: it may be a password typed into the wrong field."""
    user = User.objects.filter(email=addresses.normalized(str(credentials.get("email", "")))).first()
    if user:
        record(action="failed to sign in", subject=user, after={"by": "password"})


@receiver(signals.login_code_rejected)
@receiver(signals.password_reset_code_rejected)
@receiver(signals.email_verification_code_rejected)
def _wrong_code(user: User, **_: Any) -> None:
    record(action="failed to sign in", subject=user, after={"by": "code"})


@receiver(signals.email_confirmed)
def _address_proven(email_address: EmailAddress, **_: Any) -> None:
    """What was there before the first address was proved may be somebody else's, and goes."""
    user = email_address.user  # the very object that is being signed in: its new password hash holds the session
    others = EmailAddress.objects.filter(user=user, verified=True).exclude(pk=email_address.pk)
    if not user.last_login and not others.exists():
        services.forget_unproven(user=user)
    record(action="proved an address", subject=user, actor=user, after={"email": email_address.email})
    if others.exists():
        to = [email_address.email, *others.values_list("email", flat=True)]
        emails.changed("Your sign-in addresses", f"{email_address.email} was added.", to=to)


@receiver(signals.email_changed)
def _address_changed(
    user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_: Any
) -> None:
    earlier = from_email_address.email if from_email_address else ""
    before, after = {"email": earlier}, {"email": to_email_address.email}
    record(action="changed an address", subject=user, actor=user, before=before, after=after)
    details = f"Mail now goes to {to_email_address.email}" + (f" instead of {earlier}." if earlier else ".")
    emails.changed("Your e-mail address", details, to=filter(None, (earlier, to_email_address.email)))


@receiver(signals.email_removed)
def _address_removed(user: User, email_address: EmailAddress, **_: Any) -> None:
    record(action="removed an address", subject=user, actor=user, before={"email": email_address.email})
    details = f"{email_address.email} does not sign in any more."
    emails.changed("Your sign-in addresses", details, to=(email_address.email, user.email))


@receiver(signals.password_set)
@receiver(signals.password_changed)
@receiver(signals.password_reset)
def _password_changed(user: User, **_: Any) -> None:
    record(action="changed the password", subject=user, actor=user)
    emails.changed("Your password", "A new password was set.", to=(user.email,))
