"""What one learner can claim at an activity now: the currencies, the sessions, and what limits them.

The claim page draws it, and the service awards by it; there is no second rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from accounts.models import User
from activities import zones
from activities.credit import NotQuarters, quarters
from activities.credit_types import AMA
from activities.models import Activity, Entitlement, Session
from credits.arithmetic import (
    NOTHING,
    Attended,
    Earned,
    apart,
    earned_by_amount,
    earned_by_sessions,
    gives,
    hours_taught,
)
from credits.models import Attendance, CheckIn, Claim, LateGrant

STEPS = "Credit is counted in steps of 0.25."
CHOOSE_ONE = "Choose at least one session that you attended."
AT_MOST = "At most {} can be claimed for this activity."
NO_CREDIT = "This activity offers no credit to your profession; the CME office can tell you more."
NO_RECORD = "The attendance records of this activity do not name you. Write to the CME office: {}."
ENTER_CODE = "Enter the code that the activity showed you at its end."
CODE_IS_OVER = "After you entered the code, credit could be asked for until {until}. Write to the CME office: {office}."
Chosen = Mapping[int, Decimal]


class CannotAward(Exception):
    """The request breaks a rule of credit; the words tell the learner which and what to do."""


@dataclass
class Offer:
    """An activity, seen by one learner at one moment; rows are read when they are first asked for."""

    activity: Activity
    learner: User
    now: datetime
    claimed: frozenset[int] = frozenset()  # sessions that the claim names already

    @cached_property
    def entitlements(self) -> list[Entitlement]:
        """The currencies, the learner's own first."""
        return self.activity.entitlements(self.learner.profession)

    @cached_property
    def every_session(self) -> list[Session]:
        """The whole programme."""
        return list(self.activity.sessions.all())

    @cached_property
    def programme(self) -> dict[int, Session]:
        """The sessions that give this learner credit, past and to come, in order."""
        return {row.pk: row for row in self.every_session if any(gives(row, kind) for kind in self.entitlements)}

    @cached_property
    def by_session(self) -> bool:
        """Whether sessions are claimed, and not an amount: wherever the programme has sessions with credit."""
        by_amount = self.activity.claim_by == Activity.ClaimBy.AMOUNT
        return not by_amount and any(row.credit for row in self.every_session)

    @property
    def by_code(self) -> bool:
        """Whether a code proves participation: of each session, or the activity's own."""
        return self.activity.claim_by == Activity.ClaimBy.CODES

    @property
    def most_codes(self) -> int:
        """How many codes there are to enter."""
        return len(self.every_session) if self.by_session else 1

    @cached_property
    def check_ins(self) -> dict[int | None, CheckIn]:
        """The codes that the learner entered in time, by session (None: the activity's own)."""
        if not self.by_code:
            return {}
        rows = CheckIn.objects.filter(learner=self.learner, activity=self.activity)
        return {row.session_id: row for row in rows}

    @property
    def needs_own_code(self) -> bool:
        """Whether the activity's own code must be entered before anything can be claimed."""
        return self.by_code and not self.by_session and None not in self.check_ins

    @property
    def own_code_until(self) -> datetime | None:
        """Until when credit can be asked for after the activity's own code was entered; None: no own end."""
        entered, days = self.check_ins.get(None), self.activity.own_code_days
        return entered.entered_at + timedelta(days=days) if entered and days else None

    def code_until(self, session: Session) -> datetime:
        """Return until when the code of a session can be entered."""
        hours = self.activity.code_hours
        return session.starts_at + timedelta(hours=hours) if hours else datetime.max.replace(tzinfo=UTC)

    def code_holds(self, session: Session) -> bool:
        """Whether the code of a session can be entered now."""
        return session.starts_at <= self.now <= self.code_until(session)

    @cached_property
    def recorded(self) -> dict[int | None, Decimal]:
        """The hours on record by session (None: the activity as a whole); only where records limit the claim."""
        if not self.activity.attendance_is_ceiling:
            return {}
        rows = Attendance.objects.filter(learner=self.learner, activity=self.activity)
        return {row.session_id: row.amount for row in rows}

    @cached_property
    def teaching(self) -> Claim | None:
        """What the learner was awarded as faculty."""
        rows = Claim.objects.filter(learner=self.learner, activity=self.activity, role=Claim.Role.FACULTY)
        return rows.prefetch_related("awards", "sessions__session").first()

    @cached_property
    def taught(self) -> list[Session]:
        """The sessions for which the learner was awarded credit as faculty: nobody learns and teaches at once."""
        return [row.session for row in self.teaching.sessions.all()] if self.teaching else []

    @cached_property
    def hours_taught(self) -> Decimal:
        """The hours for which they were: taught and learnt together are never longer than the activity."""
        awards = self.teaching.standing if self.teaching else []
        return hours_taught(self.activity, ((row.credit_type, row.amount) for row in awards))

    @cached_property
    def sessions(self) -> dict[int, Session]:
        """The sessions that can be claimed now: over, not while teaching, and, where records limit it, attended."""
        over = {pk: row for pk, row in self.programme.items() if row.ends_at <= self.now and self._free(row)}
        if self.by_code:
            over = {pk: row for pk, row in over.items() if pk in self.check_ins or pk in self.claimed}
        if not self.activity.attendance_is_ceiling or None in self.recorded:
            return over
        return {pk: row for pk, row in over.items() if pk in self.recorded}

    @property
    def to_come(self) -> int:
        """How many sessions with credit are not over yet."""
        return sum(1 for row in self.programme.values() if row.ends_at > self.now)

    @property
    def maximum(self) -> Decimal:
        """The largest amount that can be claimed: of the currency with the highest maximum, or what is on record."""
        longest = max((kind.maximum for kind in self.entitlements), default=NOTHING)
        most = max(longest - self.hours_taught, NOTHING)
        return min(most, self.limit) if self.limit is not None else most

    @property
    def limit(self) -> Decimal | None:
        """The hours on record for the activity as a whole, or summed up; None where no record limits the claim."""
        if not self.activity.attendance_is_ceiling:
            return None
        whole = self.recorded.get(None)
        return sum(self.recorded.values(), NOTHING) if whole is None else whole

    @property
    def is_unrecorded(self) -> bool:
        """Whether records limit the claim and do not know this learner."""
        return self.activity.attendance_is_ceiling and not self.recorded

    def most(self, session: Session) -> Decimal:
        """Return how much of a session can be claimed."""
        most = self._free(session)
        return min(most, self.recorded.get(session.pk, most))

    def _free(self, session: Session) -> Decimal:
        """Return how much of a session's credit lies apart from the hours that the learner taught."""
        credit: Decimal = session.credit
        return min(credit, apart(session, self.taught)) if self.taught else credit

    @property
    def left_out(self) -> list[str]:
        """What of the programme cannot be chosen, and why, a sentence for each reason."""
        others = sum(1 for row in self.every_session if row.credit and row.pk not in self.programme)
        over = [row for row in self.programme.values() if row.ends_at <= self.now]
        busy = sum(1 for row in over if self._free(row) < row.credit)
        unseen = [row for row in over if self._free(row) and row.pk not in self.sessions]
        absent = len(unseen) if self.activity.attendance_is_ceiling and not self.by_code else 0
        counted = (
            (others, "{} no credit to your profession.", "gives", "give"),
            (busy, "{} at a time for which you were awarded credit for teaching.", "lies", "lie"),
            (absent, "{} not among those at which the attendance records show you.", "is", "are"),
        )
        return [
            words.format(f"{count} session{'' if count == 1 else 's'} {one if count == 1 else many}")
            for count, words, one, many in counted
            if count
        ]

    def earned(self, request: Decimal | Chosen) -> list[Earned]:
        """Return what an amount, or the chosen sessions with how much of each, give; raises CannotAward."""
        if not self.entitlements:
            raise CannotAward(NO_CREDIT)
        if self.is_unrecorded:
            raise CannotAward(NO_RECORD.format(self.activity.provider.office_email))
        found = self._by_amount(request) if isinstance(request, Decimal) else self._by_sessions(request)
        return [row for row in found if row.amount > 0]

    def _by_amount(self, amount: Decimal) -> list[Earned]:
        if self.by_session:
            raise CannotAward("Credit is claimed session by session here: choose those that you attended.")
        self._check_own_code()
        check_amount(amount, self.maximum)
        return [earned_by_amount(kind, amount, beside=self.hours_taught) for kind in self.entitlements]

    def _check_own_code(self) -> None:
        if self.needs_own_code and not self.claimed:
            raise CannotAward(ENTER_CODE)
        until = self.own_code_until
        if until and self.now > until and not self._has_more_time():
            words = zones.in_words(until, self.activity.time_zone, self.activity.city)
            raise CannotAward(CODE_IS_OVER.format(until=words, office=self.activity.provider.office_email))

    def _has_more_time(self) -> bool:
        """Whether the office lets this learner claim late."""
        return LateGrant.objects.filter(learner=self.learner, activity=self.activity, until__gte=self.now).exists()

    def _by_sessions(self, chosen: Chosen) -> list[Earned]:
        if not self.by_session:
            raise CannotAward("This activity has no sessions to choose: claim an amount.")
        if not chosen:
            raise CannotAward(CHOOSE_ONE)
        attended = [self._attended(pk, amount) for pk, amount in chosen.items()]
        found = [earned_by_sessions(kind, attended) for kind in self.entitlements]
        return [self._within_record(row).beside_teaching(self.hours_taught) for row in found]

    def _within_record(self, row: Earned) -> Earned:
        if self.limit is None or row.amount <= self.limit:
            return row
        words = f"less {row.amount - self.limit}: the attendance records show {self.limit} hours"
        return Earned(row.entitlement, self.limit, (*row.lines, words))

    def _attended(self, pk: int, amount: Decimal) -> Attended:
        session = self.sessions.get(pk)
        if session is None:
            raise CannotAward(self.why_not(pk))
        check_amount(amount, self.most(session), what=f"“{session.title}”")
        return Attended(session, amount)

    def why_not(self, pk: int) -> str:
        """Say why a session cannot be chosen."""
        session = next((row for row in self.every_session if row.pk == pk), None)
        if session is None:
            return "One of the chosen sessions is not part of this activity. Take it out and choose again."
        if session.ends_at > self.now:
            ends = zones.in_words(session.ends_at, self.activity.time_zone, self.activity.city)
            return f"“{session.title}” is not over yet. It can be claimed after {ends}."
        if self.by_code and pk not in self.check_ins:
            return f"First enter the code that was shown at “{session.title}”."
        if pk not in self.programme:
            return f"“{session.title}” gives no credit to your profession. Take it out."
        if not self._free(session):
            return f"You were awarded credit for teaching at the time of “{session.title}”: take it out."
        return f"The attendance records do not show you in “{session.title}”. Take it out, or write to the CME office."


def check_amount(amount: Decimal, maximum: Decimal, *, what: str = "") -> None:
    """Raise CannotAward unless 0 < amount <= maximum in quarters; the words name the way out."""
    at_most = f"{what} gives at most {maximum}." if what else AT_MOST.format(maximum)
    try:
        quarters(amount)
    except NotQuarters as wrong:
        above = amount.is_finite() and amount > maximum
        raise CannotAward(at_most if above else STEPS) from wrong
    if amount <= 0 and what:
        raise CannotAward(f"{what}: choose how much of it you attended, at least 0.25.")
    if amount <= 0:
        raise CannotAward("Claim at least 0.25, or leave the form if you did not take part.")
    if amount > maximum:
        raise CannotAward(at_most)


def may_earn_points(activity: Activity, learner: User) -> bool:
    """Whether this learner can ask for MOC points here: boards certify physicians."""
    return _is_physician(activity, learner) and activity.offers_moc


def may_be_told_to_states(activity: Activity, learner: User) -> bool:
    """Whether this learner's credit can be reported to a state medical board: they license physicians."""
    return activity.provider.reports_to_states and bool(activity.pars_id) and _is_physician(activity, learner)


def _is_physician(activity: Activity, learner: User) -> bool:
    return any(row.code == AMA.code for row in activity.entitlements(learner.profession))
