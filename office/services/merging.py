"""Joins two accounts of one person, and takes that back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q

from accounts.models import User
from audit.models import record
from certificates.models import Certificate
from credits.arithmetic import fit_together
from credits.models import Claim
from jobs.transactions import short_write
from office.belongings import BELONGINGS, attempts
from office.models import Merge
from reporting.models import Submission
from surveys.models import Response

FIELDS = (
    "first_name", "last_name", "degrees", "profession", "country", "birth_month", "birth_day", "member_number",
    "wants_reminders",
)  # fmt: skip
OTHER_ROLE = {"learner": "faculty", "faculty": "learner"}
ADDRESS, RESPONSES = "allauth.emailaddress", "surveys.response"


class CannotMerge(ValueError):
    """The accounts cannot be joined, or parted again; the words say why and what to do."""


@dataclass(frozen=True)
class Preview:
    """What a merge would do: fields with both values, rows that move and that stay, and what stands in its way."""

    fields: list[tuple[str, str, str, str]]
    moving: list[tuple[str, int, int]]
    refusals: list[str]


def preview(kept: User, merged: User) -> Preview:
    """Return what joining `merged` to `kept` would do."""
    fields = [
        (name, str(User._meta.get_field(name).verbose_name), _in_words(kept, name), _in_words(merged, name))  # type: ignore[union-attr]  # noqa: SLF001 (Django's public name for it)
        for name in FIELDS
    ]
    moving = []
    for kind in BELONGINGS:
        rows, movable = kind.of(merged).count(), len(kind.movable(merged, kept))
        if rows:
            moving.append((kind.words, movable, rows - movable))
    return Preview(fields, moving, list(_refusals(kept, merged)))


@short_write
def merge(*, kept: User, merged: User, taken: Mapping[str, str], reason: str, actor: User, now: datetime) -> Merge:
    """Join `merged` to `kept`; `taken` names the fields whose value comes from `merged`. Raises CannotMerge.

    Both accounts sign in to the kept one from then on; the merged one is switched off.
    """
    kept, merged = _locked(kept.pk, merged.pk)
    refusals = list(_refusals(kept, merged))
    if not reason.strip():
        refusals.append("Say why: the reason is kept with both accounts.")
    if refusals:
        raise CannotMerge(" ".join(refusals))
    before: dict[str, Any] = {"kept": _facts(kept), "merged": _facts(merged) | {"email": merged.email}}
    before["attempts"] = _renumber(attempts(merged, kept), to=kept)
    moved = {kind.label: _move(kind, kind.movable(merged, kept), kept) for kind in BELONGINGS}
    moved[RESPONSES] = list(before["attempts"])
    moved[ADDRESS] = _move_addresses(merged, kept)
    values = {name: getattr(merged, name) for name in FIELDS if taken.get(name) == "merged"}
    merged.member_number, merged.email, merged.is_active = "", f"merged-{merged.pk}@invalid.invalid", False
    merged.set_unusable_password()
    merged.save()
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save()
    made = Merge.objects.create(
        kept=kept,
        merged=merged,
        moved={label: rows for label, rows in moved.items() if rows},
        before=before,
        after=_facts(kept),
        reason=reason.strip()[:300],
        merged_by=actor,
        merged_at=now,
    )
    counts = {label: len(rows) for label, rows in made.moved.items()}
    record(action="merged two accounts", subject=made, actor=actor, after=counts, reason=made.reason)
    return made


@short_write
def undo(*, done: Merge, actor: User, now: datetime) -> None:
    """Part the accounts again: rows go back, and fields that nobody has changed since. Raises CannotMerge."""
    done = Merge.objects.select_for_update().get(pk=done.pk)
    kept, merged = _locked(done.kept_id, done.merged_id)
    obstacles = list(_obstacles(done, kept, now))
    if obstacles:
        raise CannotMerge(" ".join(obstacles))
    for name, value in done.before["kept"].items():
        if getattr(kept, name) == done.after[name]:
            setattr(kept, name, value)
    kept.save()
    for name, value in done.before["merged"].items():
        setattr(merged, name, value)
    merged.is_active = True
    merged.save()
    for kind in BELONGINGS:
        if kind.model is not Response:
            _move(kind, done.moved.get(kind.label, []), merged, only_from=kept)
    _renumber({int(pk): attempt for pk, attempt in done.before["attempts"].items()}, to=merged, only_from=kept)
    _follow_claims(done, kept, merged)
    EmailAddress.objects.filter(pk__in=done.moved.get(ADDRESS, []), user=kept).update(user=merged)
    EmailAddress.objects.filter(user=merged, email__iexact=merged.email).update(primary=True)
    done.undone_at = now
    done.save(update_fields=["undone_at"])
    record(action="undid a merge", subject=done, actor=actor)


def _obstacles(done: Merge, kept: User, now: datetime) -> Iterable[str]:
    """Say what stands in the way of parting two accounts."""
    if not done.may_be_undone(now):
        yield "It was undone already, or stands for too long to be undone."
    later = Merge.objects.filter(Q(kept=kept) | Q(merged=kept), pk__gt=done.pk, undone_at=None).first()
    if later:
        yield f"Undo the later merge first: {later}."
    address, number = done.before["merged"]["email"], done.before["merged"]["member_number"]
    if kept.email == address:
        yield f"The kept account signs in by {address} now. Give it another address first."
    for given in {number, done.before["kept"]["member_number"]} - {""}:
        if User.objects.filter(member_number=given).exclude(pk=kept.pk).exists():
            yield f"The number {given} was given to somebody else since."
    if number and kept.member_number == number and done.after["member_number"] != number:
        yield f"The number {number} was given to the kept account since."


def _renumber(numbers: Mapping[int, int], *, to: User, only_from: User | None = None) -> dict[int, int]:
    """Move responses to another account under these attempt numbers, and return those that they had."""
    before = dict(Response.objects.filter(pk__in=numbers).values_list("pk", "attempt"))
    for pk, attempt in numbers.items():
        rows = Response.objects.filter(pk=pk, **({"learner": only_from} if only_from else {}))
        rows.update(attempt=attempt, learner=to)
    return before


def _follow_claims(done: Merge, kept: User, merged: User) -> None:
    """Let what was issued and reported since for the claims that go back go back with them."""
    claims = Claim.objects.filter(pk__in=done.moved.get(BELONGINGS[0].label, []), learner=merged)
    for model in (Certificate, Submission):
        model.objects.filter(reference__in=claims.values("reference"), learner=kept).update(learner=merged)


def _refusals(kept: User, merged: User) -> Iterable[str]:
    if kept.pk == merged.pk:
        yield "These are the same account."
        return
    if not (kept.is_active and merged.is_active):
        yield "One of the accounts is switched off, perhaps because it was merged before."
    if kept.is_staff or merged.is_staff:
        yield "Accounts of staff are not merged: they have permissions."
    claims = {(row.activity_id, row.role): row for row in Claim.objects.filter(learner=kept).prefetch_related("awards")}
    for row in Claim.objects.filter(learner=merged).select_related("activity").prefetch_related("awards"):
        other = claims.get((row.activity_id, row.role))
        if other and not row.is_withdrawn:
            which = "Merge the other way round" if other.is_withdrawn else "Withdraw one of the two first"
            yield f"Both claimed “{row.activity}” ({other.reference} and {row.reference}). {which}."
        taught = claims.get((row.activity_id, OTHER_ROLE[row.role]))
        if taught and not fit_together(row, taught):
            yield (
                f"What one account taught and the other learnt at “{row.activity}” is longer than the activity "
                f"({taught.reference} and {row.reference}). Correct one of the two first."
            )


def _locked(kept_pk: int, merged_pk: int) -> tuple[User, User]:
    """Lock both rows in the same order, whoever asks, so that two merges cannot wait for each other."""
    rows = {row.pk: row for row in User.objects.select_for_update().filter(pk__in=[kept_pk, merged_pk]).order_by("pk")}
    return rows[kept_pk], rows[merged_pk]


def _move(kind: Any, rows: list[int], to: User, *, only_from: User | None = None) -> list[int]:
    found = kind.model._default_manager.filter(pk__in=rows)  # noqa: SLF001 (Django's public name for it)
    if only_from:
        found = found.filter(**{kind.owner: only_from})
    found.update(**{kind.owner: to})
    return rows


def _move_addresses(merged: User, kept: User) -> list[int]:
    """Let every proven address of the merged account sign in to the kept one; one that nobody proved stays behind."""
    rows = EmailAddress.objects.filter(user=merged, verified=True)
    numbers = list(rows.values_list("pk", flat=True))
    rows.update(user=kept, primary=False)
    return numbers


def _in_words(person: User, name: str) -> str:
    value = getattr(person, f"get_{name}_display", lambda: getattr(person, name))()
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _facts(person: User) -> dict[str, Any]:
    return {name: getattr(person, name) for name in FIELDS}
