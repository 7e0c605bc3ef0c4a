"""How much credit the chosen sessions give in one currency, with the sum explained line by line.

An hour is one credit, counted in quarters; of sessions at the same time the time counts once; the designation's maximum
is the end (AMA PRA booklet). Amounts are `Decimal` quarters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from activities import zones
from activities.credit import QUARTERS, from_quarters
from activities.models import Entitlement, Session

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Attended:
    """A session and how much of its credit the learner attended."""

    session: Session
    amount: Decimal


@dataclass(frozen=True)
class Earned:
    """What is earned in one currency, and how the amount came about, a line for each step."""

    entitlement: Entitlement
    amount: Decimal
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.entitlement.kind.amount(self.amount)

    @property
    def code(self) -> str:
        """The credit type's code."""
        return self.entitlement.code


def earned_by_amount(entitlement: Entitlement, amount: Decimal) -> Earned:
    """Return what an amount of participation gives in one currency."""
    awarded = min(amount, entitlement.maximum)
    lines = () if awarded == amount else (_above(amount - awarded, entitlement),)
    return Earned(entitlement, awarded, lines)


def earned_by_sessions(entitlement: Entitlement, attended: Iterable[Attended]) -> Earned:
    """Return what the attended sessions give in one currency; those that do not give it are left out."""
    rows = sorted((row for row in attended if gives(row.session, entitlement)), key=lambda row: row.session.starts_at)
    worth = [Attended(row.session, min(row.amount, credit_of(row.session, entitlement))) for row in rows]
    summed = sum((row.amount for row in worth), NOTHING)
    lines = [f"{len(worth)} session{'' if len(worth) == 1 else 's'}: {summed}"]
    for group in overlapping(worth):
        twice = sum((row.amount for row in group), NOTHING) - counted(group, entitlement)
        if twice > 0:
            summed -= twice
            lines.append(_simultaneous(twice, group))
    if summed > entitlement.maximum:
        lines.append(_above(summed - entitlement.maximum, entitlement))
    return Earned(entitlement, min(summed, entitlement.maximum), tuple(lines))


def gives(session: Session, entitlement: Entitlement) -> bool:
    """Whether a session gives credit of this type."""
    designated = entitlement.designation.credit_type
    return bool(session.credit) and (not session.credit_types or designated in session.credit_types)


def credit_of(session: Session, entitlement: Entitlement) -> Decimal:
    """Return the most that a session gives in one currency."""
    most: Decimal = session.credit
    limit = entitlement.designation.per_session
    return most if limit is None else min(most, limit)


def overlapping(rows: Iterable[Attended]) -> list[list[Attended]]:
    """Sort attended sessions, given by their begin, into groups whose time hangs together."""
    groups: list[list[Attended]] = []
    reached = None
    for row in rows:
        if reached is None or row.session.starts_at >= reached:
            groups.append([])
            reached = row.session.ends_at
        groups[-1].append(row)
        reached = max(reached, row.session.ends_at)
    return groups


def counted(group: list[Attended], entitlement: Entitlement) -> Decimal:
    """Return what a group gives when nobody is in two places at once.

    What gives most for its time is counted first. Each session is counted as far as the time allows: in no stretch of
    time can those that lie wholly inside it take longer than it is.
    """
    if len(group) == 1:
        return group[0].amount
    starts = sorted({row.session.starts_at for row in group})
    ends = sorted({row.session.ends_at for row in group})
    free = {(start, end): Fraction((end - start).total_seconds()) for start in starts for end in ends if start < end}
    total = Fraction(0)
    for row in sorted(group, key=lambda row: -_per_second(row.session, entitlement)):
        session, rate = row.session, _per_second(row.session, entitlement)
        around = [
            (start, end)
            for start in starts[: starts.index(session.starts_at) + 1]
            for end in ends[ends.index(session.ends_at) :]
        ]
        seconds = min(Fraction(row.amount) / rate, *(free[stretch] for stretch in around))
        for stretch in around:
            free[stretch] -= seconds
        total += seconds * rate
    return from_quarters(int(total * QUARTERS + Fraction(1, 2)))


def _per_second(session: Session, entitlement: Entitlement) -> Fraction:
    length = Fraction((session.ends_at - session.starts_at).total_seconds())
    return Fraction(credit_of(session, entitlement)) / length


def _simultaneous(twice: Decimal, group: list[Attended]) -> str:
    names = " and ".join(f"“{row.session.title}”" for row in group[:2])
    more = f" and {len(group) - 2} more" if len(group) > 2 else ""  # noqa: PLR2004 (two are named)
    first = group[0].session
    day = zones.span_in_words(first.day, first.day)
    return f"less {twice}: {names}{more} were at the same time ({day}); the time counts once"


def _above(amount: Decimal, entitlement: Entitlement) -> str:
    return f"less {amount}: at most {entitlement.maximum} can be awarded"
