"""Hand edits: what an accreditor would strike is found, what keeps the prescribed words passes."""

from datetime import date

import pytest
from django.utils import timezone

from activities import statements
from activities.models import Activity, CommercialSupport, StatementEdit
from activities.statements.lint import lint
from tests.activities.making import person_with
from tests.factories import ActivityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def edited() -> Activity:
    activity: Activity = ActivityFactory(moc="18.50", support_state="named")
    activity.partners.create(name="Example Hospital")
    CommercialSupport.objects.create(activity=activity, supporter="Amgen", executed_on=date(2022, 1, 1))
    CommercialSupport.objects.create(
        activity=activity, supporter="Olympus", kind="in_kind", nature="equipment", executed_on=date(2022, 1, 1)
    )
    person_with(activity, "Ada", companies=["Novartis"])
    return activity


def faults(activity: Activity, key: str, text: str) -> list[str]:
    generated = statements.of(activity)[key].generated
    StatementEdit.objects.create(
        activity=activity, key=key, text=text, generated=generated, reason="x", edited_at=timezone.now()
    )
    fresh = Activity.objects.with_words().get(pk=activity.pk)
    return lint(statements.of(fresh)[key], fresh)


AMA = "designation:ama_pra"
RIGHT = (
    "The Society of Examples (SOE) designates this live activity for a maximum of 18.50 AMA PRA Category 1 Credit(s)™. "
    "Physicians should claim only the credit commensurate with the extent of their participation in the activity."
)


def test_generated_text_is_never_wrong(edited: Activity) -> None:
    assert [lint(row, edited) for row in statements.of(edited).values()] == [[]] * len(statements.of(edited))


def test_edit_that_keeps_the_prescribed_words_passes(edited: Activity) -> None:
    assert faults(edited, AMA, f"{RIGHT} Bring your badge.") == []


@pytest.mark.parametrize(
    ("maximum", "written"),
    [("2.00", "2"), ("2.00", "2.0"), ("2.00", "2.00"), ("18.50", "18.5"), ("357.00", "357"), ("0.25", "0.25")],
)
@pytest.mark.parametrize("name", ["The Society of Examples", "The Society of Examples (SOE)", "Society of Examples"])
def test_amas_sentence_passes_with_any_zeros_and_any_form_of_the_name(
    edited: Activity, maximum: str, written: str, name: str
) -> None:
    edited.designations.filter(credit_type="ama_pra").update(maximum=maximum)
    text = RIGHT.replace("The Society of Examples (SOE)", name).replace("18.50", written)
    assert faults(edited, AMA, text.replace("Credit(s)", "Credits")) == []


@pytest.mark.parametrize("written", ["20", "12", "2.5", "2,000", "0.2", "2.05"])
def test_another_amount_does_not_pass(edited: Activity, written: str) -> None:
    edited.designations.filter(credit_type="ama_pra").update(maximum="2.00")
    assert "The amount 2 is missing." in faults(edited, AMA, RIGHT.replace("18.50", written))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("designates this live activity for", "has approved for this live activity"), "“approved for” is wrong"),
        (("designates this", "is accredited for this"), "“accredited for” is wrong"),
        (("live activity", "meeting"), "The learning format is missing: live activity."),
        (("18.50", "18"), "The amount 18.50 is missing."),
        (("AMA PRA Category 1 Credit(s)™", "credits"), "The credit must be called AMA PRA Category 1 Credit(s)™."),
        (("AMA PRA Category 1 Credit(s)™", "Category 1 credits"), "“Category 1 credit” is short for"),
        (("AMA PRA Category 1 Credit(s)™", "Category 1 CME"), "“Category 1 CME” is not the name"),
        (("AMA PRA Category 1 Credit(s)™", "ACCME credits"), "“ACCME credit” does not exist"),
        (("Credit(s)™", "Credit(s)"), "The trademark sign ™ is missing"),
        (("claim only the credit", "only claim credit"), "is missing or changed."),
        (("designates this live activity for", "for this live activity designates"), "The order of words is wrong."),
    ],
)
def test_designation_that_an_accreditor_would_strike(edited: Activity, change: tuple[str, str], found: str) -> None:
    text = RIGHT.replace(*change)
    assert text != RIGHT
    assert [words for words in faults(edited, AMA, text) if found in words] != []


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        (AMA, f"{RIGHT} Sponsored by us.", "“sponsor” is the old term"),
        (AMA, f"{RIGHT} Planned in accordance with the Essential Areas.", "“Essential Areas” is outdated"),
        ("mitigation", "All conflicts were resolved.", "“resolved” is outdated"),
        ("mitigation", "Nobody works for commercial interests.", "“commercial interest” is outdated"),
        ("mitigation", "All is well.", "It must say that all relevant relationships have been mitigated."),
        ("accreditation", "Society of Examples teaches.", "“is accredited by” is missing."),
        ("accreditation", "Society of Examples is accredited by the ACCME.", "The name Example Hospital is missing."),
        ("moc:ABIM", "Participation in the evaluation component earns up to 9 points.", "“up to 18.50” is missing."),
        ("disclosure", "Ada works for somebody.", "The name Novartis is missing."),
        ("support", "Supported by Amgen and Olympus.", "“durable equipment” is missing."),
    ],
)
def test_other_statements_that_an_accreditor_would_strike(edited: Activity, key: str, text: str, found: str) -> None:
    assert [words for words in faults(edited, key, text) if found in words] != []


def test_other_credit_types_need_their_amount(edited: Activity) -> None:
    assert faults(edited, "designation:participation", "Hours.") == ["The amount 18.50 is missing."]


def test_statement_without_a_rule_of_its_own_is_read_for_outdated_words(edited: Activity) -> None:
    edited.off_label = "none"
    edited.save()
    assert faults(edited, "off_label", "Commercial sponsors decide.") == [
        "“sponsor” is the old term: write provider, joint providership or supporter."
    ]


def test_national_accreditation_of_nurses_needs_only_the_provider(edited: Activity) -> None:
    edited.provider.accredited_by_ancc = True
    edited.provider.save()
    edited.designations.create(credit_type="ancc", maximum="1.00")
    assert faults(edited, "accreditation:ancc", "Society of Examples is accredited as a provider.") == []
