"""What followed from claims: their certificates and their reports to boards, found for many claims at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from certificates.models import Certificate
from credits.models import Claim
from reporting.models import Submission, standing_among

Followup = TypeVar("Followup", Certificate, Submission)


@dataclass(frozen=True)
class Followed:
    """A claim with the certificates and reports that followed from it, in the order in which they were written."""

    claim: Claim
    certificates: list[Certificate]
    submissions: list[Submission]

    @property
    def valid_certificates(self) -> list[Certificate]:
        """Those that were neither replaced nor revoked."""
        return [row for row in self.certificates if row.replacement is None and row.revoked_at is None]

    @property
    def ready_certificates(self) -> list[Certificate]:
        """The valid ones that can be downloaded."""
        return [row for row in self.valid_certificates if row.delivered_at]

    @property
    def is_being_made(self) -> bool:
        """Whether a certificate is made at this moment, so that it is worth while to look again."""
        return any(row.is_due and not row.delivered_at and not row.is_late for row in self.valid_certificates)

    @property
    def is_reported(self) -> bool:
        """Whether boards are told, or about to be, so that the permission can be withdrawn."""
        return any(row.registry == Submission.Registry.PARS for row in standing_among(self.submissions))


def follow(claims: Iterable[Claim]) -> list[Followed]:
    """Find certificates and submissions of many claims in two queries."""
    claims = list(claims)
    references = [claim.reference for claim in claims]
    issued = Certificate.objects.filter(reference__in=references).select_related("superseded_by").with_mail()
    certificates = _by_reference(issued.order_by("reference", "id"))
    submissions = _by_reference(Submission.objects.filter(reference__in=references).order_by("reference", "id"))
    return [
        Followed(claim, certificates.get(claim.reference, []), submissions.get(claim.reference, [])) for claim in claims
    ]


def _by_reference(rows: Iterable[Followup]) -> dict[str, list[Followup]]:
    """Group rows that are ordered by reference."""
    return {reference: list(group) for reference, group in groupby(rows, key=lambda row: row.reference)}
