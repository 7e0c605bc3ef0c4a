"""What registries are told of a claim, and what follows when it changes: only the difference is deleted and added.

Points go to the boards that the learner asked to be told, credit to their state medical board; ACPE credit goes to CPE
Monitor, which is the provider's duty: where the learner's e-Profile ID is not known, the report waits as incomplete.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounts.models import Identifier, User
from accounts.names import for_registries
from accounts.states import STATES
from activities.credit_types import AMA, CREDIT_TYPES
from activities.models import Entitlement
from credits import deadlines
from credits.arithmetic import Earned
from credits.models import Claim
from credits.words import completion, pharmacy_completion, state_completion
from reporting.models import Submission, standing_among
from reporting.services.queueing import complete, next_credit_id, queue, take_back
from reporting.snapshots import Completion, Identity

PARS, CPE = Submission.Registry.PARS, Submission.Registry.CPE
NABP, NPI = "NABP", "NPI"
TOLD = ("points", "completed_on", "activity_id")  # a registry that knows another of these is told anew
Key = tuple[str, str]  # board and kind of credit


@dataclass(frozen=True)
class Wanted:
    """One credit that a registry is to know."""

    registry: str
    board: str
    completion: Completion
    identity: Identity

    @property
    def key(self) -> Key:
        """What there is one of in a claim."""
        return self.board, self.completion["credit_type"]


@dataclass(frozen=True)
class Change:
    """One credit that a registry is to know otherwise: what stands of it is taken back, what is wanted is added."""

    key: Key
    earlier: Submission | None
    new: Wanted | None


def changes(
    claim: Claim, earned: Mapping[str, Earned], told: Sequence[Submission], identities: Mapping[str, Identity]
) -> list[Change]:
    """Return what differs between what is earned and what was told of a claim, the newest first."""
    if not (identities or told or any(CREDIT_TYPES[code].has_uan for code in earned)):
        return []
    reported = {_key(row): row for row in reversed(standing_among(told))}
    known = {row.board: row.identity for row in reversed(told)} | dict(identities)
    deleted = {row.credit_id for row in told if row.is_deletion}
    asked = {row.board for row in reported.values() if row.credit_id not in deleted} | {*identities}
    wanted = {row.key: row for row in _wanted(claim, earned, known, asked)}
    both = ((key, reported.get(key), wanted.get(key)) for key in dict.fromkeys([*reported, *wanted]))
    return [Change(key, earlier, new) for key, earlier, new in both if not _is_same(earlier, new)]


def _is_same(earlier: Submission | None, new: Wanted | None) -> bool:
    if earlier is None or new is None:
        return False
    return all(earlier.completion[name] == new.completion[name] for name in TOLD)  # type: ignore[literal-required]


def follow(
    claim: Claim, earned: Mapping[str, Earned], identities: Mapping[str, Identity], now: datetime, send_at: datetime
) -> None:
    """Report what is earned, and take back what was reported otherwise; call it in the transaction of the award."""
    told = list(Submission.objects.filter(reference=claim.reference))
    _take_repeated_back(told, now)
    for change in changes(claim, earned, told, identities):
        earlier = change.earlier
        deletion = (take_back(submission=earlier, now=now) if earlier else None) or _pending_deletion(claim, change.key)
        if change.new:
            _queue(claim, change.new, after=deletion, now=now, send_at=send_at)


def _take_repeated_back(told: Iterable[Submission], now: datetime) -> None:
    """Of several reports of one credit, left by a deletion that was refused, only the newest may stay."""
    newest: dict[Key, Submission] = {}
    for row in standing_among(told):
        if newest.setdefault(_key(row), row) != row:
            take_back(submission=row, now=now)


def _wanted(
    claim: Claim, earned: Mapping[str, Earned], known: Mapping[str, Identity], asked: set[str]
) -> Iterator[Wanted]:
    """Return what registries are to know; a state only while it is `asked` for: a permission may be withdrawn."""
    physicians = earned.get(AMA.code)
    if physicians and claim.wants_moc:
        yield from _points(claim, physicians.amount, known)
    if physicians:
        for board in sorted(asked & {*STATES, NPI}):
            yield Wanted(PARS, board, state_completion(claim, physicians), known[board])
    for row in earned.values():
        if row.entitlement.kind.has_uan and claim.role == Claim.Role.LEARNER:
            yield Wanted(CPE, NABP, pharmacy_completion(claim, row), known.get(NABP) or of_pharmacist(claim.learner))


def _points(claim: Claim, amount: Decimal, known: Mapping[str, Identity]) -> Iterator[Wanted]:
    for registration in claim.activity.moc_registrations.all():
        identity, points = known.get(registration.board), registration.points_for(amount)
        if identity:
            for kind in registration.point_types:
                yield Wanted(PARS, registration.board, completion(claim, registration, kind, points), identity)


def refresh(submission: Submission) -> None:
    """Look again at a draft: office or learner may have entered what was missing. Call it in a transaction."""
    claim = Claim.objects.select_related("activity__provider", "learner").get(reference=submission.reference)
    new = now_wanted(claim, submission)
    if new and (new.completion, new.identity) != (submission.completion, submission.identity):
        complete(submission=submission, completion=new.completion, identity=new.identity)


def now_wanted(claim: Claim, submission: Submission) -> Wanted | None:
    """Return what a report would say if it were written now; nothing where its credit is not earned any more."""
    identity = submission.identity
    if submission.registry == CPE and submission.learner_is_missing:
        identity = of_pharmacist(claim.learner)
    rows = _wanted(claim, standing(claim), {submission.board: identity}, {submission.board})
    return next((row for row in rows if row.key == _key(submission)), None)


def standing(claim: Claim) -> dict[str, Earned]:
    """Return what stands of a claim, by credit type."""
    return {row.credit_type: Earned(Entitlement(row.kind, row.designation), row.amount) for row in claim.standing}


def of_pharmacist(learner: User) -> Identity:
    """Return what the profile knows of a learner for CPE Monitor; what it does not know is empty."""
    known = Identifier.objects.filter(user=learner, registry=NABP).first()
    return {
        "given_name": for_registries(learner.first_name),
        "family_name": for_registries(learner.last_name),
        "board_number": known.number if known else "",
        "birth_month": int(learner.birth_month or 0),
        "birth_day": int(learner.birth_day or 0),
    }


def _key(submission: Submission) -> Key:
    return submission.board, submission.completion["credit_type"]


def _pending_deletion(claim: Claim, key: Key) -> Submission | None:
    """Return the newest deletion of this credit that is not confirmed yet: what is added must wait for it."""
    rows = Submission.objects.filter(reference=claim.reference, action=Submission.Action.DELETE)
    return next((row for row in rows.exclude(state="accepted") if _key(row) == key), None)


def _queue(claim: Claim, new: Wanted, *, after: Submission | None, now: datetime, send_at: datetime) -> None:
    queue(
        learner=claim.learner,
        reference=claim.reference,
        registry=new.registry,
        board=new.board,
        credit_id=_credit_id(claim, new),
        identity=new.identity,
        completion=new.completion,
        reply_to=claim.activity.provider.office_email,
        send_at=send_at,
        now=now,
        after=after,
        clocks=deadlines.clocks_of(
            claim.activity, new.registry, new.board, date.fromisoformat(new.completion["completed_on"])
        ),
    )


def _credit_id(claim: Claim, new: Wanted) -> str:
    """Return `ccid:aacr.org:R-4K7M-Q2XP-9TRD-ABIM-MK-1`: the claim, the board, the kind of points, the version."""
    initials = "".join(word[0] for word in new.completion["credit_type"].split() if word[0].isalpha())
    stem = f"ccid:{claim.activity.provider.domain}:{claim.reference}-{new.board}-{initials}-"
    return next_credit_id(claim.reference, stem)
