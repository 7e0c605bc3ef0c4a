"""Prescribed texts, character by character."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from activities import credit_types, statements
from activities.models import Activity, CommercialSupport, CreditDesignation, MocRegistration, Person, Provider, Role
from tests.activities.making import person_with
from tests.factories import ActivityFactory, ProviderFactory

pytestmark = pytest.mark.django_db

ACCME = (
    "The American Association for Cancer Research (AACR) is accredited by the Accreditation Council for Continuing "
    "Medical Education (ACCME) to provide continuing medical education for physicians."
)
ACCME_JOINT = (
    "This activity has been planned and implemented in accordance with the accreditation requirements and policies of "
    "the Accreditation Council for Continuing Medical Education (ACCME) through the joint providership of American "
    "Association for Cancer Research (AACR) and Example Hospital. The American Association for Cancer Research (AACR) "
    "is accredited by the ACCME to provide continuing medical education for physicians."
)
STATE = (
    "The American Association for Cancer Research (AACR) is accredited by the Medical Society of Somewhere to provide "
    "continuing medical education for physicians."
)
STATE_JOINT = (
    "This activity has been planned and implemented in accordance with the accreditation requirements and policies of "
    "the Medical Society of Somewhere through the joint providership of American Association for Cancer Research "
    "(AACR), Example Hospital and Example Clinic. The American Association for Cancer Research (AACR) is accredited by "
    "the Medical Society of Somewhere to provide continuing medical education for physicians."
)
JOINT = (
    "In support of improving patient care, American Society of Clinical Oncology is jointly accredited by the "
    "Accreditation Council for Continuing Medical Education (ACCME), the Accreditation Council for Pharmacy Education "
    "(ACPE), and the American Nurses Credentialing Center (ANCC), to provide continuing education for the healthcare "
    "team."
)
JOINT_JOINTLY = (
    "This activity has been planned and implemented by American Society of Clinical Oncology and Example Hospital. "
    f"{JOINT}"
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


def words(activity: Activity, key: str) -> str:
    return statements.of(Activity.objects.with_words().get(pk=activity.pk))[key].text


def with_partners(provider: Provider, *names: str, **facts: Any) -> Activity:
    activity: Activity = ActivityFactory(provider=provider, **facts)
    for name in names:
        activity.partners.create(name=name)
    return activity


class TestAccreditation:
    """Six forms: ACCME, state society and Joint Accreditation, each direct and joint."""

    def test_accme_direct(self, aacr: Provider) -> None:
        assert words(with_partners(aacr), "accreditation") == ACCME

    def test_accme_joint_providership(self, aacr: Provider) -> None:
        activity = with_partners(aacr, "Example Hospital")
        assert words(activity, "accreditation") == ACCME_JOINT
        assert activity.is_jointly_provided

    def test_state_society_direct_and_joint(self, aacr: Provider) -> None:
        aacr.accreditation, aacr.state_society = "state", "Medical Society of Somewhere"
        aacr.save()
        assert words(with_partners(aacr), "accreditation") == STATE
        assert words(with_partners(aacr, "Example Hospital", "Example Clinic"), "accreditation") == STATE_JOINT

    def test_joint_accreditation_direct_and_joint(self, asco: Provider) -> None:
        assert words(with_partners(asco), "accreditation") == JOINT
        assert words(with_partners(asco, "Example Hospital"), "accreditation") == JOINT_JOINTLY

    def test_nurses_and_pharmacists_of_a_provider_that_is_not_jointly_accredited(self, aacr: Provider) -> None:
        aacr.accredited_by_ancc = aacr.accredited_by_acpe = True
        aacr.save()
        activity = ActivityFactory(provider=aacr, credit={"ancc": "1.00", "acpe": "1.00"})
        assert words(activity, "accreditation:ancc") == (
            "American Association for Cancer Research (AACR) is accredited as a provider of nursing continuing "
            "professional development by the American Nurses Credentialing Center's Commission on Accreditation."
        )
        assert words(activity, "accreditation:acpe") == (
            "American Association for Cancer Research (AACR) is accredited by the Accreditation Council for Pharmacy "
            "Education as a provider of continuing pharmacy education."
        )
        certificate = statements.on_certificate(activity, "ancc")
        assert [row.key for row in certificate] == ["accreditation:ancc", "designation:ancc"]

    def test_physicians_accreditation_stands_where_their_credit_is_offered(self, aacr: Provider) -> None:
        aacr.accredited_by_ancc = True
        aacr.save()
        both = ActivityFactory(provider=aacr, credit={"ancc": "1.00", "ama_pra": "1.00"})
        nurses = ActivityFactory(provider=aacr, credit={"ancc": "1.00", "participation": "1.00"})
        others = ActivityFactory(provider=aacr, credit={"participation": "1.00"})
        for activity, keys in (
            (both, ["accreditation", "accreditation:ancc"]),
            (nurses, ["accreditation:ancc"]),
            (others, ["accreditation"]),
        ):
            assert [key for key in statements.of(activity) if key.startswith("accreditation")] == keys

    def test_provider_without_accme_states_its_own_accreditation_alone(self) -> None:
        provider = ProviderFactory(
            name="Pharmacy School", short_name="PS", accreditation="none", pars_id="", accredited_by_acpe=True
        )
        activity = with_partners(provider, "Example Hospital", credit={"acpe": "1.00"})
        assert words(activity, "accreditation:acpe") == (
            "This activity is jointly provided by Pharmacy School (PS) and Example Hospital. Pharmacy School (PS) is "
            "accredited by the Accreditation Council for Pharmacy Education as a provider of continuing pharmacy "
            "education."
        )
        assert "accreditation" not in statements.of(activity)

    def test_article_is_the_providers_choice(self, aacr: Provider) -> None:
        aacr.takes_article = False
        aacr.save()
        activity = ActivityFactory(provider=aacr)
        assert words(activity, "designation:ama_pra").startswith("American Association for Cancer Research (AACR) desi")


class TestDesignation:
    """By credit type and format."""

    def test_home_study_for_pharmacists_says_type_release_and_expiry(self) -> None:
        run = {"starts_on": date(2026, 1, 5), "ends_on": date(2027, 1, 4), "claim_until_day": date(2027, 1, 4)}
        activity = ActivityFactory(self_study=True, credit={"acpe": "26.00"}, **run)
        activity.designations.update(pharmacy_kind="application")
        assert words(activity, "designation:acpe") == (
            "SOE designates this continuing education activity for 26 contact hour(s) (2.6 CEUs). This is an "
            "application-based activity. Release date: January 5, 2026. Expiration date: January 4, 2027."
        )

    @pytest.mark.parametrize(
        ("code", "noun"),
        [
            ("live", "live activity"),
            ("enduring", "enduring material"),
            ("journal", "journal-based CME activity"),
            ("test_items", "test-item writing activity"),
            ("manuscript", "manuscript review activity"),
            ("improvement", "PI CME activity"),
            ("point_of_care", "internet point-of-care activity"),
            ("other", "other activity (a board game)"),
        ],
    )
    def test_ama_names_the_format(self, aacr: Provider, code: str, noun: str) -> None:
        activity = ActivityFactory(provider=aacr, format=code, format_description="a board game")
        assert words(activity, "designation:ama_pra") == AMA_LIVE.replace("live activity", noun)

    def test_series_states_what_a_session_gives(self, aacr: Provider) -> None:
        activity = ActivityFactory(provider=aacr, format="series")
        CreditDesignation.objects.filter(activity=activity).update(per_session=Decimal(1))
        assert words(activity, "designation:ama_pra") == AMA_LIVE.replace("18.50", "1")

    def test_trademark_is_italic_with_its_sign_and_everything_else_is_escaped(self, aacr: Provider) -> None:
        aacr.short_name = aacr.name = "<b>"
        aacr.save()
        html = statements.of(ActivityFactory(provider=aacr))["designation:ama_pra"].html
        assert html.startswith("The &lt;b&gt; designates")
        assert "18.50 <em>AMA PRA Category 1 Credit(s)</em>™." in html

    def test_other_professions(self, asco: Provider) -> None:
        kinds = ("ancc", "acpe", "acpe_technician", "aapa", "ipce", "participation")
        activity = ActivityFactory(provider=asco, credit=dict.fromkeys(kinds, "38.75"))
        activity.designations.filter(credit_type="acpe").update(uan="JA0000123-0000-22-001-L01-P")
        assert words(activity, "designation:ancc") == (
            "ASCO designates this activity for 38.75 ANCC contact hours. Nurses should claim only the credit "
            "commensurate with the extent of their participation in the activity."
        )
        assert words(activity, "designation:acpe") == (
            "ASCO designates this continuing education activity for 38.75 contact hour(s) (3.875 CEUs) (Universal "
            "Activity Number JA0000123-0000-22-001-L01-P)."
        )
        assert words(activity, "designation:acpe_technician") == (
            "ASCO designates this continuing education activity for 38.75 contact hour(s) (3.875 CEUs)."
        )
        aapa = (
            "ASCO has been authorized by the American Academy of PAs (AAPA) to award AAPA Category 1 CME credit for "
            "activities planned in accordance with AAPA CME Criteria. This activity is designated for 38.75 AAPA "
            "Category 1 CME credits. Approval is valid until {:%m/%d/%Y}. PAs should only claim credit commensurate "
            "with the extent of their participation."
        )
        assert words(activity, "designation:aapa") == aapa.format(activity.ends_on)
        activity.designations.filter(credit_type="aapa").update(approved_until=date(2030, 1, 31))
        assert words(activity, "designation:aapa") == aapa.format(date(2030, 1, 31))
        assert words(activity, "designation:ipce") == (
            "This activity was planned by and for the healthcare team, and learners will receive 38.75 "
            "Interprofessional Continuing Education (IPCE) credit for learning and change."
        )
        assert "each licensing body decides" in words(activity, "designation:participation")

    def test_ceu_is_a_tenth_of_the_hours(self) -> None:
        assert str(credit_types.ceu(Decimal("38.75"))) == "3.875"


class TestMoc:
    """One statement for each board."""

    def moc(self, **facts: object) -> str:
        row = MocRegistration(
            **{"board": "ABIM", "point_types": ["Medical Knowledge"], "maximum": Decimal("18.50")} | facts
        )
        return statements.moc(row).text

    def test_abim(self) -> None:
        both = ["Medical Knowledge", "Practice Assessment"]
        assert self.moc() == MOC
        assert self.moc(point_types=both) == MOC.replace(
            "Medical Knowledge", "Medical Knowledge and Practice Assessment"
        )
        assert self.moc(point_types=["Medical Knowledge", "Patient Safety"]) == MOC.replace(
            "MOC points in", "MOC points and patient safety MOC credit in"
        )
        assert "patient safety MOC points in" in self.moc(point_types=["Patient Safety"])

    def test_other_boards_take_the_same_form(self) -> None:
        text = self.moc(board="ABS", point_types=["Self-Assessment"])
        assert "up to 18.50 Self-Assessment credits in the American Board of Surgery's (ABS) Continuing" in text
        assert text.endswith("for the purpose of granting ABS MOC credit.")

    def test_boards_are_named_only_when_pars_knows_the_activity(self) -> None:
        assert "moc:ABIM" in statements.of(ActivityFactory(moc="18.50"))
        assert "moc:ABIM" not in statements.of(ActivityFactory(moc="18.50", pars_id=""))

    def test_permission_to_report(self, aacr: Provider) -> None:
        assert statements.permission(aacr) == PERMISSION


class TestDisclosure:
    """With relationships, with none, as a group, elsewhere, exempt."""

    def test_name_that_ends_with_a_stop_gets_no_second(self) -> None:
        activity = ActivityFactory(support_state="named")
        person_with(activity, "Ada", companies=["Pfizer Inc."])
        CommercialSupport.objects.create(activity=activity, supporter="Pfizer Inc.", executed_on=date(2022, 1, 1))
        assert words(activity, "disclosure") == "Ada, MD (Faculty): Consultant: Pfizer Inc."
        assert words(activity, "support") == "This activity is supported by an educational grant from Pfizer Inc."

    def test_names_companies_and_natures_and_who_has_none(self) -> None:
        activity = ActivityFactory()
        ada = person_with(activity, "Ada", companies=["Novartis", "Lilly"])
        person_with(activity, "Bo")
        Role.objects.create(activity=activity, person=ada, part="planner")
        person_with(activity, "Cy", part="planner")
        assert words(activity, "disclosure") == (
            f"Ada, MD (Faculty, Planner): Consultant: Novartis, Lilly.\n"
            f"Bo, MD (Faculty) and Cy, MD (Planner) have {NONE}"
        )
        assert words(activity, "mitigation") == (
            "All of the relevant financial relationships listed for these individuals have been mitigated."
        )

    def test_one_person_with_none(self) -> None:
        activity = ActivityFactory()
        person_with(activity, "Bo")
        assert words(activity, "disclosure") == f"Bo, MD (Faculty) has {NONE}"
        assert "mitigation" not in statements.of(activity)

    def test_everybody_with_some(self) -> None:
        activity = ActivityFactory()
        person_with(activity, "Ada", companies=["Novartis"])
        assert words(activity, "disclosure") == "Ada, MD (Faculty): Consultant: Novartis."

    def test_what_is_not_relevant_is_hidden(self) -> None:
        activity = ActivityFactory()
        person_with(activity, "Ada", companies=["Novartis"], decision="not_relevant")
        assert words(activity, "disclosure") == f"Ada, MD (Faculty) has {NONE}"

    def test_as_a_group(self) -> None:
        activity = ActivityFactory(absence_as_group=True)
        person_with(activity, "Cy", part="planner")
        person_with(activity, "Di", part="reviewer")
        assert words(activity, "disclosure") == f"The planners and reviewers of this activity have {NONE}"
        person_with(activity, "Ada", companies=["Novartis"])
        person_with(activity, "Bo")
        assert words(activity, "disclosure") == (
            "Ada, MD (Faculty): Consultant: Novartis.\n"
            f"The planners, reviewers and other faculty of this activity have {NONE}"
        )

    def test_elsewhere_and_exempt(self) -> None:
        activity = ActivityFactory(disclosure_route="elsewhere", disclosure_place="the program book")
        assert words(activity, "disclosure") == (
            "SOE gives participants the financial relationships of everybody in control of content in the program "
            "book, before the education begins."
        )
        assert "mitigation" not in statements.of(activity)
        activity.relationships_mitigated = True
        assert statements.of(activity)["mitigation"].text == (
            "All of the relevant financial relationships for these individuals have been mitigated."
        )
        activity.disclosure_route, activity.exemption = "exempt", "non_clinical"
        assert statements.of(activity)["disclosure"].text == (
            "For this activity no financial relationships had to be identified (ACCME Standard 3; the content is not "
            "clinical)."
        )

    def test_off_label(self) -> None:
        assert "off_label" not in statements.of(ActivityFactory())
        assert statements.of(ActivityFactory(off_label="none"))["off_label"].text == (
            "Faculty will not discuss off-label uses."
        )
        assert (
            "not in their approved labeling" in statements.of(ActivityFactory(off_label="discussed"))["off_label"].text
        )


class TestSupport:
    """None, pending, named, in kind."""

    def support(self, state: str, *rows: dict[str, object]) -> str:
        activity = ActivityFactory(support_state=state)
        for row in rows:
            CommercialSupport.objects.create(activity=activity, **{"executed_on": date(2022, 1, 1)} | row)
        return words(activity, "support")

    def test_none_and_pending(self) -> None:
        pending = "This activity is supported by educational grants. The supporters will be named at the activity."
        assert self.support("none") == "This activity received no commercial support."
        assert self.support("pending") == pending
        assert self.support("pending", {"supporter": "Amgen"}) == pending
        assert self.support("named") == pending
        assert self.support("named", {"supporter": "Amgen", "executed_on": None}) == pending

    def test_named(self) -> None:
        names = [{"supporter": name} for name in ("Amgen", "Lilly", "Merck")]
        assert self.support("named", *names[:1]) == "This activity is supported by an educational grant from Amgen."
        assert self.support("named", *names) == (
            "This activity is supported by educational grants from Amgen, Lilly and Merck."
        )

    def test_in_kind_says_what_and_a_pending_agreement_names_nobody(self) -> None:
        loan = {"supporter": "Olympus", "kind": "in_kind", "nature": "equipment"}
        other = {"supporter": "Stryker", "kind": "in_kind", "nature": "other", "nature_described": "bone models"}
        assert self.support("named", loan) == (
            "This activity is supported by in-kind support from Olympus (durable equipment)."
        )
        late = {"supporter": "Pfizer", "executed_on": None}
        assert self.support("named", {"supporter": "Amgen"}, loan, other, late) == (
            "This activity is supported by an educational grant from Amgen and by in-kind support from Olympus "
            "(durable equipment) and Stryker (bone models). Further supporters will be named at the activity."
        )


def test_people_and_roles_tell_what_they_are() -> None:
    activity = ActivityFactory()
    ada = person_with(activity, "Ada", companies=["Novartis"])
    assert [str(ada.relationships.get()), str(activity.roles.get())] == ["Consultant: Novartis", "Ada, MD (Faculty)"]
    assert str(activity.judgements.get()) == "Consultant: Novartis: Relevant, and mitigated"
    assert str(Person(name="Dee")) == "Dee"
