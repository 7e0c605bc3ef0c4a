"""An activity as a YAML document: the round trip is exact, and every fault is told with its line."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities import document
from activities.document import Wrong
from activities.models import Activity, ClosingRecord, Disclosure, Judgement, LearnerCount, Person, Provider, Session
from demo import loader
from surveys.models import Question
from tests.activities.making import edit, perfect, person_with, support
from tests.factories import ActivityFactory, UserFactory, make_sessions

pytestmark = pytest.mark.django_db

SMALLEST = """\
provider:
  name: Society of Examples
  short_name: SOE
  accreditation: accme
  domain: society.example
  pars_id: "0000123"
  office_email: cme@society.example
  signatory_name: Sam Signer
  signatory_title: Director
activity:
  slug: small
  title: A small activity
  format: live
  starts_on: 2026-06-01
  ends_on: 2026-06-02
  claim_until_day: 2026-07-01
"""
SURVEY = SMALLEST + "surveys:\n  - kind: request\n    questions:\n"


def create(text: str) -> Activity:
    return document.create(text, actor=None, now=timezone.now())


def faults(text: str) -> list[str]:
    with pytest.raises(Wrong) as wrong:
        create(text)
    assert not Activity.objects.exists()
    return wrong.value.faults


def everything() -> Activity:
    """An activity with a row of every kind."""
    activity = perfect(moc="18.50", questions=3, support_state="named", credit={"ama_pra": "18.50", "acpe": "18.50"})
    activity.provider.accredited_by_acpe = True
    activity.provider.save()
    activity.partners.create(name="Example Hospital")
    activity.need = "Two lines:\n\nthis one and: that."
    activity.free = True
    activity.save()
    activity.designations.filter(credit_type="acpe").update(live_date=activity.starts_on, pharmacy_kind="knowledge")
    make_sessions(activity, 3)
    Session.objects.filter(title="Session 1").update(credit_set=Decimal("0.50"), credit_types=["ama_pra"])
    support(amount=5000)(activity)
    support(supporter="Olympus", kind="in_kind", nature="equipment")(activity)
    edit("off_label", "Nobody will discuss off-label uses.", "Faculty will not discuss off-label uses.")(activity)
    ClosingRecord.objects.create(activity=activity, hours=Decimal("18.50"), competencies=["knowledge"])
    LearnerCount.objects.create(activity=activity, profession="physician", learners=120)
    person_with(activity, "Bo", part="planner", companies=["Lilly"], decision="not_relevant")
    activity.related.add(ActivityFactory(slug="another"))
    return activity


def test_round_trip_is_exact_on_the_same_portal_and_on_an_empty_one() -> None:
    activity = everything()
    text = document.write(activity)
    slug = activity.slug
    activity.surveys.all().delete()
    activity.delete()
    made = create(text)
    assert (made.slug, made.state, document.write(made)) == (slug, "draft", text)
    made.surveys.all().delete()
    made.delete()
    Person.objects.all().delete()
    Provider.objects.filter(activities=None).delete()
    assert document.write(create(text)) == text
    assert Disclosure.objects.count() == 2
    assert Judgement.objects.count() == 2


@pytest.mark.parametrize("path", loader.files(), ids=lambda path: path.stem)
def test_examples_are_documents_and_survive_the_round_trip(path: Path) -> None:
    text = document.write(create(path.read_text()))
    Activity.objects.get().surveys.all().delete()
    Activity.objects.all().delete()
    assert document.write(create(text)) == text


def test_smallest_document_makes_a_draft() -> None:
    made = create(SMALLEST)
    assert (made.title, made.state, made.provider.name) == ("A small activity", "draft", "Society of Examples")
    assert made.surveys.count() == 0


def test_provider_who_is_here_already_is_left_as_it_is() -> None:
    ActivityFactory(slug="other").provider.save()
    Provider.objects.update(office_phone="1")
    create(SMALLEST.replace("short_name: SOE", "short_name: XYZ"))
    assert list(Provider.objects.values_list("short_name", "office_phone")) == [("SOE", "1")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SMALLEST.replace("  title:", "  titel:"), "line 12: “titel” is not a known key. Known here: slug, title,"),
        (SMALLEST + "sesions: []\n", "line 17: “sesions” is not a known key. Known here: provider, activity,"),
        (SMALLEST + "sessions:\n  - titel: A\n", "line 18: “titel” is not a known key. Known here: title, track,"),
        (SMALLEST + "sessions:\n  - A\n", "line 18: Keys belong here: title, track,"),
        (SMALLEST + "people:\n  - name: A\n    parts:\n      - prat: faculty\n", "line 20: “prat” is not a known key."),
        (
            SMALLEST + "people:\n  - name: A\n    parts: faculty\n",
            "line 19: A list belongs here: each row of “parts” begins",
        ),
        (SMALLEST + "people:\n  - degrees: MD\n", "line 18: name: This field cannot be blank."),
        (SMALLEST + "people:\n  - name: A\n    disclosed: soon\n", "line 19: disclosed: “soon” is not a day."),
        (
            SMALLEST + "people:\n  - name: A\n    relationships:\n      - {company: X, nature: friend}\n",
            "line 20: nature: Value 'friend' is not a valid choice.",
        ),
        (
            SMALLEST
            + "people:\n  - name: A\n    parts: [{part: faculty}]\n    disclosed: 2026-01-01\n    relationships:\n"
            + "      - {company: X, nature: speaker, decision: mitigated}\n",
            "line 22: Choose how it was mitigated",
        ),
        (SMALLEST.replace("2026-06-02", "2026-05-02"), "line 15: ends_on: The last day lies before the first."),
        (SMALLEST.replace("2026-06-02", "soon"), "line 15: ends_on: “soon” value has an invalid date format."),
        (SMALLEST.replace("format: live", "format: dance"), "line 13: format: Value 'dance' is not a valid choice."),
        (SMALLEST.replace("format: live", "format: [live]"), "line 13: format: A text belongs here."),
        (SMALLEST + "  free: maybe\n", "line 17: free: “maybe” value must be either True or False."),
        (
            SMALLEST + "designations:\n  - {credit_type: ama_pra, maximum: '1.3'}\n",
            "line 18: maximum: 1.3 is not in steps",
        ),
        (SMALLEST + "moc:\n  - {board: ABIM, point_types: X, maximum: '1'}\n", "line 18: point_types: A list belongs"),
        (
            SMALLEST + "moc:\n  - {board: ABIM, point_types: [X], maximum: '1'}\n",
            "line 18: point_types: X is not in the",
        ),
        (SMALLEST + "related:\n  - nowhere\n", "line 18: No activity here has the address “nowhere”."),
        (
            SURVEY + "    - {kind: dance, text: A}\n",
            "line 18: Request for Credit, question 1: kind: Value 'dance' is not",
        ),
        (SURVEY + "    - {kind: text, text: A}\n    - B\n", "question 2: Keys belong to each question: kind, text,"),
        (SURVEY + "    - {kind: text, text: A, txet: B}\n", "“txet” is not a known key of a question."),
        (SURVEY + "    - {kind: text, text: [A]}\n", "question 1: text: A text belongs here."),
        (SURVEY + "    - {kind: text, text: A, objective: 2}\n", "objective: There is no objective number 2 here."),
        (SURVEY + "    - {kind: text, text: A, shown_if: x}\n", "shown_if: Name an earlier question and its choice"),
        (
            SURVEY + "    - {kind: text, text: A, shown_if: {question: 1, choice: 1}}\n",
            "question: There is no question number 1 here.",
        ),
        (
            SURVEY + "    - {kind: text, text: A}\n    - {kind: text, text: B, shown_if: {question: 1}}\n",
            "shown_if: Name an earlier question and its choice",
        ),
        (SURVEY + "    - {kind: matrix, text: A, choices: [B], rows: C}\n", "rows: A list belongs here, or the word"),
        (SMALLEST + "surveys:\n- kind: post-test\n  pass_mark: 101\n", "pass_mark: Ensure this value is less than"),
        (SMALLEST + "surveys:\n- kind: set\n", "activity: A question set belongs to no activity."),
        (
            SMALLEST + "designations: {credit_type: ama_pra}\n",
            "line 17: A list belongs here: each row of “designations”",
        ),
        (SMALLEST + "people:\n  - name: A\n    disclosed: 2090-01-01\n", "line 19: disclosed: 2090-01-01 lies in the"),
        (SMALLEST.replace("accreditation: accme", "accreditation: state"), "line 2: Name the state medical society"),
        (SMALLEST + "partners:\n  - name: A\n  - name: A\n", "line 19: Constraint “partner_once” is violated."),
        (SMALLEST + "moc:\n  - {board: ABIM, point_types: [{a: b}], maximum: '1'}\n", "is not in the list."),
        (SMALLEST.replace("A small", '"\\0"  #'), "line 12: A character stands here that no text may have."),
        (SMALLEST.replace("2026-06-02", "9999-12-31"), "line 15: ends_on: Give a day between 1990 and 2100."),
        (
            SURVEY + "    - {kind: single, text: A, choices: abc}\n",
            "choices: A list belongs here.",
        ),
        (
            SMALLEST
            + "people:\n  - name: A\n    parts: [{part: faculty}]\n    disclosed: 2026-01-01\n    relationships:\n"
            + "      - {company: X, nature: speaker, decision: bogus}\n",
            "line 22: Decide: not_relevant or mitigated.",
        ),
        (SMALLEST + "activity: {}\n", "line 17: “activity” stands here for the second time."),
        ("provider: x\n", "line 1: Keys belong here: name, short_name"),
        ("activity: {}\n", "line 1: “provider” is missing."),
        ("- a\n", "line 1: The document must begin with keys such as provider and activity."),
        ("a: [\n", "line 2: This is not YAML:"),
        ("a: &a 1\nb: *a\n", "Anchors and aliases are not used"),
        ("a: \0", "This is not YAML"),
        ("x" * 1_000_001, "The document is longer than 1,000,000 characters."),
        ("[" * 1500 + "]" * 1500, "nested too deeply"),
    ],
)
def test_fault_is_told_with_its_line_and_nothing_is_saved(text: str, fault: str) -> None:
    found = faults(text)
    assert [words for words in found if fault in words] != [], found


def test_all_faults_are_told_at_once() -> None:
    found = faults(SMALLEST.replace("  title:", "  titel:").replace("slug:", "slag:"))
    assert [words.partition("“")[0] for words in found] == ["line 11: ", "line 12: "]


def test_relationship_that_the_person_has_not_disclosed_here_is_refused() -> None:
    Person.objects.create(name="A", email="a@faculty.example")
    text = (
        SMALLEST
        + "people:\n  - name: A\n    email: a@faculty.example\n    relationships: [{company: X, nature: speaker}]\n"
    )
    assert faults(text) == ["line 20: A has not disclosed “X” here; ask for a new disclosure."]


def test_person_with_undated_relationships_still_has_to_disclose() -> None:
    made = create(
        SMALLEST
        + "people:\n  - name: A\n    parts: [{part: faculty}]\n    relationships: [{company: X, nature: speaker}]\n"
    )
    person = made.roles.get().person
    assert (person.relationships.count(), person.disclosure) == (1, None)
    assert "disclosed" not in document.write(made)


def test_empty_text_is_nothing() -> None:
    made = create(SMALLEST + "designations:\n  - {credit_type: ama_pra, maximum: '1', per_session: ''}\n")
    assert made.designations.get().per_session is None


def test_choices_and_switches_of_questions_are_read() -> None:
    create(SURVEY + "    - {kind: single, text: 'A?', required: true, choices: ['Yes', 'No']}\n")
    question = Question.objects.get()
    assert (question.required, question.required_for_moc) == (True, False)
    assert [row.text for row in question.choices.all()] == ["Yes", "No"]


class TestDesk:
    """In the office."""

    @pytest.fixture(autouse=True)
    def _officer(self, client: Client) -> None:
        client.force_login(UserFactory(officer=True))

    def send(self, client: Client, content: bytes) -> tuple[int, str]:
        answer = client.post("/admin/activities/activity/read/", {"file": ContentFile(content, name="a.yaml")})
        return answer.status_code, answer.content.decode()

    def test_saved_and_read_again(self, client: Client) -> None:
        activity = ActivityFactory()
        answer = client.get(f"/admin/activities/activity/{activity.pk}/document/")
        assert answer["Content-Disposition"] == f'attachment; filename="{activity.slug}.yaml"'
        text = answer.content.decode()
        assert client.get("/admin/activities/activity/read/").status_code == 200
        status, page = self.send(client, text.encode())
        assert (status, "already exists" in page) == (422, True)
        assert self.send(client, text.replace(f"slug: {activity.slug}", "slug: next").encode())[0] == 302
        assert Activity.objects.get(slug="next").title == activity.title

    def test_faults_are_listed(self, client: Client) -> None:
        status, page = self.send(client, SMALLEST.replace("  title:", "  titel:").encode())
        assert (status, "line 12" in page) == (422, True)
        status, page = self.send(client, b"\xff\xfe")
        assert (status, "not text in UTF-8" in page) == (422, True)

    def test_learner_may_not(self, client: Client) -> None:
        staff: User = UserFactory(is_staff=True)
        client.force_login(staff)
        assert client.get("/admin/activities/activity/read/").status_code == 403


def test_dates_in_the_far_future_are_no_fault() -> None:
    assert create(SMALLEST).ends_on - create(SMALLEST.replace("small", "other")).starts_on == timedelta(days=1)
