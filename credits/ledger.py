"""Sets what a claim is awarded, and lets everything follow: ledger rows, certificates, and reports to boards.

The one place that writes awards. Call it in the transaction of the decision, on a claim that `locked` returned or that
was made in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from activities.credit_types import AMA
from activities.models import Activity, MocRegistration
from certificates.models import Certificate
from certificates.services import issue, revoke
from credits.arithmetic import NOTHING, Earned
from credits.models import Award, CertificateDesign, Claim
from credits.words import certificate_words, completion
from reporting.models import Submission
from reporting.services import Identity, queue, take_back


def locked(claim: Claim) -> Claim:
    """Return the claim as it stands now, with its person's row and its own locked, always in this order."""
    User.objects.select_for_update().get(pk=Claim.objects.values_list("learner", flat=True).get(pk=claim.pk))
    rows = Claim.objects.select_for_update(of=("self",)).select_related("activity__provider", "learner")
    return rows.get(pk=claim.pk)


@dataclass
class Settled:
    """What was written to the ledger."""

    awards: list[Award] = field(default_factory=list)
    reversed: list[Award] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was written to the ledger."""
        return bool(self.awards or self.reversed)


def settle(  # noqa: PLR0913 (a decision has this many parts)
    *, claim: Claim, earned: Iterable[Earned], actor: User, reason: str, now: datetime, identity: Identity | None = None
) -> Settled:
    """Make `earned` what stands of the claim; what stands already is left alone, and nothing at all withdraws it.

    `identity` is the learner to the board, given with the wish for MOC points. Raises IntegrityError when the ledger
    would leave its bounds.
    """
    done, wanted = Settled(), {row.code: row for row in earned}
    standing = {row.credit_type: row for row in claim.standing}
    same = {code for code, row in wanted.items() if code in standing and standing[code].amount == row.amount}
    done.reversed = [_reverse(row, actor, reason, now) for code, row in standing.items() if code not in same]
    done.awards = [_award(claim, row, actor, reason, now) for code, row in wanted.items() if code not in same]
    if not wanted:
        claim.sessions.all().delete()  # they may be claimed, or taught, otherwise
    _certify(claim, done, reason, now)
    if claim.wants_moc:
        physicians = wanted.get(AMA.code)
        _report(claim, physicians.amount if physicians else NOTHING, identity, now)
    return done


def earliest(activity: Activity, now: datetime) -> datetime:
    """Return when certificate and report may leave: at once for self-study, otherwise when the activity has ended."""
    return now if activity.is_self_study else max(activity.ends_at, now)


def _award(claim: Claim, row: Earned, actor: User, reason: str, now: datetime) -> Award:
    return Award.objects.create(
        claim=claim,
        designation=row.entitlement.designation,
        credit_type=row.code,
        amount=row.amount,
        awarded_at=now,
        awarded_by=actor,
        reason=reason,
    )


def _reverse(award: Award, actor: User, reason: str, now: datetime) -> Award:
    return Award.objects.create(
        claim_id=award.claim_id,
        designation_id=award.designation_id,
        credit_type=award.credit_type,
        amount=-award.amount,
        reverses=award,
        awarded_at=now,
        awarded_by=actor,
        reason=reason,
    )


def _certify(claim: Claim, done: Settled, reason: str, now: datetime) -> None:
    """Issue a certificate for each new award, in place of the earlier one, and revoke those of what was withdrawn."""
    latest = Certificate.objects.latest_of(claim.reference)
    for award in done.awards:
        earlier = latest.get(award.credit_type)
        # A name that was printed changes by the office's word alone, whatever the profile says meanwhile.
        certify(claim, award, replaces=earlier, now=now, name=earlier.data["learner"] if earlier else "")
    again = {award.credit_type for award in done.awards}
    for row in done.reversed:
        if row.credit_type not in again:
            revoke(certificate=latest[row.credit_type], reason=reason, now=now)


def certify(  # noqa: PLR0913 (a certificate has this many parts)
    claim: Claim, award: Award, *, replaces: Certificate | None, now: datetime, name: str = "", because: str = ""
) -> Certificate:
    """Issue the certificate of one award with the words and in the design of now; `name` instead of the account's."""
    design = CertificateDesign.of(claim.activity.provider, award.credit_type)
    words = certificate_words(claim, award, now, design.paper)
    return issue(
        learner=claim.learner,
        reference=claim.reference,
        kind=award.credit_type,
        words={**words, "learner": name or words["learner"]},
        template=design.template,
        deliver_at=earliest(claim.activity, now),
        now=now,
        replaces=replaces,
        because=because,
    )


def _report(claim: Claim, amount: Decimal, identity: Identity | None, now: datetime) -> None:
    """Report the points, or take back what was reported otherwise: registries know no change, only delete and add."""
    registration = claim.activity.abim
    reported = {row.completion["credit_type"]: row for row in Submission.objects.standing(claim.reference)}
    points = registration.points_for(amount) if registration else NOTHING
    kinds = registration.point_types if registration else []
    for kind in dict.fromkeys([*reported, *kinds]):
        earlier = reported.get(kind)
        wanted = points if kind in kinds else NOTHING
        if earlier and Decimal(earlier.completion["points"]) == wanted:
            continue
        deletion = (take_back(submission=earlier, now=now) if earlier else None) or _pending_deletion(claim, kind)
        known = identity or (earlier.identity if earlier else None) or _last_identity(claim)
        if registration and wanted and known:
            _queue(
                claim=claim,
                registration=registration,
                kind=kind,
                points=wanted,
                identity=known,
                after=deletion,
                now=now,
            )


def _pending_deletion(claim: Claim, kind: str) -> Submission | None:
    """Return the newest deletion of these points that is not confirmed yet: what is added must wait for it."""
    rows = Submission.objects.filter(reference=claim.reference, action=Submission.Action.DELETE)
    return next((row for row in rows.exclude(state="accepted") if row.completion["credit_type"] == kind), None)


def _last_identity(claim: Claim) -> Identity | None:
    """Return the learner to the board as this claim last said it."""
    last = Submission.objects.filter(reference=claim.reference).first()
    return last.identity if last else None


def _queue(  # noqa: PLR0913 (a submission has this many parts)
    *,
    claim: Claim,
    registration: MocRegistration,
    kind: str,
    points: Decimal,
    identity: Identity,
    after: Submission | None,
    now: datetime,
) -> None:
    queue(
        learner=claim.learner,
        reference=claim.reference,
        board=registration.board,
        credit_id=_credit_id(claim, registration, kind),
        identity=identity,
        completion=completion(claim, kind, points),
        reply_to=claim.activity.provider.office_email,
        send_at=earliest(claim.activity, now),
        now=now,
        after=after,
    )


def _credit_id(claim: Claim, row: MocRegistration, kind: str) -> str:
    """Return `ccid:aacr.org:R-4K7M-Q2XP-9TRD-ABIM-MK-1`: the claim, the board, the kind of points, the version."""
    initials = "".join(word[0] for word in kind.split())
    stem = f"ccid:{claim.activity.provider.domain}:{claim.reference}-{row.board}-{initials}-"
    adds = Submission.objects.filter(credit_id__startswith=stem, action=Submission.Action.ADD)
    return f"{stem}{adds.count() + 1}"
