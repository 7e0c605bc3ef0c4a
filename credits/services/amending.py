"""The learner changes what was claimed, as long as it could still be claimed."""

from datetime import datetime

from accounts.models import User
from audit.models import record
from credits import deadlines, emails
from credits.ledger import Settled, locked, settle
from credits.models import Claim
from credits.offer import CannotAward, Offer
from credits.services.claiming import ClaimRequest, in_words, name_sessions
from jobs.transactions import short_write

REASON = "Amended by the learner."
CHANGED_MEANWHILE = (
    "Your claim was changed meanwhile, perhaps in another tab: you are awarded {} now. Compare it with what is chosen "
    "below, and send it again if that is what you want."
)


class TooLate(CannotAward):
    """The deadline has passed, or staff have withdrawn the claim."""


def may_amend(claim: Claim, now: datetime) -> bool:
    """Whether the learner may still change this claim; what the office has awarded or corrected is the office's."""
    if claim.role != Claim.Role.LEARNER or claim.is_withdrawn or claim.was_set_by_office:
        return False
    return deadlines.is_open(claim.activity, deadlines.grant_for(claim.activity, claim.learner), now)


@short_write
def amend(*, claim: Claim, request: ClaimRequest, actor: User, now: datetime, seen: str = "") -> Settled:
    """Set what the claim asks for; certificates and reports follow. Raises CannotAward, and then changes nothing.

    `seen` is the claim's fingerprint as it was shown, so that of two open pages none undoes the other unseen.

    The profession is that of the claim: whoever has changed it since then is awarded what they were when they claimed.
    """
    claim = locked(claim)
    if not may_amend(claim, now):
        raise TooLate("It can no longer be changed here. Write to the CME office if something is wrong.")
    if seen and seen != claim.fingerprint:
        raise CannotAward(CHANGED_MEANWHILE.format(claim.in_words))
    claim.learner.profession = claim.profession
    before = claim.in_words
    named = frozenset(claim.sessions.values_list("session", flat=True))
    earned = Offer(claim.activity, claim.learner, now, named).earned(request.asked)
    claim.sessions.all().delete()
    name_sessions(claim, request.asked)
    settled = settle(claim=claim, earned=earned, actor=actor, reason=REASON, now=now)
    if settled.changed:
        emails.changed(claim, reason=REASON, by_learner=True, now=now)
    Claim.objects.filter(pk=claim.pk).update(attestation=request.attestation)
    after = {"credit": in_words(earned), "sessions": claim.sessions.count()}
    record(action="amended", subject=claim, actor=actor, before={"credit": before}, after=after)
    return settled
