"""How much credit the chosen sessions give in one currency, with the sum explained line by line.

An hour is one credit, counted in quarters; of sessions at the same time the time counts once; the designation's maximum
is the end (AMA PRA booklet). Amounts are `Decimal` quarters.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from activities import zones
from activities.credit import QUARTERS, from_quarters
from activities.credit_types import AMA
from activities.models import Activity, Entitlement, Session
from credits.models import Claim

NOTHING = Decimal("0.00")
QUARTER_SECONDS = 900


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

    def beside_teaching(self, hours: Decimal) -> "Earned":
        """Return this, or less of it: taught and learnt together are never longer than the activity."""
        left = max(self.entitlement.maximum - hours, NOTHING)
        if self.amount <= left:
            return self
        words = f"less {self.amount - left}: you were awarded credit for {hours} hours of teaching"
        return Earned(self.entitlement, left, (*self.lines, words))


def earned_by_amount(entitlement: Entitlement, amount: Decimal, *, beside: Decimal = NOTHING) -> Earned:
    """Return what an amount of participation gives in one currency, `beside` so many hours of teaching."""
    earned = Earned(entitlement, min(amount, entitlement.maximum))
    if earned.amount < amount:
        earned = replace(earned, lines=(_above(amount - earned.amount, entitlement),))
    return earned.beside_teaching(beside)


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
    worth = [(row, int(credit_of(row.session, entitlement) * QUARTERS)) for row in group]
    parts = math.lcm(*(quarters for _, quarters in worth))  # of a second, so that everything is a whole number of them
    free = [[int((end - start).total_seconds()) * parts for end in ends] for start in starts]
    total = Fraction(0)
    for row, quarters in sorted(worth, key=lambda pair: -Fraction(pair[1], _seconds(pair[0].session))):
        session, length = row.session, _seconds(row.session)
        first, last = ends.index(session.ends_at), starts.index(session.starts_at)
        asked = int(row.amount * QUARTERS) * length * parts // quarters
        taken = min(asked, *(min(stretches[first:]) for stretches in free[: last + 1]))
        for stretches in free[: last + 1]:
            stretches[first:] = [left - taken for left in stretches[first:]]
        total += Fraction(taken * quarters, length * parts)
    return from_quarters(int(total + Fraction(1, 2)))


def teaching_rate(activity: Activity, credit_type: str) -> Decimal:
    """Return the credit for an hour of teaching: by the provider's rate for the AMA's (two), an hour for all others."""
    rate: Decimal = activity.provider.teaching_rate
    return rate if credit_type == AMA.code else Decimal(1)


def hours_taught(activity: Activity, awards: Iterable[tuple[str, Decimal]]) -> Decimal:
    """Return for how many hours of teaching these amounts, by credit type, are: in quarters, rounded up."""
    hours = (amount / teaching_rate(activity, code) for code, amount in awards)
    return from_quarters(math.ceil(max(hours, default=NOTHING) * QUARTERS))


def fit_together(first: Claim, second: Claim) -> bool:
    """Whether what one claim taught and the other learnt is no longer than their activity."""
    taught, learnt = sorted((first, second), key=lambda claim: claim.role)
    hours = hours_taught(taught.activity, ((row.credit_type, row.amount) for row in taught.standing))
    return all(hours + row.amount <= row.designation.maximum for row in learnt.standing) if hours else True


def taught_at_most(entitlement: Entitlement, sessions: Iterable[Session]) -> Decimal:
    """Return how many hours one person can have presented: as long as these sessions, or the activity, last."""
    hours = together(sessions)
    return min(hours, entitlement.maximum) if hours else entitlement.maximum


def together(sessions: Iterable[Session]) -> Decimal:
    """Return how many hours sessions last, in quarters rounded down, what is at the same time counted once."""
    return _quarters_of(sum((end - begin).total_seconds() for begin, end in _spans(sessions)))


def apart(session: Session, busy: Iterable[Session]) -> Decimal:
    """Return how many hours of a session, in quarters rounded down, are not at the same time as the `busy` ones."""
    spans = _spans(busy)
    meet = ((max(begin, session.starts_at), min(end, session.ends_at)) for begin, end in spans)
    taken = sum((end - begin).total_seconds() for begin, end in meet if begin < end)
    return _quarters_of(_seconds(session) - taken)


def _spans(sessions: Iterable[Session]) -> list[tuple[datetime, datetime]]:
    """Return the stretches of time that sessions fill, apart from each other."""
    found: list[tuple[datetime, datetime]] = []
    for row in sorted(sessions, key=lambda one: one.starts_at):
        if found and row.starts_at <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], row.ends_at))
        else:
            found.append((row.starts_at, row.ends_at))
    return found


def _quarters_of(seconds: float) -> Decimal:
    return from_quarters(int(seconds // QUARTER_SECONDS))


def _seconds(session: Session) -> int:
    return int((session.ends_at - session.starts_at).total_seconds())


def _simultaneous(twice: Decimal, group: list[Attended]) -> str:
    names = " and ".join(f"“{row.session.title}”" for row in group[:2])
    more = f" and {len(group) - 2} more" if len(group) > 2 else ""  # noqa: PLR2004 (two are named)
    first = group[0].session
    day = zones.span_in_words(first.day, first.day)
    return f"less {twice}: {names}{more} were at the same time ({day}); the time counts once"


def _above(amount: Decimal, entitlement: Entitlement) -> str:
    return f"less {amount}: at most {entitlement.maximum} can be awarded"
