"""The profile page saves what boards need and refuses what they would not accept."""

import pytest
from django.test import Client

from accounts.models import Identifier, User

GOOD = {
    "first_name": "Ada",
    "last_name": "Okafor",
    "degrees": "MD, PhD",
    "profession": "physician",
    "country": "Kenya",
    "birth_month": "2",
    "birth_day": "29",
    "abim": "123456",
    "npi": "",
    "nabp": "",
}


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def test_profile_is_saved_with_its_numbers(signed_in: Client, learner: User) -> None:
    answer = signed_in.post("/profile/", GOOD)
    learner.refresh_from_db()
    assert answer.url == "/profile/"  # type: ignore[attr-defined]
    assert (learner.degrees, learner.birth_month, learner.birth_day) == ("MD, PhD", "2", "29")
    assert Identifier.objects.get(user=learner).number == "123456"


def test_pasted_number_loses_its_spaces_and_its_name(signed_in: Client, learner: User) -> None:
    signed_in.post("/profile/", GOOD | {"abim": "ABIM #123 456"})
    assert Identifier.objects.get(user=learner).number == "123456"


def test_birthday_may_stay_unsaid(signed_in: Client, learner: User) -> None:
    assert signed_in.post("/profile/", GOOD | {"birth_month": "", "birth_day": ""}).status_code == 302


def test_number_can_be_replaced_and_removed(signed_in: Client, learner: User) -> None:
    signed_in.post("/profile/", GOOD)
    signed_in.post("/profile/", GOOD | {"abim": "654321"})
    assert [row.number for row in learner.identifiers.all()] == ["654321"]
    assert b'value="654321"' in signed_in.get("/profile/").content
    signed_in.post("/profile/", GOOD | {"abim": ""})
    assert learner.identifiers.count() == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"birth_month": "6", "birth_day": "31"}, "June has days 1 to 30"),
        ({"birth_month": "6", "birth_day": ""}, "Give both the month and the day of birth."),
        ({"abim": "12"}, "An ABIM number has 6 digits"),
        ({"profession": ""}, "This field is required."),
    ],
)
def test_wrong_details_are_refused_in_words_and_stay_on_the_page(
    signed_in: Client, learner: User, wrong: dict[str, str], words: str
) -> None:
    answer = signed_in.post("/profile/", GOOD | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "MD, PhD" in answer.content.decode()
    learner.refresh_from_db()
    assert learner.degrees == "MD"


def test_saving_goes_on_to_where_the_learner_was_going(signed_in: Client) -> None:
    assert signed_in.post("/profile/", GOOD | {"next": "/activities/x/"}).url == "/activities/x/"  # type: ignore[attr-defined]
    assert signed_in.post("/profile/", GOOD | {"next": "foo"}).status_code == 302
    assert signed_in.post("/profile/", GOOD | {"next": "https://elsewhere.example/"}).url == "/profile/"  # type: ignore[attr-defined]


def test_profile_needs_somebody_signed_in(client: Client, db: None) -> None:
    assert client.get("/profile/").url == "/accounts/login/code/?next=/profile/"  # type: ignore[attr-defined]
