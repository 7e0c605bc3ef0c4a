"""What followed from claims: their certificates and their reports to boards, found for many claims at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from certificates.models import Certificate
from credits.models import Claim
from reporting.models import Submission

Followup = TypeVar("Followup", Certificate, Submission)


@dataclass(frozen=True)
class Followed:
    """A claim with the certificates and reports that followed from it, in the order in which they were written."""

    claim: Claim
    certificates: list[Certificate]
    submissions: list[Submission]

    @property
    def reported_points(self) -> bool:
        """Whether points are reported, or about to be, so that the permission can be withdrawn."""
        open_ones = [row for row in self.submissions if row.is_moc and row.state not in ("withdrawn", "corrected")]
        return self.claim.wants_moc and any(not row.is_deletion for row in open_ones)


def follow(claims: Iterable[Claim]) -> list[Followed]:
    """Find certificates and submissions of many claims in two queries."""
    claims = list(claims)
    references = [claim.reference for claim in claims]
    issued = Certificate.objects.filter(reference__in=references).select_related("superseded_by")
    certificates = _by_reference(issued.order_by("reference", "id"))
    submissions = _by_reference(Submission.objects.filter(reference__in=references).order_by("reference", "id"))
    return [
        Followed(claim, certificates.get(claim.reference, []), submissions.get(claim.reference, [])) for claim in claims
    ]


def _by_reference(rows: Iterable[Followup]) -> dict[str, list[Followup]]:
    """Group rows that are ordered by reference."""
    return {reference: list(group) for reference, group in groupby(rows, key=lambda row: row.reference)}
