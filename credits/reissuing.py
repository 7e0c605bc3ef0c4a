"""Which certificates would say something else if they were issued now."""

from dataclasses import dataclass
from datetime import datetime

from certificates.models import Certificate
from credits.models import Award, CertificateDesign, Claim
from credits.offer import CannotAward
from credits.words import certificate_words

SAME = "Its certificates say all this already."


@dataclass(frozen=True)
class Change:
    """A certificate, the award it proves, and what would be different, as (field, new words)."""

    certificate: Certificate
    award: Award
    differences: list[tuple[str, str]]


def changes(claim: Claim, certificates: list[Certificate], now: datetime) -> list[Change]:
    """Return the claim's standing certificates that would change; raises CannotAward when none would.

    The date of issue is no difference. Whoever issues them anew sees a new date on them, though.
    """
    awards = {row.credit_type: row for row in claim.standing}
    found = []
    for certificate in certificates:
        award = awards[certificate.kind]
        design = CertificateDesign.of(claim.activity.provider, award.credit_type)
        new = {**certificate_words(claim, award, now, design.paper), "design": design.template}
        old = {**certificate.data, "design": certificate.template, "issued_on": new["issued_on"]}
        differences = [(name.replace("_", " "), _told(value)) for name, value in new.items() if old.get(name) != value]
        if differences:
            found.append(Change(certificate, award, differences))
    if not found:
        raise CannotAward(SAME)
    return found


def _told(value: object) -> str:
    return value if isinstance(value, str) and len(value) < 200 else "changed"  # noqa: PLR2004 (fits a cell)
