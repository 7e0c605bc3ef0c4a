"""What changes about a person: their account, addresses, numbers, and permissions, each with its trace."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import addresses, emails
from accounts.identifiers import Registry, masked
from accounts.models import Consent, Identifier, User
from accounts.states import STATES
from audit.models import record

BIRTHDAY = "birthday"


@transaction.atomic
def account_of(email: str) -> User | None:
    """Return the account that signs in with this address, opened empty if there is none; None if it is switched off.

    An address that somebody else added and never proved is not theirs.
    """
    email = addresses.normalized(email)
    proven = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    if proven:
        user = proven.user
    else:
        user, opened = User.objects.get_or_create(email=email, defaults={"password": make_password(None)})
        if opened:
            EmailAddress.objects.create(user=user, email=email, primary=True)
    return user if user.is_active else None


@transaction.atomic
def forget_unproven(*, user: User) -> None:
    """Drop what stood on an account before anybody had proved its address: password, sessions, and details.

    Details that the office entered stay. Another password hash ends every session.
    """
    if user.has_usable_password():
        user.set_unusable_password()
    if not user.entered_by_office:
        for name in ("first_name", "last_name", "degrees", "profession", "country", "birth_month", "birth_day"):
            setattr(user, name, "")
        Identifier.objects.filter(user=user).delete()
    user.save()


@transaction.atomic
def change_address(*, user: User, earlier: str, actor: User | None) -> None:
    """Make the person's present address the only one they sign in with; its first code proves it.

    Whoever had the earlier address may be somebody else: the password and all sessions end, and both are told.
    """
    known = EmailAddress.objects.filter(user=user, verified=True).exists()
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    user.set_unusable_password()
    user.entered_by_office = user.entered_by_office or known  # the office vouches for who the new address belongs to
    user.save(update_fields=["password", "entered_by_office"])
    record(
        action="changed an address", subject=user, actor=actor, before={"email": earlier}, after={"email": user.email}
    )
    emails.changed("Your e-mail address", f"{earlier} was replaced by {user.email}.", to=(earlier, user.email))


@transaction.atomic
def remember_board_identity(*, user: User, registry: str, number: str, birth_month: int, birth_day: int) -> None:
    """Keep a board number and birthday for the next claim; what is known already stays.

    A state's code as `registry` means the license there.
    """
    kind, state = _kind_of(registry)
    if not Identifier.objects.filter(user=user, registry=kind, state=state).exists():
        Identifier.objects.create(user=user, registry=kind, state=state, number=number)
    if not (user.birth_month and user.birth_day):
        user.birth_month, user.birth_day = str(birth_month), str(birth_day)
        user.save(update_fields=["birth_month", "birth_day"])


@transaction.atomic
def replace_board_identity(*, user: User, registry: str, number: str, birth_month: int, birth_day: int) -> None:
    """Correct a board number and the birthday on the person's own word, after a fresh sign-in; record and mail it."""
    before, (kind, state) = known_numbers(user), _kind_of(registry)
    Identifier.objects.update_or_create(user=user, registry=kind, state=state, defaults={"number": number})
    user.birth_month, user.birth_day = str(birth_month), str(birth_day)
    user.save(update_fields=["birth_month", "birth_day"])
    record_numbers(user=user, before=before, actor=user)


def _kind_of(registry: str) -> tuple[str, str]:
    return (Registry.LICENSE, STATES[registry]) if registry in STATES else (registry, "")


def known_numbers(user: User) -> dict[str, str]:
    """Return the numbers and the birthday by which registries know a person."""
    found = {" ".join(filter(None, (str(row), row.state))): row.number for row in user.identifiers.all()}
    if user.birth_month and user.birth_day:
        found[BIRTHDAY] = f"{user.birth_month}/{user.birth_day}"
    return found


def record_numbers(*, user: User, before: dict[str, str], actor: User) -> None:
    """Record how the numbers differ from `before`, without the numbers themselves, and mail it to the person."""
    after = known_numbers(user)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not changed:
        return
    record(
        action="changed registry numbers",
        subject=user,
        actor=actor,
        before={name: masked(before.get(name, "")) for name in changed},
        after={name: masked(after.get(name, "")) for name in changed},
    )
    emails.changed("Your profile", f"Changed: {', '.join(changed)}.", to=(user.email,))


def record_details(*, user: User, before: dict[str, Any], after: dict[str, Any], actor: User) -> None:
    """Record which details of a person changed, from what to what."""
    changed = [name for name in after if before.get(name) != after[name]]
    if changed:
        old, new = ({name: values.get(name) for name in changed} for values in (before, after))
        record(action="changed details", subject=user, actor=actor, before=old, after=new)


def record_consent(*, user: User, purpose: str, reference: str, text: str, now: datetime) -> Consent:
    """Keep the very words the person agreed to, for which claim, and when."""
    return Consent.objects.create(user=user, purpose=purpose, reference=reference, text=text, given_at=now)
