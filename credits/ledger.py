"""Sets what a claim is awarded, and lets everything follow: ledger rows, certificates, and reports to boards.

The one place that writes awards. Call it in the transaction of the decision, on a claim that `locked` returned or that
was made in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from activities.models import Activity
from certificates.models import Certificate
from certificates.services import issue, revoke
from credits import reports
from credits.arithmetic import Earned
from credits.models import Award, CertificateDesign, Claim
from credits.words import certificate_words
from reporting.snapshots import Identity


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


def settle(
    *,
    claim: Claim,
    earned: Iterable[Earned],
    actor: User,
    reason: str,
    now: datetime,
    identities: Mapping[str, Identity] | None = None,
) -> Settled:
    """Make `earned` what stands of the claim; what stands already is left alone, and nothing at all withdraws it.

    `identities` are the learner to each board or registry that is to be told, by its code. Raises IntegrityError when
    the ledger would leave its bounds.
    """
    done, wanted = Settled(), {row.code: row for row in earned}
    standing = {row.credit_type: row for row in claim.standing}
    same = {code for code, row in wanted.items() if code in standing and standing[code].amount == row.amount}
    done.reversed = [_reverse(row, actor, reason, now) for code, row in standing.items() if code not in same]
    done.awards = [_award(claim, row, actor, reason, now) for code, row in wanted.items() if code not in same]
    if not wanted:
        claim.sessions.all().delete()  # they may be claimed, or taught, otherwise
    _certify(claim, done, reason, now)
    reports.follow(claim, wanted, identities or {}, now, earliest(claim.activity, now))
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
        by_office=actor != claim.learner,
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
        by_office=actor.pk != award.claim.learner_id,
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


def certify(
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
