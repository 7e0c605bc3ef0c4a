"""Which certificates would say something else if they were issued now."""

from dataclasses import dataclass
from datetime import datetime

from certificates import designs
from certificates.models import Certificate
from certificates.services import digest
from credits.models import Award, CertificateDesign, Claim
from credits.offer import CannotAward
from credits.words import certificate_words

SAME = "Its certificates say all this already."
LONGEST = 200
NOT_TOLD = ("issued_on", "zone", "office_email")  # new on every certificate, or printed on none
NAMED = {"design": designs.DESIGNS, "paper": designs.PAPERS}
WITHDRAWN = "Its credit was withdrawn: it has no certificate."


@dataclass(frozen=True)
class Change:
    """A certificate, the award it proves, and what would be different, each in a few words."""

    certificate: Certificate
    award: Award
    differences: list[str]


def changes(claim: Claim, certificates: list[Certificate], now: datetime) -> list[Change]:
    """Return the claim's standing certificates that would change; raises CannotAward when none would.

    The date of issue is no difference. Whoever issues them anew sees a new date on them, though.
    """
    if claim.is_withdrawn:
        raise CannotAward(WITHDRAWN)
    awards = {row.credit_type: row for row in claim.standing}
    found = []
    for certificate in certificates:
        award = awards[certificate.kind]
        design = CertificateDesign.of(claim.activity.provider, award.credit_type)
        new = {**certificate_words(claim, award, now, design.paper, keep=digest), "design": design.template}
        old = {**certificate.data, "design": certificate.template} | {name: new[name] for name in NOT_TOLD}
        differences = [_told(name, value) for name, value in new.items() if old.get(name) != value]
        if differences:
            found.append(Change(certificate, award, differences))
    if not found:
        raise CannotAward(SAME)
    return found


def _told(name: str, value: object) -> str:
    """Return what will be new, in words that fit a cell."""
    if name in NAMED:
        return f"{name}: {NAMED[name][str(value)]}"
    if name in ("logo", "signatories", "statements") or len(str(value)) > LONGEST:
        return f"new {name}"
    return f"{name}: {value}"
