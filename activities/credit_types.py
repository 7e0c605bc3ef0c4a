"""The one table of credit types: unit, who may be awarded it, and its name.

Adding a credit type is one entry here and its wording in `activities.statements`.
"""

from dataclasses import dataclass

from accounts.professions import Profession

EVERYBODY = frozenset(Profession)


@dataclass(frozen=True)
class CreditType:
    """One currency of credit.

    `name` is printed as it stands; `one` and `many` name the unit after a number ("12.25 contact hours").
    `professions` are those to whom it may be awarded; everybody else is offered participation.
    """

    code: str
    name: str
    one: str
    many: str
    professions: frozenset[Profession]
    uan_ends_in: str = ""  # ACPE: the audience that the Universal Activity Number must name

    @property
    def has_uan(self) -> bool:
        """Whether the credit is announced with a Universal Activity Number and counted in CEUs as well."""
        return bool(self.uan_ends_in)

    def amount(self, amount: object) -> str:
        """Return the amount with its unit: `12.25 AMA PRA Category 1 Credits™`."""
        return f"{amount} {self.one if str(amount) == '1.00' else self.many}"


AMA = CreditType(
    "ama_pra",
    "AMA PRA Category 1 Credit(s)™",
    "AMA PRA Category 1 Credit™",
    "AMA PRA Category 1 Credits™",
    frozenset({Profession.PHYSICIAN}),  # AMA: awarded to physicians (MD, DO, equivalents) only
)
ANCC = CreditType(
    "ancc",
    "ANCC contact hours",
    "ANCC contact hour",
    "ANCC contact hours",
    frozenset({Profession.NURSE, Profession.NURSE_PRACTITIONER}),
)
ACPE = CreditType(
    "acpe",
    "ACPE contact hours",
    "ACPE contact hour",
    "ACPE contact hours",
    frozenset({Profession.PHARMACIST}),
    uan_ends_in="P",
)
ACPE_TECHNICIAN = CreditType(
    "acpe_technician",
    "ACPE contact hours for pharmacy technicians",
    "ACPE contact hour",
    "ACPE contact hours",
    frozenset({Profession.PHARMACY_TECHNICIAN}),  # ACPE: technicians have a number of their own, ending in T
    uan_ends_in="T",
)
AAPA = CreditType(
    "aapa",
    "AAPA Category 1 CME credits",
    "AAPA Category 1 CME credit",
    "AAPA Category 1 CME credits",
    frozenset({Profession.PA}),
)
IPCE = CreditType(
    "ipce",
    "IPCE credits",
    "IPCE credit",
    "IPCE credits",
    EVERYBODY,  # Joint Accreditation: every learner of an activity planned by and for the team
)
PARTICIPATION = CreditType(
    "participation",
    "Certificate of Participation",
    "hour of participation",
    "hours of participation",
    EVERYBODY,
)

CREDIT_TYPES = {kind.code: kind for kind in (AMA, ANCC, ACPE, ACPE_TECHNICIAN, AAPA, IPCE, PARTICIPATION)}


def choices() -> list[tuple[str, str]]:
    """Return the credit types to choose from."""
    return [(kind.code, kind.name) for kind in CREDIT_TYPES.values()]


def awarded_to(profession: str, offered: set[str]) -> CreditType | None:
    """Return which of the offered credit types this profession is awarded, the most specific first.

    None means that the activity offers nothing to this profession.
    """
    return next(
        (kind for code, kind in CREDIT_TYPES.items() if code in offered and profession in kind.professions), None
    )
