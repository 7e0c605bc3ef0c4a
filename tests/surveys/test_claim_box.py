"""The claim box on the activity's page: what this visitor can earn, and the next step."""

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.conftest import Fill, address, submit

pytestmark = pytest.mark.django_db


def box(client: Client, activity: Activity) -> str:
    page = client.get(activity.get_absolute_url()).content.decode()
    return page[page.index('class="claim-box"') :]


def test_visitor_is_led_to_sign_in(client: Client, activity: Activity) -> None:
    assert "Sign in and claim" in box(client, activity)
    assert "weeks left" in box(client, activity).replace("\xa0", " ")


def test_visitor_who_comes_too_late_is_told_whom_to_ask(client: Client) -> None:
    late = box(client, ActivityFactory(over=True))
    assert "Credit can no longer be claimed." in late
    assert "Sign in and claim" not in late


def test_learner_sees_their_own_credit_and_the_next_step(client: Client, learner: User, activity: Activity) -> None:
    client.force_login(learner)
    shown = box(client, activity)
    assert "Physician (MD, DO or equivalent)" in shown
    assert f'href="{address(activity)}">Request your credit' in shown


def test_request_that_was_begun_is_continued(signed_in: Client, activity: Activity) -> None:
    signed_in.post(address(activity, "credit"), {"amount": "7"})
    assert "Continue your request" in box(signed_in, activity)


def test_newcomer_is_led_to_the_profile(client: Client, activity: Activity) -> None:
    client.force_login(UserFactory(newcomer=True))
    assert "Complete your details" in box(client, activity)


def test_learner_who_has_claimed_is_led_to_what_was_awarded(signed_in: Client, activity: Activity, fill: Fill) -> None:
    fill()
    submit(signed_in, activity)
    assert "See what was awarded" in box(signed_in, activity)


def test_learner_before_the_start_has_nothing_to_press(client: Client, learner: User) -> None:
    client.force_login(learner)
    shown = box(client, ActivityFactory(to_come=True))
    assert "Credit can be requested from" in shown
    assert "btn-primary" not in shown
