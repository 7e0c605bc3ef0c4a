"""What a correction by staff would do to one claim, and doing it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.own import ANOTHER_OFFICER, is_own
from activities.models import Entitlement
from audit.models import record
from certificates.models import Certificate
from credits import emails, reissuing, reports
from credits.arithmetic import NOTHING, Earned, earned_by_amount, hours_taught, taught_at_most, teaching_rate
from credits.ledger import certify, earliest, locked, settle
from credits.models import Award, Claim, Correction, CorrectionRow
from credits.offer import CannotAward, check_amount
from reporting.models import Submission

NO_CREDIT_ANY_MORE = "The activity offers no credit to the profession of the claim any more."
NOTHING_CHANGES = "Nothing would change."
Amounts = dict[str, Decimal]


@dataclass(frozen=True)
class Planned:
    """What would become of one claim: its credit, certificates, reports taken back and new, mails; or why it cannot be.

    It `raises` a learner's credit above what they attested.
    """

    claim: Claim
    then: str = ""
    certificates: int = 0
    taken_back: int = 0
    reported: int = 0
    mails: int = 0
    refusal: str = ""
    raises: bool = False


@dataclass(frozen=True)
class Around:
    """What a plan looks at beside the claim: its standing certificates, its reports, and the person's other role."""

    certificates: list[Certificate] = field(default_factory=list)
    told: list[Submission] = field(default_factory=list)
    other_role: Amounts = field(default_factory=dict)


def plan(claim: Claim, verb: str, amount: Decimal | None, actor: User, around: Around) -> Planned:
    """Return what a decision would do to a claim."""
    try:
        _check_not_own(claim, actor)
        if verb == Correction.Verb.REISSUE:
            changes = reissuing.changes(claim, around.certificates, timezone.now())
            then = "; ".join(words for change in changes for words in change.differences)
            follows = reports.changes(claim, reports.standing(claim), around.told, {})
            back, anew = sum(bool(row.earlier) for row in follows), sum(bool(row.new) for row in follows)
            return Planned(claim, then, len(changes), back, anew, mails=len(changes))
        earned = intended(claim, amount, around.other_role)
    except CannotAward as refusal:
        return Planned(claim, refusal=str(refusal))
    then = " and ".join(str(row) for row in earned) or "withdrawn"
    before = {row.credit_type: row.amount for row in claim.standing}
    raises = claim.role == Claim.Role.LEARNER and any(row.amount > before.get(row.code, 0) for row in earned)
    follows = reports.changes(claim, {row.code: row for row in earned}, around.told, {})
    back, anew = sum(bool(row.earlier) for row in follows), sum(bool(row.new) for row in follows)
    return Planned(claim, then, len(around.certificates), back, anew, 1 + len(earned), raises=raises)


def plans(claims: list[Claim], verb: str, amount: Decimal | None, actor: User) -> list[Planned]:
    """Return what would become of many claims, in a constant number of queries."""
    references = [claim.reference for claim in claims]
    certificates = _grouped(Certificate.objects.standing().filter(reference__in=references))
    told = _grouped(Submission.objects.filter(reference__in=references))
    others = _other_roles(claims)
    return [
        plan(
            claim,
            verb,
            amount,
            actor,
            Around(certificates.get(claim.reference, []), told.get(claim.reference, []), others.get(claim.pk, {})),
        )
        for claim in claims
    ]


def _other_roles(claims: list[Claim]) -> dict[int, Amounts]:
    """Return, by claim, what the same person was awarded in the activity's other role, by credit type."""
    claims = [claim for claim in claims if getattr(claim, "both_roles", True)]
    if not claims:
        return {}
    people, activities = {claim.learner_id for claim in claims}, {claim.activity_id for claim in claims}
    rows = Award.objects.filter(claim__learner__in=people, claim__activity__in=activities).order_by()
    keys = ("claim__learner", "claim__activity", "claim__role", "credit_type")
    found: dict[tuple[int, int, str], Amounts] = {}
    for learner, activity, role, code, amount in rows.values_list(*keys).annotate(Sum("amount")):
        if amount:
            found.setdefault((learner, activity, role), {})[code] = amount
    other = {Claim.Role.LEARNER: Claim.Role.FACULTY, Claim.Role.FACULTY: Claim.Role.LEARNER}
    return {row.pk: found.get((row.learner_id, row.activity_id, other[Claim.Role(row.role)]), {}) for row in claims}


def _check_not_own(claim: Claim, actor: User) -> None:
    if is_own(actor, claim.learner):
        raise CannotAward(ANOTHER_OFFICER)


def intended(claim: Claim, amount: Decimal | None, other_role: Amounts) -> list[Earned]:
    """Return what the claim would be awarded; raises CannotAward when it cannot be, or when nothing would change."""
    if amount is None:
        if claim.is_withdrawn:
            raise CannotAward(NOTHING_CHANGES)
        return []
    entitlements = claim.activity.entitlements(claim.profession)
    if not entitlements:
        raise CannotAward(NO_CREDIT_ANY_MORE)
    if claim.role == Claim.Role.FACULTY:
        check_amount(amount, _most_for_teaching(claim, entitlements[0], other_role))
        earned = [Earned(entitlements[0], amount.quantize(NOTHING))]
    else:
        taught = hours_taught(claim.activity, other_role.items())
        check_amount(amount, max(row.maximum - taught for row in entitlements))
        earned = [earned_by_amount(row, amount.quantize(NOTHING), beside=taught) for row in entitlements]
    if {row.code: row.amount for row in earned} == {row.credit_type: row.amount for row in claim.standing}:
        raise CannotAward(NOTHING_CHANGES)
    return earned


def _most_for_teaching(claim: Claim, entitlement: Entitlement, learnt: Amounts) -> Decimal:
    """Return the most for what was taught, as long as it lasted and as what was learnt beside it leaves time for."""
    taught = [row.session for row in claim.sessions.all()]
    hours = min(taught_at_most(entitlement, taught), entitlement.maximum - learnt.get(entitlement.code, NOTHING))
    return hours * teaching_rate(claim.activity, entitlement.code)


def carry_out(row: CorrectionRow, now: datetime) -> None:
    """Correct one claim, or what its certificates say; raises CannotAward. Call it in a transaction of its own."""
    claim, decision = locked(row.claim), row.correction
    _check_not_own(claim, decision.decided_by)
    before, after = (_reissue if decision.verb == Correction.Verb.REISSUE else _change)(claim, decision, now)
    record(
        action="corrected",
        subject=claim,
        actor=decision.decided_by,
        before=before,
        after=after,
        reason=decision.reason,
    )
    words = ", ".join(after.values())[:300]
    CorrectionRow.objects.filter(pk=row.pk).update(state=CorrectionRow.State.DONE, words=words)


def _change(claim: Claim, decision: Correction, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    before, earned = claim.in_words, intended(claim, decision.amount, _other_roles([claim]).get(claim.pk, {}))
    settle(claim=claim, earned=earned, actor=decision.decided_by, reason=decision.reason, now=now)
    emails.changed(claim, reason=decision.reason, by_learner=False, now=now)
    return {"credit": before}, {"credit": claim.in_words}


def _reissue(claim: Claim, decision: Correction, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    standing = list(Certificate.objects.standing().filter(reference=claim.reference))
    changes = reissuing.changes(claim, standing, now)
    made = [
        certify(claim, change.award, replaces=change.certificate, now=now, because=decision.reason)
        for change in changes
    ]
    reports.follow(claim, reports.standing(claim), {}, now, earliest(claim.activity, now))
    before = ", ".join(change.certificate.number for change in changes)
    return {"certificates": before}, {"certificates": ", ".join(str(row) for row in made)}


def _grouped(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.reference, []).append(row)
    return found
