"""Awards credit: the claim, its ledger row, the certificate, the report and the confirmation, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from accounts.services import record_consent, remember_board_identity
from activities import boards, statements
from activities.credit import NotQuarters, quarters
from activities.credit_types import AMA
from activities.models import Activity, CreditDesignation, MocRegistration
from audit.models import record
from certificates.services import issue
from credits import emails
from credits.models import Award, Claim
from credits.words import certificate_words, completion
from jobs.transactions import short_write
from reporting.services import Identity, queue

STEPS = "Credit is counted in steps of 0.25."
AT_MOST = "At most {} can be claimed for this activity."


class CannotAward(Exception):
    """The request breaks a rule of credit; the words tell the learner which and what to do."""


@dataclass(frozen=True)
class ClaimRequest:
    """What the learner asks for: an amount in quarters, the words attested, and the board identity if MOC is wished."""

    amount: Decimal
    attestation: str
    moc: Identity | None = None


@short_write
def claim(*, learner: User, activity: Activity, request: ClaimRequest, now: datetime) -> Claim:
    """Award what is asked for and schedule all that follows; raises CannotAward.

    A second call for the same learner and activity returns the first claim and writes nothing. The learner's row is
    locked meanwhile (SQLite lets one writer in anyway), so two tabs cannot both be first; the unique constraint
    stands behind that. Whether the learner may ask at all is `surveys.pathway`'s business, asked before.
    """
    learner = User.objects.select_for_update().get(pk=learner.pk)
    existing = Claim.objects.filter(learner=learner, activity=activity).first()
    if existing:
        return existing
    designation = _designation(activity, learner)
    check_amount(request.amount, designation.maximum)
    if request.moc and not may_earn_points(activity, learner):
        raise CannotAward("MOC points are reported for physicians, and only for activities registered with ABIM.")
    made = Claim.objects.create(
        learner=learner,
        activity=activity,
        profession=learner.profession,
        claimed_at=now,
        attestation=request.attestation,
        wants_moc=request.moc is not None,
    )
    award = Award.objects.create(
        claim=made, credit_type=designation.credit_type, amount=request.amount, awarded_at=now, awarded_by=learner
    )
    issue(
        learner=learner,
        reference=made.reference,
        kind=designation.credit_type,
        words=certificate_words(made, award),
        deliver_at=_earliest(activity, now),
        now=now,
    )
    if request.moc:
        _report(made, award, request.moc, now)
    record(action="claimed", subject=made, actor=learner, after={"credit": str(award), "moc": made.wants_moc})
    emails.claimed(made, award)
    return made


def check_amount(amount: Decimal, maximum: Decimal) -> None:
    """Raise CannotAward unless 0 < amount <= maximum in quarters; the words name the way out."""
    try:
        quarters(amount)
    except NotQuarters as wrong:
        above = amount.is_finite() and amount > maximum
        raise CannotAward(AT_MOST.format(maximum) if above else STEPS) from wrong
    if amount <= 0:
        raise CannotAward("Claim at least 0.25, or leave the form if you did not take part.")
    if amount > maximum:
        raise CannotAward(AT_MOST.format(maximum))


def may_earn_points(activity: Activity, learner: User) -> bool:
    """Whether this learner can ask for MOC points here: boards certify physicians."""
    designation = activity.designation_for(learner.profession)
    physician = designation is not None and designation.credit_type == AMA.code
    return physician and bool(activity.pars_id) and activity.abim is not None


def _designation(activity: Activity, learner: User) -> CreditDesignation:
    designation = activity.designation_for(learner.profession)
    if designation is None:
        raise CannotAward("This activity offers no credit to your profession; the CME office can tell you more.")
    return designation


def _earliest(activity: Activity, now: datetime) -> datetime:
    """Return when certificate and report may leave: at once for self-study, otherwise when the activity has ended."""
    return now if activity.is_self_study else max(activity.ends_at, now)


def _report(made: Claim, award: Award, identity: Identity, now: datetime) -> None:
    """Keep the permission and the identity, and queue one submission for each kind of points."""
    activity, learner = made.activity, made.learner
    record_consent(user=learner, purpose="report to boards", text=statements.permission(activity.provider), now=now)
    remember_board_identity(
        user=learner,
        registry=boards.ABIM.code,
        number=identity["board_number"],
        birth_month=identity["birth_month"],
        birth_day=identity["birth_day"],
    )
    registration = activity.abim
    assert registration is not None  # noqa: S101 (asked by may_earn_points)
    for point_type in registration.point_types:
        queue(
            learner=learner,
            reference=made.reference,
            board=registration.board,
            credit_id=_credit_id(made, registration, point_type),
            identity=identity,
            completion=completion(made, point_type, registration.points_for(award.amount)),
            reply_to=activity.provider.office_email,
            send_at=_earliest(activity, now),
            now=now,
        )


def _credit_id(made: Claim, row: MocRegistration, point_type: str) -> str:
    """Return `ccid:aacr.org:R-4K7M-Q2XP-9TRD-ABIM-MK-1`: the claim, the board, the kind of points, the version."""
    initials = "".join(word[0] for word in point_type.split())
    return f"ccid:{made.activity.provider.domain}:{made.reference}-{row.board}-{initials}-1"
