"""Who accredits the provider, in the form that each accreditor prescribes.

Sources: ACCME (accreditation statements; joint providership), Joint Accreditation, ANCC, ACPE.
"""

from dataclasses import replace

from activities import credit_types
from activities.models import Activity, Provider
from activities.statements.words import Statement, listed, with_period

ACCME = "Accreditation Council for Continuing Medical Education (ACCME)"
JOINTLY_ACCREDITED = (
    "In support of improving patient care, {name} is jointly accredited by the Accreditation Council for Continuing "
    "Medical Education (ACCME), the Accreditation Council for Pharmacy Education (ACPE), and the American Nurses "
    "Credentialing Center (ANCC), to provide continuing education for the healthcare team."
)
NURSES = (
    "{name} is accredited as a provider of nursing continuing professional development by the American Nurses "
    "Credentialing Center's Commission on Accreditation."
)
PHARMACISTS = (
    "{name} is accredited by the Accreditation Council for Pharmacy Education as a provider of continuing pharmacy "
    "education."
)


def accreditations(activity: Activity) -> list[Statement]:
    """Direct or joint providership, by each accreditation of which the activity makes use.

    Joint Accreditation stands alone. The ACCME's stands wherever no other accreditor's does: other professionals are
    offered what was designated for physicians.
    """
    if activity.provider.is_jointly_accredited:
        partners = [row.name for row in activity.partners.all()]
        text = _joint_accreditation(activity.provider, partners)
        return [Statement("accreditation", "Joint accreditation statement", text)]
    types = {row.credit_type for row in activity.designations.all()}
    others = _further(activity.provider, types)
    if not activity.provider.teaches_physicians or (others and credit_types.AMA.code not in types):
        return _jointly_provided(activity, others)
    partners = [row.name for row in activity.partners.all()]
    return [Statement("accreditation", "Accreditation statement", _physicians(activity.provider, partners)), *others]


def _further(provider: Provider, types: set[str]) -> list[Statement]:
    """The statements for nurses and pharmacists of a provider that is not jointly accredited but by their bodies."""
    name, found = provider.name_with_short, []
    if provider.accredited_by_ancc and credit_types.ANCC.code in types:
        found.append(Statement("accreditation:ancc", "Accreditation: nurses", NURSES.format(name=name)))
    if provider.accredited_by_acpe and types & {credit_types.ACPE.code, credit_types.ACPE_TECHNICIAN.code}:
        found.append(Statement("accreditation:acpe", "Accreditation: pharmacists", PHARMACISTS.format(name=name)))
    return found


def _jointly_provided(activity: Activity, found: list[Statement]) -> list[Statement]:
    """Name the partners in front of the first statement, where no prescribed sentence does."""
    partners = [row.name for row in activity.partners.all()]
    if not (partners and found):
        return found
    words = (
        f"This activity is jointly provided by {with_period(listed([activity.provider.name_with_short, *partners]))}"
    )
    return [replace(found[0], generated=f"{words} {found[0].generated}"), *found[1:]]


def _joint_accreditation(provider: Provider, partners: list[str]) -> str:
    statement = JOINTLY_ACCREDITED.format(name=provider.name)
    if not partners:
        return statement
    names = with_period(listed([provider.name, *partners]))
    return f"This activity has been planned and implemented by {names} {statement}"


def _physicians(provider: Provider, partners: list[str]) -> str:
    """The ACCME's forms; a recognized state society takes the ACCME's place for the providers it accredits."""
    state = provider.accreditation == Provider.Accreditation.STATE
    accreditor = provider.state_society if state else ACCME
    name, begin = provider.name_with_short, f"{provider.with_article} is accredited by the"
    if not partners:
        return f"{begin} {accreditor} to provide continuing medical education for physicians."
    short, names = provider.state_society if state else "ACCME", with_period(listed([name, *partners]))
    return (
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        f"of the {accreditor} through the joint providership of {names} {begin} {short} to "
        "provide continuing medical education for physicians."
    )
