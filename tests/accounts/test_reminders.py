"""Reminders are turned off by a signed address, with one click, and nothing else is."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.reminders import address_to_turn_off

pytestmark = pytest.mark.django_db


def test_one_click_turns_reminders_off(learner: User) -> None:
    path = address_to_turn_off(learner).partition("8000")[2]
    client = Client(enforce_csrf_checks=True)
    assert "Turn off reminders?" in client.get(path).content.decode()
    learner.refresh_from_db()
    assert learner.wants_reminders
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert "No more reminders" in answer.content.decode()
    learner.refresh_from_db()
    assert not learner.wants_reminders


def test_forged_address_is_not_found(client: Client, learner: User) -> None:
    path = address_to_turn_off(learner).partition("8000")[2]
    forged = path.replace(f"/{learner.pk}:", f"/{learner.pk + 1}:")
    assert forged != path
    assert client.post(forged).status_code == 404
    learner.delete()
    assert client.post(path).status_code == 404
