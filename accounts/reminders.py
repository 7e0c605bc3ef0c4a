"""The address in every reminder at which reminders are turned off, without signing in."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User

SALT = "accounts.reminders"


def address_to_turn_off(person: User) -> str:
    """Return this person's own address; whoever has it can turn off their reminders, and nothing else."""
    token = signing.Signer(salt=SALT).sign(str(person.pk))
    return f"{settings.PUBLIC_URL}{reverse('accounts:unsubscribe', args=[token])}"


def person_of(token: str) -> User | None:
    """Return whose address it is; None for one that we did not make."""
    try:
        return User.objects.filter(pk=signing.Signer(salt=SALT).unsign(token)).first()
    except signing.BadSignature:
        return None
