"""Prescribed texts, character by character."""

from decimal import Decimal

import pytest

from activities import statements
from activities.models import Activity, CommercialSupport, MocRegistration, Person, Provider, Relationship, Role
from tests.factories import ActivityFactory, ProviderFactory

pytestmark = pytest.mark.django_db

ACCME = (
    "The American Association for Cancer Research (AACR) is accredited by the Accreditation Council for Continuing "
    "Medical Education (ACCME) to provide continuing medical education for physicians."
)
JOINT = (
    "In support of improving patient care, American Society of Clinical Oncology is jointly accredited by the "
    "Accreditation Council for Continuing Medical Education (ACCME), the Accreditation Council for Pharmacy Education "
    "(ACPE), and the American Nurses Credentialing Center (ANCC), to provide continuing education for the healthcare "
    "team."
)
AMA_LIVE = (
    "The American Association for Cancer Research (AACR) designates this live activity for a maximum of 18.50 AMA PRA "
    "Category 1 Credit(s)™. Physicians should claim only the credit commensurate with the extent of their "
    "participation in the activity."
)
MOC = (
    "Successful completion of this CME activity, which includes participation in the evaluation component, enables "
    "the participant to earn up to 18.50 Medical Knowledge MOC points in the American Board of Internal Medicine's "
    "(ABIM) Maintenance of Certification (MOC) program. Participants will earn MOC points equivalent to the amount of "
    "CME credits claimed for the activity. It is the CME activity provider's responsibility to submit participant "
    "completion information to ACCME for the purpose of granting ABIM MOC credit."
)
NONE = "no relevant financial relationships with ineligible companies to disclose."
PERMISSION = (
    "By providing your identifying information you are permitting American Association for Cancer Research to share "
    "your CME and/or MOC/continuing certification completion information with the Accreditation Council for "
    "Continuing Medical Education (ACCME) so that it is available to your licensing and, if applicable, your "
    "certifying board."
)


@pytest.fixture
def aacr() -> Provider:
    provider: Provider = ProviderFactory(name="American Association for Cancer Research", short_name="AACR")
    return provider


@pytest.fixture
def asco() -> Provider:
    provider: Provider = ProviderFactory(
        name="American Society of Clinical Oncology", short_name="ASCO", accreditation="joint"
    )
    return provider


def designation(activity: Activity, kind: str) -> str:
    return statements.designation(activity.designations.get(credit_type=kind), activity).text


def test_accreditation_accme_direct(aacr: Provider) -> None:
    assert statements.accreditation(aacr).text == ACCME


def test_accreditation_joint_accreditation_direct(asco: Provider) -> None:
    assert statements.accreditation(asco).text == JOINT


def test_ama_designation_of_a_live_activity(aacr: Provider) -> None:
    assert designation(ActivityFactory(provider=aacr), "ama_pra") == AMA_LIVE


def test_ama_designation_names_the_format(aacr: Provider) -> None:
    activity = ActivityFactory(provider=aacr, self_study=True)
    assert designation(activity, "ama_pra") == AMA_LIVE.replace("live activity", "enduring material")


def test_ama_trademark_is_italic_with_its_sign_and_everything_else_is_escaped(aacr: Provider) -> None:
    aacr.short_name, aacr.name = "<b>", "<b>"
    activity = ActivityFactory(provider=aacr)
    html = statements.designation(activity.designations.get(credit_type="ama_pra"), activity).html
    assert html.startswith("The &lt;b&gt; designates")
    assert "18.50 <em>AMA PRA Category 1 Credit(s)</em>™." in html


def test_other_professions_designations(asco: Provider) -> None:
    credit = {"ancc": "38.75", "acpe": "38.75", "aapa": "38.75", "participation": "38.75"}
    activity = ActivityFactory(provider=asco, credit=credit)
    acpe = activity.designations.get(credit_type="acpe")
    assert designation(activity, "ancc") == (
        "ASCO designates this activity for 38.75 ANCC contact hours. Nurses should claim only the credit commensurate "
        "with the extent of their participation in the activity."
    )
    assert designation(activity, "acpe") == (
        "ASCO designate this continuing education activity for 38.75 contact hour(s) (3.875 CEUs)."
    )
    acpe.uan = "JA0000123-0000-22-001-L01-P"
    assert statements.designation(acpe, activity).text.endswith(
        "(3.875 CEUs) (Universal Activity Number JA0000123-0000-22-001-L01-P)."
    )
    assert designation(activity, "aapa") == (
        "ASCO has been authorized by the American Academy of PAs (AAPA) to award AAPA Category 1 CME credit for "
        "activities planned in accordance with AAPA CME Criteria. This activity is designated for 38.75 AAPA Category "
        f"1 CME credits. Approval is valid until {activity.ends_on:%m/%d/%Y}. PAs should only claim credit "
        "commensurate with the extent of their participation."
    )
    assert "each licensing body decides" in designation(activity, "participation")


def test_moc_statement_of_one_and_of_two_kinds_of_points(db: None) -> None:
    knowledge = MocRegistration(point_type="Medical Knowledge", maximum=Decimal("18.50"))
    practice = MocRegistration(point_type="Practice Assessment", maximum=Decimal("18.50"))
    assert statements.moc([knowledge]).text == MOC
    assert "18.50 Medical Knowledge and Practice Assessment MOC points" in statements.moc([knowledge, practice]).text


def test_permission_to_report(aacr: Provider) -> None:
    assert statements.permission(aacr) == PERMISSION


def test_ceu_is_a_tenth_of_the_hours() -> None:
    assert str(statements.ceu(Decimal("38.75"))) == "3.875"


def test_support_is_pending_named_or_none(db: None) -> None:
    activity = ActivityFactory(support_state=Activity.SupportState.PENDING)
    assert statements.support(activity, []) == (
        "This activity is supported by educational grants. The supporters will be named at the activity."
    )
    activity.support_state = Activity.SupportState.NAMED
    one, two, three = (CommercialSupport(supporter=name) for name in ("Amgen", "Lilly", "Merck"))
    assert statements.support(activity, [one]) == "This activity is supported by an educational grant from Amgen."
    assert statements.support(activity, [one, two, three]) == (
        "This activity is supported by educational grants from Amgen, Lilly and Merck."
    )
    assert "will be named" in statements.support(activity, [])  # named, but nobody is entered yet
    activity.support_state = Activity.SupportState.NONE
    assert statements.support(activity, []) == "This activity received no commercial support."


def test_disclosures_name_companies_and_natures_and_who_has_none(db: None) -> None:
    activity = ActivityFactory()
    ada, bo, cy = (Person.objects.create(name=name, degrees="MD") for name in ("Ada", "Bo", "Cy"))
    Relationship.objects.create(person=ada, company="Novartis", nature="Consultant")
    roles = [Role.objects.create(activity=activity, person=person, part="faculty") for person in (ada, bo, cy)]
    assert statements.disclosures(roles) == [
        "Ada, MD (Faculty): Consultant: Novartis.",
        f"Bo, MD (Faculty), Cy, MD (Faculty) have {NONE}",
    ]
    assert statements.disclosures(roles[1:2]) == [
        "Bo, MD (Faculty) has no relevant financial relationships with ineligible companies to disclose."
    ]
    assert statements.disclosures([]) == []
    assert statements.mitigation(listed=True) == (
        "All of the relevant financial relationships listed for these individuals have been mitigated."
    )
    assert "relationships for these individuals" in statements.mitigation(listed=False)
    assert [str(ada.relationships.get()), str(roles[0])] == ["Consultant: Novartis", "Ada, MD (Faculty)"]
    assert str(Person(name="Dee")) == "Dee"
