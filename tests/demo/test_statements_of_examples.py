"""The three examples go through the gate, and their pages state what accreditors prescribe, to the letter."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from activities import compliance, statements
from activities.models import Activity
from audit.models import Event
from tests.activities.test_statements import AMA_LIVE, JOINT, MOC

pytestmark = pytest.mark.django_db

OTHERS = (
    "Other health care professionals receive a certificate of participation. It states the credit for which this {} "
    "was designated; each licensing body decides whether to accept it."
)
MITIGATED = "All of the relevant financial relationships {}for these individuals have been mitigated."
AACR = {
    "disclosure": (
        "AACR gives participants the financial relationships of everybody in control of content in the conference "
        "program, before the education begins."
    ),
    "mitigation": MITIGATED.format(""),
    "support": "This activity is supported by educational grants. The supporters will be named at the activity.",
    "accreditation": (
        "The American Association for Cancer Research (AACR) is accredited by the Accreditation Council for Continuing "
        "Medical Education (ACCME) to provide continuing medical education for physicians."
    ),
    "designation:ama_pra": AMA_LIVE,
    "designation:participation": OTHERS.format("live activity"),
    "moc:ABIM": MOC,
}
ASCO = {
    "disclosure": (
        "ASCO gives participants the financial relationships of everybody in control of content in the meeting "
        "program, before the education begins."
    ),
    "mitigation": MITIGATED.format(""),
    "off_label": (
        "Faculty may discuss uses of products that are not in their approved labeling. Before prescribing, consult the "
        "complete prescribing information for indications, contraindications, warnings, and adverse effects."
    ),
    "support": (
        "This activity is supported by educational grants from Amgen, Astellas, AstraZeneca, BMS, Genentech, Janssen, "
        "Kidney Cancer Association, Lilly, Ludwig Institute for Cancer Research, Merck, Novartis, Pfizer, Prometheus, "
        "Sanofi, Taiho and Tesaro."
    ),
    "accreditation": JOINT,
    "designation:ama_pra": (
        "The American Society of Clinical Oncology (ASCO) designates this live activity for a maximum of 38.75 AMA PRA "
        "Category 1 Credit(s)™. Physicians should claim only the credit commensurate with the extent of their "
        "participation in the activity."
    ),
    "designation:ancc": (
        "ASCO designates this activity for 38.75 ANCC contact hours. Nurses should claim only the credit commensurate "
        "with the extent of their participation in the activity."
    ),
    "designation:acpe": (
        "ASCO designates this continuing education activity for 38.75 contact hour(s) (3.875 CEUs) (Universal "
        "Activity Number JA0000456-0000-18-001-L01-P). This is a knowledge-based activity."
    ),
    "designation:aapa": (
        "ASCO has been authorized by the American Academy of PAs (AAPA) to award AAPA Category 1 CME credit for "
        "activities planned in accordance with AAPA CME Criteria. This activity is designated for 38.75 AAPA Category "
        "1 CME credits. Approval is valid until 06/05/2018. PAs should only claim credit commensurate with the "
        "extent of their participation."
    ),
    "designation:participation": OTHERS.format("live activity"),
}
SCIENTIA = {
    "disclosure": (
        "Anees Chagpar, MD (Faculty): Board of Directors: Protean Diagnostics; Royalties: UpToDate; Consultant or "
        "speaker: Sanofi Aventis, Novartis, Guardant Health, Athenex, Lumicell, Puma Diagnostics.\n"
        "Charles Turck, PharmD, BCPS, BCCCP (Planner) has no relevant financial relationships with ineligible "
        "companies to disclose."
    ),
    "mitigation": MITIGATED.format("listed "),
    "off_label": "Faculty will not discuss off-label uses.",
    "support": "This activity is supported by an educational grant from Seagen.",
    "accreditation": (
        "ScientiaCME is accredited by the Accreditation Council for Continuing Medical Education (ACCME) to "
        "provide continuing medical education for physicians."
    ),
    "designation:ama_pra": (
        "ScientiaCME designates this enduring material for a maximum of 1 AMA PRA Category 1 Credit(s)™. "
        "Physicians should claim only the credit commensurate with the extent of their participation in the activity."
    ),
    "designation:participation": OTHERS.format("enduring material"),
}
EXAMPLES = {"cancer-metastasis": AACR, "annual-meeting": ASCO, "her2-breast-cancer": SCIENTIA}


@pytest.mark.parametrize("slug", EXAMPLES)
def test_example_states_exactly_what_is_prescribed(client: Client, slug: str) -> None:
    call_command("load_demo", as_published=True, verbosity=0)
    activity = Activity.objects.with_words().get(slug=slug)
    assert {key: row.text for key, row in statements.of(activity).items()} == EXAMPLES[slug]
    page = client.get(activity.get_absolute_url()).content.decode().replace("<em>", "").replace("</em>", "")
    for text in EXAMPLES[slug].values():
        for line in text.splitlines():
            assert escape(line) in page


def test_examples_went_through_the_gate() -> None:
    call_command("load_demo", verbosity=0)
    assert set(Event.objects.filter(action="published").values_list("subject_id", flat=True)) == {
        str(pk) for pk in Activity.objects.values_list("pk", flat=True)
    }
    for activity in Activity.objects.with_everything():
        assert compliance.PUBLISHING.check(activity, timezone.now()).errors == []
