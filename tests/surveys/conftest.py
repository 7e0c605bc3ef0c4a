"""A learner in front of the Request for Credit."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity
from surveys.models import Question

Fill = Callable[..., None]
MOC = {
    "wants_moc": "yes",
    "board_number": "123456",
    "given_name": "Ada",
    "family_name": "Okafor",
    "birth_month": "2",
    "birth_day": "29",
    "permission": "on",
}


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def address(activity: Activity, key: str = "") -> str:
    """The address of a page of the request."""
    return f"/activities/{activity.slug}/request/" + (f"{key}/" if key else "")


def submit(client: Client, activity: Activity) -> Any:
    """Attest what the check page shows at this moment."""
    page = client.get(address(activity, "check"))
    seen = re.search(r'name="seen" value="(\w+)"', page.content.decode())
    return client.post(address(activity, "check"), {"attested": "on", "seen": seen[1] if seen else ""})


def evaluation(activity: Activity) -> dict[str, Any]:
    """Return an answer to every question."""
    answers = {Question.Kind.SINGLE: "Yes", Question.Kind.MULTIPLE: ["Yes", "No"], Question.Kind.TEXT: "Much 🙂 سرطان"}
    questions = Question.objects.filter(survey__activity=activity)
    return {question.field_name: answers[Question.Kind(question.kind)] for question in questions}


@pytest.fixture
def fill(signed_in: Client, activity: Activity) -> Fill:
    """Return a function that fills the pages before the check."""

    def fill_pages(amount: str = "12.25", moc: dict[str, str] | None = None) -> None:
        signed_in.post(address(activity, "credit"), {"amount": amount})
        signed_in.post(address(activity, "moc"), moc or {"wants_moc": "no"})
        signed_in.post(address(activity, "evaluation"), evaluation(activity))

    return fill_pages
