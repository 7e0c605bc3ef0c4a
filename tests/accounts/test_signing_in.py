"""Signing in by code and by password, signing up, and the limits on guessing."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outbox.models import Message
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def code_mailed(subject: str) -> str:
    message = Message.objects.filter(subject__contains=subject).latest("id")
    found = re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", message.text, re.MULTILINE)
    assert found
    return found[1]


def test_code_signs_in_and_leads_to_where_the_learner_was_going(client: Client, learner: User) -> None:
    client.post("/accounts/login/code/", {"email": learner.email.upper(), "next": "/credits/"})
    answer = client.post("/accounts/login/code/confirm/", {"code": code_mailed("sign-in code"), "next": "/credits/"})
    assert answer.url == "/credits/"  # type: ignore[attr-defined]
    assert client.get("/credits/").status_code == 200


def test_wrong_code_does_not_sign_in(client: Client, learner: User) -> None:
    client.post("/accounts/login/code/", {"email": learner.email})
    client.post("/accounts/login/code/confirm/", {"code": "AAAA-AAAA"})
    assert client.get("/credits/").status_code == 302


def test_unknown_address_is_told_by_mail_and_not_on_the_page() -> None:
    known, unknown = UserFactory(), "nobody@example.org"
    answers = [Client().post("/accounts/login/code/", {"email": address}) for address in (known.email, unknown)]
    assert answers[0].url == answers[1].url  # type: ignore[attr-defined]
    assert "there is no account" in Message.objects.get(to=unknown).text


def test_code_mail_is_a_row_with_text_and_html(client: Client, learner: User) -> None:
    client.post("/accounts/login/code/", {"email": learner.email})
    message = Message.objects.get()
    assert message.subject == "CME Portal: Your sign-in code"
    assert code_mailed("sign-in code") in message.html
    assert message.text.rstrip().endswith("CME Portal")


def test_password_signs_in_and_guessing_is_limited(client: Client) -> None:
    user = UserFactory()
    user.set_password("a password of some length")
    user.save()
    for _ in range(5):
        client.post("/accounts/login/", {"login": user.email, "password": "a wrong guess"})
    answer = client.post("/accounts/login/", {"login": user.email, "password": "a password of some length"})
    assert b"Too many failed login attempts" in answer.content
    cache.clear()
    client.post("/accounts/login/", {"login": user.email, "password": "a password of some length"})
    assert client.get("/credits/").status_code == 200


def test_asking_for_codes_is_limited_per_person(learner: User) -> None:
    for _ in range(8):
        Client().post("/accounts/login/code/", {"email": learner.email})
    assert Message.objects.filter(to=learner.email).count() == 5


def test_forgotten_password_is_replaced_by_a_code(client: Client, learner: User) -> None:
    client.post("/accounts/password/reset/", {"email": learner.email})
    client.post(reverse("account_confirm_password_reset_code"), {"code": code_mailed("new password")}, follow=True)
    new = "another password altogether"
    client.post(reverse("account_complete_password_reset"), {"password1": new, "password2": new}, follow=True)
    learner.refresh_from_db()
    assert learner.check_password(new)


SIGN_UP = {"email": "new@example.org", "first_name": "Noor", "last_name": "Lind", "profession": "nurse"}


def test_sign_up_without_a_password_makes_a_person_with_details(client: Client) -> None:
    client.post("/accounts/signup/", SIGN_UP)
    client.post("/accounts/confirm-email/", {"code": code_mailed("Confirm your address")})
    user = User.objects.get(email="new@example.org")
    assert (user.first_name, user.profession, user.has_usable_password()) == ("Noor", "nurse", False)
    assert client.get("/credits/").status_code == 200


def test_sign_up_with_a_password_keeps_it(client: Client) -> None:
    client.post("/accounts/signup/", SIGN_UP | {"password1": "a password of some length"})
    assert User.objects.get(email="new@example.org").check_password("a password of some length")


def test_sign_up_asks_for_the_profession(client: Client) -> None:
    answer = client.post("/accounts/signup/", SIGN_UP | {"profession": ""})
    assert b"This field is required." in answer.content
    assert not User.objects.exists()


def test_sign_up_with_a_known_address_tells_its_owner_by_mail(client: Client, learner: User) -> None:
    client.post("/accounts/signup/", SIGN_UP | {"email": learner.email})
    assert Message.objects.get().subject == "CME Portal: You already have an account"
