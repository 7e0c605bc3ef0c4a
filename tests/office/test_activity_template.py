"""The year's activities in PARS's Excel template, and what keeps an activity out of it."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from openpyxl import load_workbook

from activities.models import Activity, ClosingRecord, CommercialSupport, LearnerCount, Partner
from office import activity_records
from reporting import activity_batches, checks
from reporting.models import ActivityRecord
from reporting.pars import documents
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.making import self_study

pytestmark = pytest.mark.django_db
# ACCME's template D, for reporting years from 2015 on, with one supporter.
GOLDEN_HEADINGS = [
    "1. Template (DO NOT ALTER OR DELETE THIS COLUMN)", "2. ACCME Activity ID", "3. Provider Activity ID",
    "4. Reporting Year", "5. Activity Title", "6. Activity Date", "7. City", "8. State", "9. Country",
    "10. Providership", "11. Activity Type", "12. Hours of Instruction", "13. # of Physicians",
    "14. # of Other Learners", "15. Commercial Support Received?", "16. Designed to change Competence?",
    "17. Changes in Competence evaluated?", "18. Designed to change Performance?",
    "19. Changes in Performance evaluated?", "20. Designed to change Patient Outcomes?",
    "21. Changes in Patient Outcomes evaluated?", "22. Sub-category: Case based discussion",
    "23. Sub-category: Lecture", "24. Sub-category: Panel", "25. Sub-category: Simulation",
    "26. Sub-category: Skill-based training", "27. Sub-category: Small group discussion", "28. Sub-category: Other",
    "29. Joint Provider(s)", "30. Number of AMA PRA Category 1 CreditsTM Designated", "31. Description of Content",
    "32. ABMS/ACGME - Patient Care and Procedural Skills", "33. ABMS/ACGME - Medical Knowledge",
    "34. ABMS/ACGME - Practice-based Learning and Improvement",
    "35. ABMS/ACGME - Interpersonal and Communication Skills", "36. ABMS/ACGME - Professionalism",
    "37. ABMS/ACGME - Systems-based Practice", "38. Institute of Medicine - Provide patient-centered care",
    "39. Institute of Medicine - Work in interdisciplinary teams",
    "40. Institute of Medicine - Employ evidence-based practice",
    "41. Institute of Medicine - Apply quality improvement", "42. Institute of Medicine - Utilize informatics",
    "43. Interprofessional Education Collaborative - Values/Ethics for Interprofessional Practice",
    "44. Interprofessional Education Collaborative - Roles/Responsibilities",
    "45. Interprofessional Education Collaborative - Interprofessional Communication",
    "46. Interprofessional Education Collaborative - Teams and Teamwork",
    "47. Other Competencies - Competencies other than those listed were addressed", "48. Commercial Support Source",
    "49. Monetary Amount Received (for Support Source)", "50. In Kind Support Received - Durable equipment?",
    "51. In Kind Support Received - Facilities / Space?",
    "52. In Kind Support Received - Disposable supplies (Non-biological)?",
    "53. In Kind Support Received - Animal parts or tissue?", "54. In Kind Support Received - Human parts or tissue?",
    "55. In Kind Support Received - Other?",
]  # fmt: skip
N, Y = "No", "Yes"
GOLDEN_ROW = [
    "Template D", "202200001", "meeting", "2026", "=Progress", "03/02/2026", "Portland", "OR", "USA", "Joint", "C",
    20.5, 300, 23, Y, Y, Y, N, N, Y, N, N, Y, N, N, N, N, N, "A hospital; A school", 18.5, "What it is.", N, Y, N, N, N,
    N, N, N, N, N, N, N, N, N, N, Y, "Seagen", 5000, Y, N, N, N, N, "a bus",
]  # fmt: skip


@pytest.fixture
def meeting() -> Activity:
    made: Activity = ActivityFactory(
        slug="meeting", title="=Progress", pars_id="202200001", city="Portland", region="Oregon", summary="What it is.",
        delivery="in_person", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4), claim_until_day=date(2026, 6, 1),
    )  # fmt: skip
    ClosingRecord.objects.create(
        activity=made,
        hours=Decimal("20.50"),
        designed_to_change=["competence", "outcomes"],
        evaluated=["competence"],
        methods=["lecture"],
        competencies=["knowledge", "other"],
    )
    for profession, count in (("physician", 300), ("nurse", 20), ("pa", 3)):
        LearnerCount.objects.create(activity=made, profession=profession, learners=count)
    for name in ("A hospital", "A school"):
        Partner.objects.create(activity=made, name=name)
    support(made, "Seagen", amount=5000)
    support(made, "Seagen", kind="in_kind", nature="equipment")
    support(made, "Seagen", kind="in_kind", nature="other", nature_described="a bus")
    support(made, "Unsigned", amount=9, executed_on=None)
    return made


def support(activity: Activity, supporter: str, **facts: Any) -> None:
    facts = {"executed_on": date(2026, 1, 1)} | facts
    CommercialSupport.objects.create(activity=activity, supporter=supporter, **facts)


def table(content: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(content))["Sheet1"]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def facts(activity: Activity) -> Any:
    return activity_records.facts(Activity.objects.get(pk=activity.pk), close=True)


def test_workbook_has_the_templates_layout(meeting: Activity) -> None:
    headings, row = table(activity_batches.workbook([facts(meeting)], 2026))
    assert headings == GOLDEN_HEADINGS
    assert row == GOLDEN_ROW


def test_every_supporter_has_columns_of_its_own(meeting: Activity) -> None:
    for name in ("Second", "Third", "Fourth"):
        support(meeting, name, kind="in_kind", nature="space")
    headings, row = table(activity_batches.workbook([facts(meeting)], 2026))
    assert [headings[place] for place in (55, 63, 71)] == [
        "56. Commercial Support Source 2nd",
        "64. Commercial Support Source 3rd",
        "72. Commercial Support Source 4th",
    ]
    assert row[55:59] == ["Second", 0, "No", "Yes"]
    assert [activity_batches._ordinal(place) for place in (11, 12, 21)] == ["11th", "12th", "21st"]


def test_what_has_no_place_names_none(meeting: Activity) -> None:
    Activity.objects.update(delivery="streamed")
    _, row = table(activity_batches.workbook([facts(meeting)], 2026))
    assert (row[6:9], row[10]) == ([None, None, None], "IL")


def test_what_is_studied_here_goes_over_the_internet() -> None:
    printed = ActivityFactory(format="enduring", delivery="")
    assert facts(printed)["type_code"] == "EM"
    assert facts(self_study("post-test"))["type_code"] == "IEM"


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        (("Oregon", ""), ("OR", "USA")),
        (("or", "United States"), ("OR", "USA")),
        (("Ontario", "Canada"), ("Ontario", "CAN")),
        (("Ontario", "Kanada"), ("Ontario", "")),
        (("", "UK"), ("", "GBR")),
        (("", "the Netherlands"), ("", "NLD")),
        (("Somewhere", ""), ("Somewhere", "")),
    ],
)
def test_place_is_told_by_codes_where_they_are_known(
    meeting: Activity, entered: tuple[str, str], told: tuple[str, str]
) -> None:
    region, country = entered
    Activity.objects.update(region=region, country=country)
    found = facts(meeting)
    assert (found["region"], found["country"]) == told


def test_activity_lacks_what_the_template_demands() -> None:
    bare = ActivityFactory(city="", region="", country="", delivery="in_person")
    assert activity_batches.missing(facts(bare)) == [
        "enter the hours of instruction",
        "enter how many physicians and other learners took part",
        "enter the city",
        "write the country's English name or ISO code",
    ]
    Activity.objects.update(region="Cascadia", country="USA", city="Portland")
    assert "write the state's name or its two letters" in activity_batches.missing(facts(bare))
    Activity.objects.update(format="other", format_description="a game")
    assert activity_batches.missing(facts(bare))[0].startswith("the template knows no such format")


def test_other_than_ama_credit_stands_in_no_column(meeting: Activity) -> None:
    meeting.designations.filter(credit_type="ama_pra").update(credit_type="ancc")
    _, row = table(activity_batches.workbook([facts(meeting)], 2026))
    assert row[29] is None


def test_page_of_the_year_gives_the_file_and_names_who_is_left_out(client: Client, meeting: Activity) -> None:
    left_out = ActivityFactory(title="Unfinished", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4))
    client.force_login(UserFactory(officer=True))
    page = client.get("/admin/office/reconciliation/year/2026/").content.decode()
    assert "1 activity in PARS’s template for activities (Excel)" in page
    assert f'/admin/activities/activity/{left_out.pk}/change/">Unfinished</a>: enter the hours of instruction;' in page
    file = client.get("/admin/office/reconciliation/year/2026/?as=xlsx")
    assert 'filename="pars-activities-2026.xlsx"' in file["Content-Disposition"]
    assert [row[2] for row in table(file.content)[1:]] == ["meeting"]


def test_who_sends_a_record_reads_first_what_pars_is_told(client: Client, meeting: Activity) -> None:
    client.force_login(UserFactory(officer=True))
    page = client.get(f"/admin/office/reconciliation/activity/{meeting.pk}/").content.decode()
    for words in (
        "Portland, OR, USA",
        "joint with A hospital, A school",
        "Seagen: $5000; Seagen: durable equipment; Seagen: a bus",
        "300 physician; 20 nurse; 3 physician assistant",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("facts_of", "words"),
    [
        ({"region": "Cascadia", "country": ""}, "PARS takes countries by their codes."),
        ({"region": "Cascadia", "country": "USA"}, "PARS takes states by their codes."),
    ],
)
def test_place_that_pars_does_not_know_is_refused_before_it_leaves(
    client: Client, meeting: Activity, facts_of: dict[str, str], words: str
) -> None:
    Activity.objects.update(**facts_of)
    client.force_login(UserFactory(officer=True))
    page = client.post(f"/admin/office/reconciliation/activity/{meeting.pk}/", {}, follow=True)
    assert words in page.content.decode()
    assert not ActivityRecord.objects.exists()


def test_country_that_nobody_knows_is_refused_where_it_is_entered(meeting: Activity) -> None:
    meeting.country = "Kanada"
    with pytest.raises(ValidationError, match="is no country's English name or code"):
        meeting.full_clean()
    meeting.country = "U.K."
    meeting.full_clean()


def test_grant_without_an_amount_is_told_as_support_and_never_as_nothing(meeting: Activity) -> None:
    support(meeting, "Later", amount=None)
    found = facts(meeting)
    assert (found["support"], found["unpriced"]) == ([("Seagen", 5000)], ["Later"])
    told = dict(activity_records.in_words(found))["Commercial support"]
    assert told.startswith("Seagen: $5000; Later: amount not entered, so not told; ")
    meeting.support.exclude(supporter="Later").delete()
    alone = documents.activity(facts(meeting))["ACCMEActivities"]["MedicalEducationMetrics"][0]
    assert alone["healthcareMetadata"]["healthcareEducation"]["commercialSupport"] is True
    assert alone["ActivityDescription"]["commercialSupportAmount"] == []
    assert "enter what Later gave, in whole dollars" in activity_batches.missing(facts(meeting))
    assert list(checks.of_activity(facts(meeting))) == [
        "Enter what Later gave, in whole dollars, before the record is closed."
    ]
