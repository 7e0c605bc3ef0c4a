"""The learner withdraws the permission to report, or gives it later; credit and certificate stay as they are."""

from collections.abc import Mapping
from datetime import datetime

from accounts.models import Consent, User
from activities.boards import BOARDS
from activities.credit_types import AMA
from audit.models import record
from credits import deadlines, reports
from credits.ledger import earliest, locked
from credits.models import Claim
from credits.services.claiming import REPORTING, permit
from jobs.transactions import short_write
from reporting.models import Submission
from reporting.services.queueing import take_back
from reporting.snapshots import Identity

NOTHING = "Nothing can be reported for this claim any more."


class CannotGive(ValueError):
    """Nothing can be reported any more; the words say why."""


@short_write
def withdraw(*, claim: Claim, actor: User, now: datetime) -> int:
    """Take back what boards were told of this claim, and return how many reports that are."""
    claim = locked(claim)
    rows = reported(claim)
    for submission in rows:
        take_back(submission=submission, now=now)
    if rows or claim.wants_moc:
        Claim.objects.filter(pk=claim.pk).update(wants_moc=False)
        given = Consent.objects.filter(purpose=REPORTING, reference=claim.reference, withdrawn_at=None)
        given.update(withdrawn_at=now)
        record(action="withdrew the permission to report", subject=claim, actor=actor, after={"reports": len(rows)})
    return len(rows)


@short_write
def give_again(*, claim: Claim, actor: User, now: datetime) -> None:
    """Report anew what was taken back with the permission, to the same boards; raises CannotGive.

    The registry deletes the earlier report first, if it still has it.
    """
    claim = locked(claim)
    if not may_be_given_again(claim, now):
        raise CannotGive(NOTHING)
    identities = _earlier_identities(claim)
    permit(claim, now)
    _report(claim, identities, now)
    record(action="gave the permission to report again", subject=claim, actor=actor, after={"boards": [*identities]})


@short_write
def ask_for_points(*, claim: Claim, identities: Mapping[str, Identity], actor: User, now: datetime) -> None:
    """Report the points of a claim that was made without them; raises CannotGive.

    What else points require of the learner is `surveys.services.points`' business.
    """
    claim = locked(claim)
    if not may_ask_for_points(claim, now):
        raise CannotGive(NOTHING)
    permit(claim, now, identities)
    _report(claim, identities, now)
    record(action="asked for points after the claim", subject=claim, actor=actor, after={"boards": [*identities]})


def _report(claim: Claim, identities: Mapping[str, Identity], now: datetime) -> None:
    claim.wants_moc = any(board in BOARDS for board in identities)
    claim.save(update_fields=("wants_moc",))
    reports.follow(claim, reports.standing(claim), identities, now, earliest(claim.activity, now))


def reported(claim: Claim) -> list[Submission]:
    """Return what boards were told, or are about to be."""
    return list(Submission.objects.standing(claim.reference).filter(registry=Submission.Registry.PARS))


def may_be_given_again(claim: Claim, now: datetime) -> bool:
    """Whether a withdrawn permission can be given again: while the claim stands and can still be made."""
    return _may_be_reported(claim, now) and bool(_earlier_identities(claim))


def may_ask_for_points(claim: Claim, now: datetime) -> bool:
    """Whether points can be asked for that were not asked for with the claim; a list never asks for them."""
    learns = claim.role == Claim.Role.LEARNER and any(row.credit_type == AMA.code for row in claim.standing)
    return learns and claim.activity.offers_moc and _may_be_reported(claim, now) and not _earlier_identities(claim)


def _may_be_reported(claim: Claim, now: datetime) -> bool:
    open_to_it = deadlines.is_open(claim.activity, deadlines.grant_for(claim.activity, claim.learner), now)
    return open_to_it and not claim.is_withdrawn and not reported(claim)


def _earlier_identities(claim: Claim) -> dict[str, Identity]:
    """Return the learner to each board that was told of this claim, as the latest report had them."""
    told = Submission.objects.filter(
        reference=claim.reference, registry=Submission.Registry.PARS, action=Submission.Action.ADD
    )
    return {row.board: row.identity for row in told.order_by("pk")}
