"""What changes on a person's record outside their own profile."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.identifiers import Registry
from accounts.models import Consent, Identifier, User
from accounts.states import STATES


@transaction.atomic
def remember_board_identity(*, user: User, registry: str, number: str, birth_month: int, birth_day: int) -> None:
    """Keep the board number and birthday for the next claim; a number given before is replaced.

    A state's code as `registry` means the license there.
    """
    kind, state = (Registry.LICENSE, STATES[registry]) if registry in STATES else (registry, "")
    Identifier.objects.update_or_create(user=user, registry=kind, state=state, defaults={"number": number})
    user.birth_month, user.birth_day = str(birth_month), str(birth_day)
    user.save(update_fields=["birth_month", "birth_day"])


@transaction.atomic
def change_address(*, user: User) -> None:
    """Make the person's present address the only one they can sign in with; its first code confirms it."""
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)


def record_consent(*, user: User, purpose: str, reference: str, text: str, now: datetime) -> Consent:
    """Keep the very words the person agreed to, for which claim, and when."""
    return Consent.objects.create(user=user, purpose=purpose, reference=reference, text=text, given_at=now)
