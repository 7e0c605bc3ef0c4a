"""What a correction by staff would do to one claim, and doing it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from audit.models import record
from certificates.models import Certificate
from credits import emails
from credits.arithmetic import NOTHING, Earned, earned_by_amount
from credits.ledger import locked, settle
from credits.models import Claim, CorrectionRow
from credits.offer import CannotAward, check_amount
from reporting.models import Submission

NO_CREDIT_ANY_MORE = "The activity offers no credit to the profession of the claim any more."
NOTHING_CHANGES = "Nothing would change."


@dataclass(frozen=True)
class Planned:
    """What would become of one claim: its credit now and then, certificates, reports, mails; or why it cannot be.

    It `raises` a learner's credit above what they attested.
    """

    claim: Claim
    then: str = ""
    certificates: int = 0
    reports: int = 0
    mails: int = 0
    refusal: str = ""
    raises: bool = False


def plan(claim: Claim, amount: Decimal | None, certificates: int, reports: int) -> Planned:
    """Return what setting the claim to `amount` would do; None withdraws everything.

    `certificates` and `reports` are how many of them stand now.
    """
    try:
        earned = intended(claim, amount)
    except CannotAward as refusal:
        return Planned(claim, refusal=str(refusal))
    then = " and ".join(str(row) for row in earned) or "withdrawn"
    physicians = claim.wants_moc and reports
    before = {row.credit_type: row.amount for row in claim.standing}
    raises = claim.role == Claim.Role.LEARNER and any(row.amount > before.get(row.code, 0) for row in earned)
    return Planned(claim, then, certificates, reports if physicians else 0, 1 + len(earned), raises=raises)


def plans(claims: list[Claim], amount: Decimal | None) -> list[Planned]:
    """Return what would become of many claims, in a constant number of queries."""
    references = [claim.reference for claim in claims]
    certificates = _count(Certificate.objects.standing().filter(reference__in=references).values_list("reference"))
    reports = _count(Submission.objects.standing(*references).values_list("reference"))
    return [
        plan(claim, amount, certificates.get(claim.reference, 0), reports.get(claim.reference, 0)) for claim in claims
    ]


def intended(claim: Claim, amount: Decimal | None) -> list[Earned]:
    """Return what the claim would be awarded; raises CannotAward when it cannot be, or when nothing would change."""
    if amount is None:
        if claim.is_withdrawn:
            raise CannotAward(NOTHING_CHANGES)
        return []
    entitlements = claim.activity.entitlements(claim.profession)
    if not entitlements:
        raise CannotAward(NO_CREDIT_ANY_MORE)
    if claim.role == Claim.Role.FACULTY:
        earned = [Earned(entitlements[0], amount.quantize(NOTHING))]
    else:
        check_amount(amount, max(row.maximum for row in entitlements))
        earned = [earned_by_amount(row, amount.quantize(NOTHING)) for row in entitlements]
    if {row.code: row.amount for row in earned} == {row.credit_type: row.amount for row in claim.standing}:
        raise CannotAward(NOTHING_CHANGES)
    return earned


def carry_out(row: CorrectionRow, now: datetime) -> None:
    """Correct one claim and tell the learner; raises CannotAward. Call it in a transaction of its own."""
    claim, decision = locked(row.claim), row.correction
    before = claim.in_words
    earned = intended(claim, decision.amount)
    settle(claim=claim, earned=earned, actor=decision.decided_by, reason=decision.reason, now=now)
    emails.changed(claim, reason=decision.reason, by_learner=False, now=now)
    after = claim.in_words
    record(
        action="corrected",
        subject=claim,
        actor=decision.decided_by,
        before={"credit": before},
        after={"credit": after},
        reason=decision.reason,
    )
    CorrectionRow.objects.filter(pk=row.pk).update(state=CorrectionRow.State.DONE, words=after[:300])


def _count(rows: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for (reference,) in rows:  # type: ignore[attr-defined]
        found[reference] = found.get(reference, 0) + 1
    return found
