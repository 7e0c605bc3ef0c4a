"""The transcript: what one person earned, here and elsewhere, between two days, with totals.

A line's day is the last of a live activity, and the day on which self-study was completed, in the activity's own zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch

from accounts.models import User
from activities import zones
from activities.credit_types import AMA, CREDIT_TYPES, ceu
from credits.followed import Followed, follow
from credits.models import Award, Claim, OutsideCredit
from reporting.models import Submission, standing_among

ELSEWHERE = "elsewhere"
SELF_REPORTED = "self-reported"


@dataclass(frozen=True)
class Wanted:
    """Which lines are wanted: from and to a day, and of one credit type (or `elsewhere`); None and "" are all."""

    since: date | None = None
    until: date | None = None
    kind: str = ""

    def has(self, day: date) -> bool:
        """Whether the day lies between."""
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Line:
    """One amount of one kind of credit."""

    day: date
    title: str
    provider: str
    kind: str
    amount: Decimal
    words: str
    reference: str = ""
    certificate: str = ""
    uan: str = ""
    points: tuple[str, ...] = ()  # `12.25 Medical Knowledge MOC points, ABIM`
    claimed_on: date | None = None

    @property
    def is_self_reported(self) -> bool:
        """Whether the learner entered it."""
        return not self.reference


@dataclass(frozen=True)
class Transcript:
    """What one person earned; seven queries, however much it is."""

    learner: User
    wanted: Wanted

    @cached_property
    def followed(self) -> list[Followed]:
        """The wanted claims with what followed from them, newest first."""
        claims = Claim.objects.of(self.learner).select_related("activity__provider", "learner")
        with_awards = claims.prefetch_related(Prefetch("awards", Award.objects.select_related("designation")))
        return follow(claim for claim in with_awards if self._wants(claim))

    @cached_property
    def outside(self) -> list[OutsideCredit]:
        """Credit from elsewhere."""
        if self.wanted.kind not in ("", ELSEWHERE):
            return []
        return [row for row in OutsideCredit.objects.filter(learner=self.learner) if self.wanted.has(row.earned_on)]

    @cached_property
    def lines(self) -> list[Line]:
        """Every amount, newest first."""
        own = [_line(item, award) for item in self.followed for award in self._awards(item.claim)]
        return sorted(own + [_outside(row) for row in self.outside], key=lambda line: line.day, reverse=True)

    @property
    def totals(self) -> list[tuple[str, str]]:
        """The sum of each kind of credit, in words; what learners entered themselves stands apart."""
        sums: dict[tuple[bool, str], Decimal] = {}
        for line in self.lines:
            key = (line.is_self_reported, line.kind)
            sums[key] = sums.get(key, Decimal(0)) + line.amount
        return [(self._named(*key), _in_ceus(key[1], amount)) for key, amount in sorted(sums.items())]

    def _named(self, self_reported: bool, kind: str) -> str:
        return f"{kind} ({SELF_REPORTED})" if self_reported else kind

    def _wants(self, claim: Claim) -> bool:
        if not self.wanted.has(claim.completed_day):
            return False
        return not self.wanted.kind or any(True for _ in self._awards(claim))

    def _awards(self, claim: Claim) -> Iterator[Award]:
        yield from (row for row in claim.standing if self.wanted.kind in ("", row.credit_type))


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of credit by which a transcript can be narrowed."""
    return [*((kind.code, kind.name) for kind in CREDIT_TYPES.values()), (ELSEWHERE, "Credit from elsewhere")]


def _in_ceus(kind: str, amount: Decimal) -> str:
    """Return an amount, with CEUs where they are counted as well."""
    counted = any(row.many == kind and row.has_uan for row in CREDIT_TYPES.values())
    return f"{amount} ({ceu(amount)} CEUs)" if counted else str(amount)


def _line(item: Followed, award: Award) -> Line:
    claim, activity = item.claim, item.claim.activity
    taught = " (teaching)" if claim.role == Claim.Role.FACULTY else ""
    return Line(
        day=claim.completed_day,
        title=f"{activity.title}{taught}",
        provider=activity.provider.name,
        kind=award.kind.many,
        amount=award.amount,
        words=str(award),
        reference=claim.reference,
        certificate=next((row.number for row in item.valid_certificates if row.kind == award.credit_type), ""),
        uan=award.designation.uan if award.kind.has_uan else "",
        points=tuple(_points(item)) if award.credit_type == AMA.code else (),
        claimed_on=zones.local(claim.claimed_at, activity.time_zone).date(),
    )


def _points(item: Followed) -> Iterator[str]:
    """The MOC points that were reported, with how far the report has come until the board has it."""
    for row in standing_among(item.submissions):
        if row.is_moc:
            words = f"{row.completion['points']} {row.completion['credit_type']} MOC points, {row.board}"
            yield words if row.state == Submission.State.ACCEPTED else f"{words} ({row.get_state_display()})"


def _outside(row: OutsideCredit) -> Line:
    return Line(row.earned_on, row.title, row.provider, row.credit, row.amount, str(row))
