"""The three examples load, twice without harm, moved in time or as they were published."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from activities.models import Activity, CommercialSupport, CreditDesignation, Objective, Relationship
from surveys.models import Choice, Question

pytestmark = pytest.mark.django_db


def counts() -> list[int]:
    models = (Activity, CreditDesignation, Objective, Relationship, CommercialSupport, Question, Choice, User)
    return [model.objects.count() for model in models]


def test_loading_twice_changes_nothing() -> None:
    call_command("load_demo", people=True, verbosity=0)
    first = counts()
    call_command("load_demo", people=True, verbosity=0)
    assert counts() == first
    assert first[0] == 3
    assert first[-1] == 2


def test_live_meeting_ended_three_days_ago_and_can_be_claimed_for_three_weeks() -> None:
    call_command("load_demo", verbosity=0)
    meeting, today = Activity.objects.get(slug="cancer-metastasis"), timezone.now().date()
    assert (today - meeting.ends_on, meeting.claim_until_day - today) == (timedelta(days=3), timedelta(days=21))
    assert meeting.ends_on - meeting.starts_on == timedelta(days=3)


def test_as_published_keeps_the_real_dates() -> None:
    call_command("load_demo", as_published=True, verbosity=0)
    meeting = Activity.objects.get(slug="cancer-metastasis")
    assert (meeting.starts_on, meeting.ends_on) == (date(2022, 1, 24), date(2022, 1, 27))
    assert meeting.deadline_in_words == "Wednesday, February 23, 2022, 11:59 p.m. PST (Portland)"
    assert Activity.objects.get(slug="her2-breast-cancer").ends_on == date(2023, 2, 25)


def test_if_empty_leaves_what_is_there_alone() -> None:
    call_command("load_demo", as_published=True, verbosity=0)
    call_command("start_demo", verbosity=0)
    assert Activity.objects.get(slug="cancer-metastasis").ends_on == date(2022, 1, 27)


def test_people_with_a_known_password_need_a_demonstration(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="set DEMO=true"):
        call_command("load_demo", people=True)
    assert not User.objects.exists()


def test_officer_works_in_the_office_and_not_on_logins(client: Client) -> None:
    call_command("load_demo", people=True, verbosity=0)
    client.force_login(User.objects.get(email="officer@example.org"))
    assert client.get("/admin/activities/activity/").status_code == 200
    assert client.get("/admin/accounts/user/").status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 403
    person = User.objects.get(email="learner@example.org")
    assert client.post(f"/admin/accounts/user/{person.pk}/change/", {}).status_code == 403


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("cancer-metastasis", ["18.50 <em>AMA PRA Category 1 Credit(s)</em>™", "The supporters will be named at the",
                               "18.50 Medical Knowledge MOC points", "(215) 440-9300", "Discuss the metabolic"]),
        ("annual-meeting", ["is jointly accredited by", "38.75 ANCC contact hours", "(3.875 CEUs)", "Tesaro"]),
        ("her2-breast-cancer", ["enduring material", "educational grant from Seagen", "UpToDate", "60 minutes"]),
    ],
)  # fmt: skip
def test_each_page_says_its_facts(client: Client, slug: str, words: list[str]) -> None:
    call_command("load_demo", verbosity=0)
    page = client.get(f"/activities/{slug}/").content.decode()
    assert [word for word in words if word not in page] == []
