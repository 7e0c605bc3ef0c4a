"""Who accredits the provider, in the form that each accreditor prescribes.

Sources: ACCME (accreditation statements; joint providership), Joint Accreditation, ANCC, ACPE.
"""

from activities import credit_types
from activities.models import Activity, Provider
from activities.statements.words import Statement, listed

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


def accreditation(activity: Activity) -> Statement:
    """Direct or joint providership; the jointly accredited form stands alone, apart from other statements."""
    provider, partners = activity.provider, [row.name for row in activity.partners.all()]
    if provider.is_jointly_accredited:
        text, heading = _joint_accreditation(provider, partners), "Joint accreditation statement"
    else:
        text, heading = _physicians(provider, partners), "Accreditation statement"
    return Statement("accreditation", heading, text)


def further(activity: Activity) -> list[Statement]:
    """The statements for nurses and pharmacists of a provider that is not jointly accredited but by their bodies."""
    provider = activity.provider
    types = {row.credit_type for row in activity.designations.all()}
    if provider.is_jointly_accredited:
        return []
    name, found = provider.name_with_short, []
    if provider.accredited_by_ancc and credit_types.ANCC.code in types:
        found.append(Statement("accreditation:ancc", "Accreditation: nurses", NURSES.format(name=name)))
    if provider.accredited_by_acpe and types & {credit_types.ACPE.code, credit_types.ACPE_TECHNICIAN.code}:
        found.append(Statement("accreditation:acpe", "Accreditation: pharmacists", PHARMACISTS.format(name=name)))
    return found


def _joint_accreditation(provider: Provider, partners: list[str]) -> str:
    statement = JOINTLY_ACCREDITED.format(name=provider.name)
    if not partners:
        return statement
    return f"This activity has been planned and implemented by {listed([provider.name, *partners])}. {statement}"


def _physicians(provider: Provider, partners: list[str]) -> str:
    """The ACCME's forms; a recognized state society takes the ACCME's place for the providers it accredits."""
    state = provider.accreditation == Provider.Accreditation.STATE
    accreditor = provider.state_society if state else ACCME
    name, begin = provider.name_with_short, f"{provider.with_article} is accredited by the"
    if not partners:
        return f"{begin} {accreditor} to provide continuing medical education for physicians."
    short = provider.state_society if state else "ACCME"
    return (
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        f"of the {accreditor} through the joint providership of {listed([name, *partners])}. {begin} {short} to "
        "provide continuing medical education for physicians."
    )
