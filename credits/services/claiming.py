"""Awards credit: the claim, its ledger rows, the certificates, the reports and the confirmation, in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from accounts.services import record_consent, remember_board_identity
from activities import boards, statements
from activities.models import Activity
from audit.models import record
from credits import emails
from credits.arithmetic import Earned
from credits.ledger import settle
from credits.models import Claim, ClaimedSession
from credits.offer import CannotAward, Chosen, Offer, may_earn_points
from jobs.transactions import short_write
from reporting.snapshots import Identity

REPORTING = "report to boards"


@dataclass(frozen=True)
class ClaimRequest:
    """What the learner asks for: an amount, or sessions with how much of each (quarters), and the words attested.

    `identities` are the learner to those boards and registries that are to be told, by their codes.
    """

    asked: Decimal | Chosen
    attestation: str
    identities: Mapping[str, Identity] = field(default_factory=dict)

    @property
    def boards(self) -> list[str]:
        """The certifying boards that are to be told."""
        return [code for code in self.identities if code in boards.BOARDS]


@short_write
def claim(*, learner: User, activity: Activity, request: ClaimRequest, now: datetime) -> Claim:
    """Award what is asked for and schedule all that follows; raises CannotAward.

    A second call for the same learner and activity returns the first claim and writes nothing. The learner's row is
    locked meanwhile (SQLite lets one writer in anyway), so two tabs cannot both be first; the unique constraint
    stands behind that. Whether the learner may ask at all is `surveys.pathway`'s business, asked before.
    """
    learner = User.objects.select_for_update().get(pk=learner.pk)
    existing = Claim.objects.by_learner(learner, activity).first()
    if existing and not existing.can_be_claimed_anew:
        return existing
    earned = Offer(activity, learner, now).earned(request.asked)
    if request.boards and not may_earn_points(activity, learner):
        raise CannotAward("MOC points are reported for physicians, and only for activities registered with a board.")
    made = existing or Claim(learner=learner, activity=activity)
    made.profession, made.claimed_at, made.by_office = learner.profession, now, False
    made.completed_on = None
    made.attestation, made.wants_moc = request.attestation, bool(request.boards)
    made.save()
    name_sessions(made, request.asked)
    if request.identities:
        permit(made, now, request.identities)
    settle(claim=made, earned=earned, actor=learner, reason="", now=now, identities=request.identities)
    after = {"credit": in_words(earned), "moc": made.wants_moc}
    record(action="claimed", subject=made, actor=learner, after=after)
    emails.claimed(made)
    return made


def name_sessions(claim: Claim, asked: Decimal | Chosen) -> None:
    """Write down the chosen sessions as those that the claim names."""
    if not isinstance(asked, Decimal):
        rows = [ClaimedSession(claim=claim, session_id=pk, amount=amount) for pk, amount in asked.items()]
        ClaimedSession.objects.bulk_create(rows)


def in_words(earned: Iterable[Earned]) -> str:
    """Return `12.25 ANCC contact hours and 10.00 IPCE credits`."""
    return " and ".join(str(row) for row in earned)


def permit(claim: Claim, now: datetime, identities: Mapping[str, Identity] | None = None) -> None:
    """Keep the permission to report in the very words that were agreed to, and the learner as boards have them."""
    words = statements.permission(claim.activity.provider)
    record_consent(user=claim.learner, purpose=REPORTING, reference=claim.reference, text=words, now=now)
    for code, identity in (identities or {}).items():
        remember_board_identity(
            user=claim.learner,
            registry=code,
            number=identity["board_number"],
            birth_month=identity["birth_month"],
            birth_day=identity["birth_day"],
        )
