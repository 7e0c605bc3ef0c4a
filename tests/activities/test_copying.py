"""Next year's activity: dates moved, what belongs to one year left behind."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from activities.models import Activity, CreditDesignation
from activities.services import copying
from audit.models import Event
from surveys.models import Question, Survey
from tests.activities.making import edit, perfect, support
from tests.factories import UserFactory, make_sessions

pytestmark = pytest.mark.django_db


def whole() -> Activity:
    activity = perfect(moc="18.50", questions=3, support_state="named")
    CreditDesignation.objects.create(
        activity=activity,
        credit_type="acpe",
        maximum=Decimal(1),
        uan="1234-0000-22-001-L01-P",
        live_date=activity.starts_on,
        approved_until=activity.ends_on,
    )
    activity.moc_registrations.update(claim_until_day=activity.claim_until_day)
    activity.roles.update(exception="research")
    activity.partners.create(name="Example Hospital")
    make_sessions(activity, 3)
    support()(activity)
    edit("off_label", "Ours.")(activity)
    return activity


def test_copy_moves_every_date_and_leaves_behind_what_belongs_to_one_year() -> None:
    activity = whole()
    start = activity.starts_on + timedelta(days=364)
    officer = UserFactory(officer=True)
    made = copying.copy(activity=activity, starts_on=start, title="Next year", actor=officer, now=timezone.now())
    made = Activity.objects.get(pk=made.pk)
    assert (made.state, made.pars_id, made.slug, made.title) == ("draft", "", "next-year", "Next year")
    assert made.code != activity.code
    assert [made.ends_on - activity.ends_on, made.claim_until_day - activity.claim_until_day] == [timedelta(364)] * 2
    assert made.claim_until - activity.claim_until in {timedelta(364, hours) for hours in (-3600, 0, 3600)}
    acpe = made.designations.get(credit_type="acpe")
    assert (acpe.uan, acpe.live_date, acpe.approved_until) == ("", start, None)
    assert made.moc_registrations.get().claim_until_day == made.claim_until_day
    assert [row.day for row in made.sessions.all()] == [start] * 3
    assert [row.exception for row in made.roles.all()] == [""]
    assert [row.name for row in made.partners.all()] == ["Example Hospital"]
    assert [made.support.count(), made.judgements.count(), made.statement_edits.count()] == [0, 0, 0]
    assert made.objectives.get().text == "Discuss it."
    assert list(made.related.all()) == [activity]
    assert Event.objects.get(action="copied").actor_id == officer.pk


def test_questions_come_along() -> None:
    activity = whole()
    made = copying.copy(
        activity=activity, starts_on=date(2030, 1, 1), title="Next", actor=UserFactory(officer=True), now=timezone.now()
    )
    kept = [
        list(Question.objects.filter(survey__activity=row).values_list("kind", "text", "required", "required_for_moc"))
        for row in (activity, made)
    ]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 3


def test_original_is_untouched_and_without_a_survey_none_is_made() -> None:
    activity = whole()
    Survey.objects.all().delete()
    before = Activity.objects.values().get(pk=activity.pk)
    copying.copy(
        activity=activity, starts_on=date(2030, 1, 1), title="Next", actor=UserFactory(officer=True), now=timezone.now()
    )
    assert Activity.objects.values().get(pk=activity.pk) == before
    assert not Survey.objects.exists()


def test_address_is_always_a_free_one() -> None:
    perfect(slug="next-year")
    perfect(slug="next-year-2", absence_as_group=True)
    assert copying.free_slug("Next year") == "next-year-3"
    assert copying.free_slug("†") == "activity"


def test_desk(client: Client) -> None:
    activity = whole()
    client.force_login(UserFactory(officer=True))
    desk = f"/admin/activities/activity/{activity.pk}/copy/"
    assert client.get(desk).status_code == 200
    empty = client.post(desk, {"title": "Next", "starts_on": ""})
    assert (empty.status_code, b"Enter the first day." in empty.content) == (422, True)
    answer = client.post(desk, {"title": "Next", "starts_on": "2030-01-01"})
    made = Activity.objects.get(slug="next")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/activities/activity/{made.pk}/change/")
    refused = client.post(desk, {"title": "Too early", "starts_on": "1800-01-01"})
    assert (refused.status_code, b"Give a day between 1990 and 2100." in refused.content) == (422, True)
    client.force_login(UserFactory(is_staff=True))
    assert client.post(desk, {"title": "Next", "starts_on": "2030-01-01"}).status_code == 403


def test_year_with_a_leap_day_is_copied_into_one_without() -> None:
    days = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31), "claim_until_day": date(2025, 1, 31)}
    activity = perfect(format="series", **days)
    make_sessions(activity, 1)
    made = copying.copy(
        activity=activity, starts_on=date(2025, 1, 1), title="Next", actor=UserFactory(officer=True), now=timezone.now()
    )
    assert (made.ends_on, made.claim_until_day) == (date(2025, 12, 31), date(2026, 1, 31))
