"""Staff withdraw or change credit, or issue certificates anew, for many: decided here, done row by row by a job."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from audit.models import record
from credits.models import Claim, Correction, CorrectionRow
from jobs.queue import enqueue
from jobs.transactions import short_write


class CannotCorrect(ValueError):
    """The decision is incomplete."""


@short_write
def correct(
    *, claims: Iterable[Claim], verb: str, amount: Decimal | None, reason: str, actor: User, now: datetime
) -> Correction:
    """Decide what becomes of these claims; `amount` is given with the verb change only. Raises CannotCorrect."""
    rows, reason = list(claims), reason.strip()
    if not reason:
        raise CannotCorrect("Say why: the reason is kept in the ledger, and the learners read it.")
    if not rows:
        raise CannotCorrect("Tick at least one claim.")
    made = Correction.objects.create(verb=verb, amount=amount, reason=reason[:300], decided_by=actor, decided_at=now)
    CorrectionRow.objects.bulk_create(CorrectionRow(correction=made, claim=claim) for claim in rows)
    enqueue("credits.correct", made.pk)
    after = {"claims": len(rows), "decision": str(made)}
    record(action="decided a correction", subject=made, actor=actor, after=after, reason=made.reason)
    return made
