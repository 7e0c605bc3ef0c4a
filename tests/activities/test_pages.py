"""The activity's page in all its forms: what it says, to whom, and at what cost."""

import json
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from PIL import Image
from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from activities import linked_data
from activities.models import Activity, CommercialSupport, CreditDesignation, Objective, Session
from printing import pdf, turn
from tests.activities.making import person_with
from tests.factories import ActivityFactory, UserFactory, make_sessions, picture

pytestmark = pytest.mark.django_db

JUNE = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 6, 2), "claim_until_day": date(2026, 7, 1)}
HOUR = {"begins": time(8), "ends": time(9), "room": "Hall"}


def whole() -> Activity:
    activity: Activity = ActivityFactory(
        moc="18.50",
        need="A need.",
        audience="Physicians",
        summary="A summary.",
        credit_note="May vary.",
        off_label="none",
        support_state=Activity.SupportState.PENDING,
        system_requirements="A browser.",
        completion="Come.",
        outline="First\n\nSecond",
        free=True,
        venue="The Hall",
        url="https://meeting.example/",
    )
    activity.partners.create(name="Example Hospital")
    activity.partners.create(name="Example Clinic")
    activity.objectives.create(kind=Objective.Kind.COMPETENCE, position=1, text="A change.")
    activity.objectives.create(kind=Objective.Kind.OBJECTIVE, position=1, text="An objective.")
    person_with(activity, "Bo", companies=["Novartis"])
    return activity


def test_page_says_everything_in_the_order_learners_must_see_it(client: Client) -> None:
    activity = whole()
    page = client.get(activity.get_absolute_url()).content.decode()
    order = [
        "Progress in Examples</h1>",
        "with Example Hospital and Example Clinic",
        "Live activity, in person: ",
        "Free of charge",
        "ACCME activity ID 202200001",
        "<p>A summary.</p>",
        'href="https://meeting.example/"',
        "In this section",
        "Bo, MD (Faculty): Consultant: Novartis.",
        "have been mitigated.",
        "Faculty will not discuss off-label uses.",
        "The supporters will be named at the activity.",
        "is accredited by the ACCME to provide",
        "18.50 <em>AMA PRA Category 1 Credit(s)</em>™",
        "May vary.",
        "MOC points in the American Board of Internal Medicine",
        "Come.",
        activity.deadline_in_words,
        "A need.",
        "A change.",
        "An objective.",
        "<strong>Bo, MD</strong>, Faculty",
        "<li>First</li><li>Second</li>",
        "A browser.",
        "cme@society.example",
        f"http://localhost:8000/a/{activity.code}",
    ]
    assert [words for words in order if words not in page] == []
    positions = [page.index(words) for words in order]
    assert positions == sorted(positions)


def test_self_study_page_says_release_expiry_and_supporters(client: Client) -> None:
    activity = ActivityFactory(
        self_study=True, estimated_minutes=60, support_state=Activity.SupportState.NAMED, url="https://a.example/"
    )
    CommercialSupport.objects.create(activity=activity, supporter="Seagen", executed_on=date(2022, 1, 1))
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "Estimated time to complete: 60 minutes" in page
    assert "educational grant from Seagen" in page
    assert "<img" not in page
    assert "sessions.ics" not in page


def test_series_says_what_a_session_and_what_the_whole_gives(client: Client) -> None:
    activity = ActivityFactory(format="series")
    CreditDesignation.objects.filter(activity=activity).update(per_session=Decimal(1))
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "Regularly scheduled series, in person: " in page
    assert "a maximum of 1 <em>" in page
    assert "Over the whole series at most 18.50 <em>AMA PRA Category 1 Credits</em>™ can be earned." in page


def test_pharmacists_read_the_type_of_the_activity(client: Client) -> None:
    activity = ActivityFactory(credit={"participation": "1.00", "acpe": "1.00"})
    activity.designations.filter(credit_type="acpe").update(pharmacy_kind="knowledge")
    assert "This is a knowledge-based activity." in client.get(activity.get_absolute_url()).content.decode()


def test_jointly_accredited_provider_shows_its_mark_in_words(client: Client) -> None:
    activity = ActivityFactory(provider__accreditation="joint", provider__name="Joint Society")
    assert "Jointly Accredited Provider<br>" in client.get(activity.get_absolute_url()).content.decode()


def test_logo_is_the_providers_own(client: Client) -> None:
    activity = ActivityFactory()
    address = f"/providers/{activity.provider_id}/logo.png"
    assert client.get(address).status_code == 404
    activity.provider.logo.save("logo.png", picture())
    assert f'src="{address}"' in client.get(activity.get_absolute_url()).content.decode()
    assert client.get(address)["Content-Type"] == "image/png"
    activity.provider.logo.storage.delete(activity.provider.logo.name)
    assert client.get(address).status_code == 404
    assert client.get(f"{activity.get_absolute_url()}page.pdf").status_code == 200


class TestWhoReads:
    """Drafts are the staff's; what was published stays readable."""

    def test_draft_is_nobodys_page(self, client: Client, learner: User) -> None:
        draft = ActivityFactory(draft=True, title="Not yet")
        for address in ("", "page.pdf", "sessions.ics"):
            assert client.get(draft.get_absolute_url() + address).status_code == 404
        assert client.get(f"/a/{draft.code}").status_code == 404
        assert client.get(f"/a/{draft.code}/slide/").status_code == 404
        client.force_login(learner)
        assert client.get(draft.get_absolute_url()).status_code == 404

    def test_page_that_was_taken_back_says_so(self, client: Client) -> None:
        activity = ActivityFactory(draft=True, published_at=timezone.now())
        assert client.get(f"/a/{activity.code}")["Location"] == activity.get_absolute_url()
        answer = client.get(activity.get_absolute_url())
        assert (answer.status_code, b"Not available at present" in answer.content) == (404, True)
        assert client.get(f"{activity.get_absolute_url()}page.pdf").status_code == 404

    def test_closed_page_says_so(self, client: Client) -> None:
        activity = ActivityFactory(state="closed", over=True)
        assert "This activity is closed." in client.get(activity.get_absolute_url()).content.decode()

    def test_staff_preview_a_draft_as_learners_will_see_it(self, client: Client) -> None:
        draft = ActivityFactory(draft=True)
        client.force_login(UserFactory(officer=True))
        answer = client.get(draft.get_absolute_url())
        page = answer.content.decode()
        assert "Preview of a draft" in page
        assert 'content="noindex"' in page
        assert "no-store" in answer["Cache-Control"]

    def test_archived_page_says_so(self, client: Client) -> None:
        activity = ActivityFactory(state="archived")
        assert "is archived and no longer offered" in client.get(activity.get_absolute_url()).content.decode()

    def test_expired_self_study_says_so(self, client: Client) -> None:
        activity = ActivityFactory(self_study=True, over=True)
        activity.claim_until_day = activity.ends_on
        activity.save()
        assert "This activity expired on" in client.get(activity.get_absolute_url()).content.decode()


class TestProgramme:
    """Sessions by day, in the activity's hours."""

    def test_sessions_are_told_by_day(self, client: Client) -> None:
        activity = ActivityFactory(
            starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2), claim_until_day=date(2026, 7, 1)
        )
        for day, title in ((1, "Opening"), (2, "Closing")):
            Session.objects.create(
                activity=activity,
                title=title,
                day=date(2026, 6, day),
                begins=time(8),
                ends=time(9),
                track="Plenary",
                room="Hall",
            )
        page = client.get(activity.get_absolute_url()).content.decode()
        assert (
            page.index("Monday, June 1") < page.index("Opening") < page.index("Tuesday, June 2") < page.index("Closing")
        )
        assert "8–9 a.m." in page
        assert "Plenary · Hall" in page
        assert "Los Angeles time" in page

    def test_calendar_has_the_sessions_and_their_instants(self, client: Client) -> None:
        activity = ActivityFactory(
            starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2), claim_until_day=date(2026, 7, 1)
        )
        Session.objects.create(activity=activity, title="A, B; C", day=date(2026, 6, 1), **HOUR)
        answer = client.get(f"{activity.get_absolute_url()}sessions.ics")
        event = Calendar.from_ical(answer.content).walk("VEVENT")[0]
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert (str(event["summary"]), str(event["location"])) == ("A, B; C", "Hall, Portland, Oregon")
        assert event.decoded("dtstart").isoformat() == "2026-06-01T15:00:00+00:00"

    def test_calendar_without_sessions_has_the_whole_activity(self, client: Client) -> None:
        activity = ActivityFactory(**JUNE, city="", region="")
        event = Calendar.from_ical(client.get(f"{activity.get_absolute_url()}sessions.ics").content).walk("VEVENT")[0]
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2026, 6, 1), date(2026, 6, 3))
        assert "location" not in event


def _fonts(page: PageObject) -> list[DictionaryObject]:
    fonts = page["/Resources"].get_object()["/Font"].get_object()
    return [font.get_object() for font in fonts.values()]


class TestPaper:
    """The page as PDF: tagged, complete, rendered once."""

    def test_says_what_the_page_says(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        activity = whole()
        activity.provider.logo.save("logo.png", picture())
        make_sessions(activity, 2)
        answer = client.get(f"{activity.get_absolute_url()}page.pdf")
        paper = PdfReader(BytesIO(answer.content))
        text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
        for words in ("AMA PRA Category 1 Credit(s)™", "Consultant: Novartis", "Session 1", activity.deadline_in_words):
            assert words in text
        assert paper.metadata is not None
        assert paper.metadata.title == "Progress in Examples"
        assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
        monkeypatch.setattr(pdf, "render", lambda _page: b"rendered again")
        assert client.get(f"{activity.get_absolute_url()}page.pdf").content == answer.content
        cache.clear()
        assert client.get(f"{activity.get_absolute_url()}page.pdf").content == b"rendered again"

    def test_one_page_is_printed_at_a_time(self, client: Client) -> None:
        address = f"{ActivityFactory().get_absolute_url()}page.pdf"
        cache.set(turn.PRINTING, 1, 60)
        busy = client.get(address)
        assert (busy.status_code, busy["Retry-After"], b"One moment" in busy.content) == (503, "10", True)
        cache.delete(turn.PRINTING)
        assert client.get(address)["Content-Type"] == "application/pdf"
        assert cache.get(turn.PRINTING) is None

    def test_needs_no_logo(self, client: Client) -> None:
        answer = client.get(f"{ActivityFactory().get_absolute_url()}page.pdf")
        fonts = {str(font["/BaseFont"]) for page in PdfReader(BytesIO(answer.content)).pages for font in _fonts(page)}
        assert [name for name in fonts if "Italic" in name or "Oblique" in name] != []  # AMA's trademark


class TestShortAddress:
    """For the last slide: works before sign-in, in any case of letters."""

    def test_leads_to_the_page(self, client: Client) -> None:
        activity = ActivityFactory()
        for code in (activity.code, activity.code.lower()):
            answer = client.get(f"/a/{code}")
            assert (answer.status_code, answer["Location"]) == (302, activity.get_absolute_url())
        assert client.get("/a/NOBODY").status_code == 404

    def test_slide_shows_address_code_and_deadline(self, client: Client) -> None:
        activity = ActivityFactory()
        page = client.get(f"/a/{activity.code}/slide/").content.decode()
        assert f"localhost:8000/a/{activity.code}" in page
        assert activity.deadline_in_words in page
        with Image.open(BytesIO(client.get(f"/a/{activity.code}/qr.png").content)) as code:
            assert code.format == "PNG"


class TestLinkedData:
    """What search engines read."""

    def test_meeting_is_an_event(self, client: Client) -> None:
        activity = ActivityFactory(title="A </script> & B", delivery="hybrid")
        page = client.get(activity.get_absolute_url()).content.decode()
        script = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        facts = json.loads(script)
        assert (facts["@type"], facts["name"]) == ("EducationEvent", "A </script> & B")
        assert facts["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
        assert facts["startDate"] == activity.starts_on.isoformat()

    def test_self_study_is_a_resource(self) -> None:
        activity = ActivityFactory(self_study=True, estimated_minutes=60)
        facts = linked_data.facts(activity, address="https://portal.example/a")
        assert (facts["@type"], facts["timeRequired"], facts["expires"]) == (
            "LearningResource", "PT60M", activity.ends_on.isoformat(),
        )  # fmt: skip
        activity.estimated_minutes = None
        assert "timeRequired" not in linked_data.facts(activity, address="https://portal.example/a")


def test_related_are_those_that_staff_chose_or_else_the_providers_own(client: Client) -> None:
    activity = ActivityFactory()
    ActivityFactory(title="Same provider")
    chosen = ActivityFactory(title="Chosen one", provider__name="Others", self_study=True, over=True)
    chosen.claim_until_day = chosen.ends_on
    chosen.save()
    page = client.get(activity.get_absolute_url()).content.decode()
    assert ("Same provider" in page, "Chosen one" in page) == (True, False)
    activity.related.add(chosen)
    page = client.get(activity.get_absolute_url()).content.decode()
    assert ("Same provider" in page, "Chosen one" in page, "(expired)" in page) == (False, True, True)


@pytest.mark.parametrize("rows", [1, 1000])
def test_page_costs_the_same_with_one_row_and_with_a_thousand(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    activity = whole()
    make_sessions(activity, rows)
    ActivityFactory.create_batch(min(rows, 3))
    with django_assert_num_queries(14):
        client.get(activity.get_absolute_url())


def test_deadline_near_is_pointed_out(client: Client) -> None:
    activity = ActivityFactory(claim_until_day=timezone.now().date() + timedelta(days=2))
    assert 'class="soon-words"' in client.get(activity.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"self_study": True, "over": True}, "This activity expired on"),
        ({"over": True}, "Credit could be claimed until"),
        ({}, "Claim credit until"),
    ],
)
def test_paper_says_whether_credit_can_still_be_claimed(client: Client, facts: dict[str, bool], words: str) -> None:
    content = client.get(f"{ActivityFactory(**facts).get_absolute_url()}page.pdf").content
    assert words in " ".join(PdfReader(BytesIO(content)).pages[0].extract_text().split())
