"""Turns an activity's facts into the texts that accreditors prescribe, word for word.

Sources: ACCME (accreditation, CME for MOC), Joint Accreditation, AMA PRA booklet (designation), ACPE, AAPA, ANCC.
Each function returns a `Statement`, whose words are the same in HTML, plain text and PDF.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from activities import credit_types
from activities.models import Activity, CommercialSupport, CreditDesignation, MocRegistration, Provider, Role

# AMA: the phrase stands in italics with the trademark sign wherever it is printed.
TRADEMARK = re.compile(r"AMA PRA Category 1 Credit(?:\(s\)|s)?")


def italicised(text: str) -> SafeString:
    """Return `text` as safe HTML with AMA's trademark in italics."""
    return mark_safe(TRADEMARK.sub(lambda match: f"<em>{match[0]}</em>", escape(text)))  # noqa: S308 (escaped first)


@dataclass(frozen=True)
class Statement:
    """A prescribed text under its heading."""

    heading: str
    text: str

    @property
    def html(self) -> SafeString:
        """The text, escaped, with AMA's trademark in italics."""
        return italicised(self.text)


def accreditation(provider: Provider) -> Statement:
    """Who accredits the provider; the jointly accredited form stands alone, apart from other statements."""
    if provider.accreditation == Provider.Accreditation.JOINT:
        text = (
            f"In support of improving patient care, {provider.name} is jointly accredited by the Accreditation "
            "Council for Continuing Medical Education (ACCME), the Accreditation Council for Pharmacy Education "
            "(ACPE), and the American Nurses Credentialing Center (ANCC), to provide continuing education for the "
            "healthcare team."
        )
    else:
        text = (
            f"The {provider.name_with_short} is accredited by the Accreditation Council for Continuing Medical "
            "Education (ACCME) to provide continuing medical education for physicians."
        )
    return Statement("Accreditation statement", text)


def _ama(designation: CreditDesignation, activity: Activity) -> str:
    return (
        f"The {activity.provider.name_with_short} designates this {activity.get_format_display()} for a maximum of "
        f"{designation.maximum} AMA PRA Category 1 Credit(s)™. Physicians should claim only the credit commensurate "
        "with the extent of their participation in the activity."
    )


def _ancc(designation: CreditDesignation, activity: Activity) -> str:
    return (
        f"{activity.provider.short_name} designates this activity for {designation.maximum} ANCC contact hours. "
        "Nurses should claim only the credit commensurate with the extent of their participation in the activity."
    )


def ceu(hours: Decimal) -> Decimal:
    """Return continuing education units: one contact hour is 0.1 CEU (ACPE)."""
    return (hours / 10).normalize()


def _acpe(designation: CreditDesignation, activity: Activity) -> str:
    uan = f" (Universal Activity Number {designation.uan})" if designation.uan else ""
    return (
        f"{activity.provider.short_name} designate this continuing education activity for {designation.maximum} "
        f"contact hour(s) ({ceu(designation.maximum)} CEUs){uan}."
    )


def _aapa(designation: CreditDesignation, activity: Activity) -> str:
    return (
        f"{activity.provider.short_name} has been authorized by the American Academy of PAs (AAPA) to award AAPA "
        "Category 1 CME credit for activities planned in accordance with AAPA CME Criteria. This activity is "
        f"designated for {designation.maximum} AAPA Category 1 CME credits. Approval is valid until "
        f"{activity.ends_on:%m/%d/%Y}. PAs should only claim credit commensurate with the extent of their "
        "participation."
    )


def _participation(_designation: CreditDesignation, activity: Activity) -> str:
    return (
        f"Other health care professionals receive a certificate of participation. It states the credit for which this "
        f"{activity.get_format_display()} was designated; each licensing body decides whether to accept it."
    )


DESIGNATIONS = {
    credit_types.AMA.code: ("Credit designation: physicians", _ama),
    credit_types.ANCC.code: ("Credit designation: nurses", _ancc),
    credit_types.ACPE.code: ("Credit designation: pharmacists", _acpe),
    credit_types.AAPA.code: ("Credit designation: PAs", _aapa),
    credit_types.PARTICIPATION.code: ("Other professionals", _participation),
}


def designation(row: CreditDesignation, activity: Activity) -> Statement:
    """For how much of which credit the activity is designated."""
    heading, words = DESIGNATIONS[row.credit_type]
    return Statement(heading, words(row, activity))


def moc(rows: Sequence[MocRegistration]) -> Statement:
    """ABIM's mandatory statement; `rows` are the activity's registrations with that board, at least one."""
    points = max(row.maximum for row in rows)
    types = " and ".join(row.point_type for row in rows)
    return Statement(
        "Maintenance of Certification",
        "Successful completion of this CME activity, which includes participation in the evaluation component, "
        f"enables the participant to earn up to {points} {types} MOC points in the American Board of Internal "
        "Medicine's (ABIM) Maintenance of Certification (MOC) program. Participants will earn MOC points equivalent "
        "to the amount of CME credits claimed for the activity. It is the CME activity provider's responsibility to "
        "submit participant completion information to ACCME for the purpose of granting ABIM MOC credit.",
    )


def permission(provider: Provider) -> str:
    """The words a learner agrees to before their completion goes to a board."""
    return (
        f"By providing your identifying information you are permitting {provider.name} to share your CME and/or "
        "MOC/continuing certification completion information with the Accreditation Council for Continuing Medical "
        "Education (ACCME) so that it is available to your licensing and, if applicable, your certifying board."
    )


def mitigation(*, listed: bool) -> str:
    """The sentence that must follow disclosed relationships (ACCME Standard 3); `listed`: whether they stand here."""
    return (
        f"All of the relevant financial relationships {'listed ' if listed else ''}for these individuals have been "
        "mitigated."
    )


def disclosures(roles: Sequence[Role]) -> list[str]:
    """One sentence for each person with relationships, then one for all who have none."""
    lines = []
    without = []
    for role in roles:
        relationships = list(role.person.relationships.all())
        if relationships:
            items = "; ".join(f"{row.nature}: {row.company}" for row in relationships)
            lines.append(f"{role.person} ({role.get_part_display()}): {items}.")
        else:
            without.append(f"{role.person} ({role.get_part_display()})")
    if without:
        verb = "has" if len(without) == 1 else "have"
        lines.append(
            f"{', '.join(without)} {verb} no relevant financial relationships with ineligible companies to disclose."
        )
    return lines


def support(activity: Activity, supporters: Sequence[CommercialSupport]) -> str:
    """The acknowledgement of commercial support: names only, or that names will follow at the activity."""
    named = activity.support_state == Activity.SupportState.NAMED
    if activity.support_state == Activity.SupportState.PENDING or (named and not supporters):
        return "This activity is supported by educational grants. The supporters will be named at the activity."
    if named:
        grants = "an educational grant" if len(supporters) == 1 else "educational grants"
        return f"This activity is supported by {grants} from {_listed([row.supporter for row in supporters])}."
    return "This activity received no commercial support."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
