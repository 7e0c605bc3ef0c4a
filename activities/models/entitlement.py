"""What one learner may be awarded at an activity: a currency, and the designation that bounds it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from activities.credit_types import CreditType

if TYPE_CHECKING:
    from activities.models.designation import CreditDesignation


@dataclass(frozen=True)
class Entitlement:
    """One currency that a learner may be awarded, in quarters up to the designation's maximum."""

    kind: CreditType
    designation: "CreditDesignation"

    def __str__(self) -> str:
        return self.kind.amount(self.maximum)

    @property
    def code(self) -> str:
        """The credit type's code."""
        return self.kind.code

    @property
    def maximum(self) -> Decimal:
        """The most that may be awarded."""
        maximum: Decimal = self.designation.maximum
        return maximum

    @property
    def recognised(self) -> CreditType | None:
        """The credit as which this participation is recognised, though it is not awarded to the profession."""
        under = self.designation.kind
        return under if under is not self.kind and under.recognised_by else None
