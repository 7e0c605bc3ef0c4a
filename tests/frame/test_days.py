"""Days and hours before a person: a day belongs to a calendar, and an hour names its zone."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from activities.models import Activity
from cme_portal.templatetags import days
from credits.models import LateGrant
from outbox.models import Message
from tests.credits.making import claim
from tests.factories import ActivityFactory, UserFactory

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
EVENING = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)  # still the 27th in Los Angeles
MAY_BE_THE_OFFICES = ("admin/", "outbox/sent_mail", "credits/transcript_print")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_no_template_writes_a_bare_date(path: Path) -> None:
    text, name = path.read_text(), path.relative_to(ROOT / "templates").as_posix()
    assert not re.search(r"\|\s*(date|time)\b", text), "Use the filters of cme_portal.templatetags.days."
    assert not re.search(r"\{\{ *([\w.]*(_at|until)|now) *\}\}", text), "An instant needs a zone."
    assert "UTC" not in text
    if not name.startswith(MAY_BE_THE_OFFICES):
        assert "_here" not in text, "Learners read the activity's zone: day_in, moment_in."


def drawn(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ moment|day_in:'America/Los_Angeles' }}", "November 27, 2026"),
        ("{{ moment|moment_in:'America/Los_Angeles' }}", "November 27, 2026, 6 p.m. PST"),
        ("{{ moment|day_here }}", "November 28, 2026"),
        ("{{ moment|moment_here }}", "November 28, 2026, 2 a.m. UTC"),
        ("{{ nothing|day_in:'UTC' }}{{ nothing|moment_in:'UTC' }}{{ nothing|day_here }}{{ nothing|moment_here }}", ""),
        ("{{ day|day }}, {{ day|short_day }}, {{ day|iso }}", "November 28, 2026, Nov 28, 2026, 2026-11-28"),
        ("{{ day|weekday }}, {{ day|month_day }}", "Saturday, November 28, November 28"),
        ("{{ day|short_weekday }}", "Sat, Nov 28"),
        ("{{ nothing|day }}", ""),
        ("{{ early|hour }}, {{ early|hours_until:noon }}", "8:30 a.m., 8:30 a.m.–noon"),
        ("{{ early|hours_until:nine }}", "8:30–9 a.m."),
        ("{{ nine|hours_until:late }}", "9 a.m.–5:15 p.m."),
    ],
)  # fmt: skip
def test_days_and_hours_in_words(template: str, words: str) -> None:
    context = {"moment": EVENING, "day": date(2026, 11, 28), "nothing": None}
    hours = {"early": time(8, 30), "nine": time(9), "noon": time(12), "late": time(17, 15)}
    assert drawn(template, **context, **hours) == words


def test_instant_is_refused_where_a_day_is_wanted() -> None:
    with pytest.raises(TypeError, match="no day of its own"):
        drawn("{{ moment|day }}", moment=EVENING)


@pytest.fixture
def meeting(db: None) -> Activity:
    return ActivityFactory(starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 30), claim_until_day=date(2026, 12, 19))


def test_learner_reads_the_activitys_own_day(client: Client, meeting: Activity) -> None:
    learner = UserFactory()
    made = claim(learner, meeting, "2.00", now=EVENING)
    client.force_login(learner)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "Claimed November 27, 2026" in page
    assert "after the activity has ended, on November 30, 2026" in page
    assert "December 1," not in page


def test_office_reads_its_own_zone_which_is_named(client: Client, meeting: Activity, settings: Settings) -> None:
    claim(UserFactory(), meeting, "2.00", now=EVENING)
    client.force_login(UserFactory(officer=True))
    settings.TIME_ZONE = "America/Chicago"
    assert "Nov. 27, 2026, 8 p.m. CST" in client.get("/admin/credits/claim/").content.decode()
    meeting.provider.time_zone = "America/New_York"
    meeting.provider.save()
    LateGrant.objects.create(
        activity=meeting, learner=UserFactory(), until=EVENING, granted_by=UserFactory(), granted_at=EVENING, reason="x"
    )
    page = client.get(f"/admin/credits/claim/late/{meeting.pk}/").content.decode()
    assert "November 27, 2026" in page
    assert timezone.get_current_timezone_name() == "America/Chicago"


def test_mail_names_the_day_of_the_activity(meeting: Activity) -> None:
    claim(UserFactory(), meeting, "2.00", now=EVENING)
    text = Message.objects.get().text
    assert "December 1," not in text


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (90, "90 minutes"), (120, "2 hours"), (150, "2 hours 30 minutes"), (1560, "26 hours")],
)
def test_long_times_are_told_in_hours(minutes: int, words: str) -> None:
    assert days.duration(minutes) == words
