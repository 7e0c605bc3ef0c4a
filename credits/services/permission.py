"""The learner withdraws the permission to report: boards are untold, credit and certificate stay."""

from datetime import datetime

from accounts.models import Consent, User
from audit.models import record
from credits.ledger import locked
from credits.models import Claim
from jobs.transactions import short_write
from reporting.models import Submission
from reporting.services.queueing import take_back


@short_write
def withdraw(*, claim: Claim, actor: User, now: datetime) -> int:
    """Take back what boards were told of this claim, and return how many reports that are."""
    claim = locked(claim)
    rows = reported(claim)
    for submission in rows:
        take_back(submission=submission, now=now)
    if rows or claim.wants_moc:
        Claim.objects.filter(pk=claim.pk).update(wants_moc=False)
        given = Consent.objects.filter(user=claim.learner, given_at=claim.claimed_at, withdrawn_at=None)
        given.update(withdrawn_at=now)
        record(action="withdrew the permission to report", subject=claim, actor=actor, after={"reports": len(rows)})
    return len(rows)


def reported(claim: Claim) -> list[Submission]:
    """Return what boards were told, or are about to be."""
    return list(Submission.objects.standing(claim.reference).filter(registry=Submission.Registry.PARS))
