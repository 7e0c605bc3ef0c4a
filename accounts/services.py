"""What a person's record learns while they ask for credit."""

from datetime import datetime

from django.db import transaction

from accounts.models import Consent, Identifier, User


@transaction.atomic
def remember_board_identity(*, user: User, registry: str, number: str, birth_month: int, birth_day: int) -> None:
    """Keep the board number and birthday for the next claim; a number given before is replaced."""
    Identifier.objects.update_or_create(user=user, registry=registry, state="", defaults={"number": number})
    user.birth_month, user.birth_day = str(birth_month), str(birth_day)
    user.save(update_fields=["birth_month", "birth_day"])


def record_consent(*, user: User, purpose: str, text: str, now: datetime) -> Consent:
    """Keep the very words the person agreed to, and when."""
    return Consent.objects.create(user=user, purpose=purpose, text=text, given_at=now)
