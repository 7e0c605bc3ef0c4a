"""The one table of credit types: unit, who may be awarded it, and its name.

Adding a credit type is one entry here and its wording in `activities.statements`.
"""

from dataclasses import dataclass
from decimal import Decimal

from accounts.professions import Profession

EVERYBODY = frozenset(Profession)
NOBODY: frozenset[Profession] = frozenset()
HOURS_IN_A_CEU = 10


@dataclass(frozen=True)
class CreditType:
    """One currency of credit.

    `name` is printed as it stands; `one` and `many` name the unit after a number ("12.25 contact hours").
    `professions` are those to whom it may be awarded; everybody else is offered participation. It is `recognised_by`
    the licensing bodies of professions to whom it is not awarded: they hand in a certificate of participation. What is
    awarded `beside` another is awarded to the same learner for the same hours.
    """

    code: str
    name: str
    one: str
    many: str
    professions: frozenset[Profession]
    uan_ends_in: str = ""  # ACPE: the audience that the Universal Activity Number must name
    recognised_by: frozenset[Profession] = NOBODY
    beside: bool = False

    @property
    def has_uan(self) -> bool:
        """Whether the credit is announced with a Universal Activity Number and counted in CEUs as well."""
        return bool(self.uan_ends_in)

    def amount(self, amount: object) -> str:
        """Return the amount with its unit: `12.25 AMA PRA Category 1 Credits™`; ACPE's with CEUs as well."""
        words = f"{amount} {self.one if str(amount) == '1.00' else self.many}"
        return f"{words} ({ceu(Decimal(str(amount)))} CEUs)" if self.has_uan else words


AMA = CreditType(
    "ama_pra",
    "AMA PRA Category 1 Credit(s)™",
    "AMA PRA Category 1 Credit™",
    "AMA PRA Category 1 Credits™",
    frozenset({Profession.PHYSICIAN}),  # AMA: awarded to physicians (MD, DO, equivalents) only
    recognised_by=frozenset({Profession.PA}),  # NCCPA accepts it of accredited providers
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
    beside=True,
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


def ceu(hours: Decimal) -> Decimal:
    """Return contact hours as continuing education units (ACPE: an hour is 0.1 CEU): `3.875`, and `2.0`."""
    units = hours / HOURS_IN_A_CEU
    return units.quantize(Decimal("0.1")) if units == units.quantize(Decimal("0.1")) else units.normalize()


def awarded_to(profession: str, offered: set[str]) -> list[tuple[CreditType, CreditType]]:
    """Return what this profession is awarded of the offered credit types, as (what, under which designation).

    Its own currency comes first, then what is awarded beside it. Who is awarded neither receives participation: under
    the credit that their licensing body recognises, or under the designation for all others. Nothing means that the
    activity offers nothing to this profession.
    """
    kinds = [kind for code, kind in CREDIT_TYPES.items() if code in offered and kind is not PARTICIPATION]
    own = [(kind, kind) for kind in kinds if profession in kind.professions and not kind.beside][:1]
    recognised = [(PARTICIPATION, kind) for kind in kinds if profession in kind.recognised_by]
    beside = [(kind, kind) for kind in kinds if kind.beside and profession in kind.professions]
    others = [(PARTICIPATION, PARTICIPATION)] if PARTICIPATION.code in offered else []
    return [*(own or recognised[:1]), *beside] or others
