"""A learner in front of the Request for Credit."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity
from surveys.models import Question
from tests.signing_in import sign_in_quietly

Fill = Callable[..., None]
MOC = {
    "wants_moc": "yes",
    "number_ABIM": "123456",
    "given_name": "Ada",
    "family_name": "Okafor",
    "birth_month": "2",
    "birth_day": "29",
    "permission": "on",
}


WRITTEN = {
    "text": "Much 🙂 سرطان",
    "short": "Short",
    "commitment": "I will test.",
    "number": "1.5",
    "date": "2026-06-01",
}


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    sign_in_quietly(client, learner)
    return client


def address(activity: Activity, key: str = "", kind: str = "request") -> str:
    """The address of a page of the request, or of another kind of survey."""
    return f"/activities/{activity.slug}/{kind}/" + (f"{key}/" if key else "")


def submit(client: Client, activity: Activity, kind: str = "request") -> Any:
    """Attest what the check page shows at this moment."""
    page = client.get(address(activity, "check", kind))
    seen = re.search(r'name="seen" value="(\w+)"', page.content.decode())
    return client.post(address(activity, "check", kind), {"attested": "on", "seen": seen[1] if seen else ""})


def evaluation(activity: Activity, kind: str = "request") -> dict[str, Any]:
    """Return an answer to every question: the first choice, of several the first two."""
    questions = Question.objects.filter(survey__activity=activity, survey__kind=kind, survey__state="in_use")
    answers: dict[str, Any] = {}
    for question in questions.prefetch_related("choices", "rows"):
        choices = [str(choice.pk) for choice in question.choices.all()]
        for name in question.field_names:
            answers[name] = (
                choices[:2] if question.kind == "multiple" else choices[0] if choices else WRITTEN[question.kind]
            )
    return answers


@pytest.fixture
def fill(signed_in: Client, activity: Activity) -> Fill:
    """Return a function that fills the pages before the check; where there are sessions, all of them are chosen."""

    def fill_pages(amount: str = "12.25", moc: dict[str, str] | None = None) -> None:
        chosen = {f"session_{pk}": "on" for pk in activity.sessions.values_list("pk", flat=True)}
        signed_in.post(address(activity, "credit"), chosen or {"amount": amount})
        signed_in.post(address(activity, "moc"), moc or {"wants_moc": "no"})
        signed_in.post(address(activity, "questions"), evaluation(activity))

    return fill_pages
