"""The profile page saves what boards need and refuses what they would not accept."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from django.test import Client, RequestFactory

from accounts import confirming
from accounts.models import Identifier, User
from audit.models import Event
from outbox.models import Message
from tests.signing_in import code_mailed, confirm, sign_in

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
    sign_in(client, learner.email)
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


class TestFreshSignIn:
    """Numbers and birthday decide who one is to a board: a session that is merely open does not change them."""

    @pytest.fixture
    def stale(self, client: Client, learner: User) -> Client:
        client.force_login(learner)
        return client

    @pytest.mark.parametrize("wish", [{"abim": "123456"}, {"birth_month": "2", "birth_day": "29"}])
    def test_stale_session_changes_no_number_and_keeps_what_was_typed(
        self, stale: Client, learner: User, wish: dict[str, str]
    ) -> None:
        typed = GOOD | {"abim": "", "birth_month": "", "birth_day": ""} | wish
        answer = stale.post("/profile/", typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Confirm first that it is you" in page
        assert "/accounts/reauthenticate/?next=%2Fprofile%2F" in page
        assert "MD, PhD" in page
        learner.refresh_from_db()
        assert (learner.identifiers.count(), learner.birth_month, learner.degrees) == (0, "", "MD")

    def test_stale_session_still_changes_a_name(self, stale: Client, learner: User) -> None:
        assert stale.post("/profile/", GOOD | {"abim": "", "birth_month": "", "birth_day": ""}).status_code == 302
        event = Event.objects.get(action="changed details")
        assert (event.before, event.after) == (
            {"degrees": "MD", "country": "United States"},
            {"degrees": "MD, PhD", "country": "Kenya"},
        )

    def test_code_makes_the_session_fresh(self, stale: Client, learner: User) -> None:
        assert confirm(stale, learner.email) == "/profile/"
        assert stale.post("/profile/", GOOD).status_code == 302
        assert Identifier.objects.get(user=learner).number == "123456"

    def test_change_is_told_and_recorded_without_the_number(self, signed_in: Client, learner: User) -> None:
        signed_in.post("/profile/", GOOD)
        signed_in.post("/profile/", GOOD | {"abim": "654321"})
        last = Event.objects.filter(action="changed registry numbers").first()
        assert last is not None
        assert (last.before, last.after) == ({"ABIM number": "…56"}, {"ABIM number": "…21"})
        mail = Message.objects.filter(subject="CME Portal: Your profile changed").latest("id")
        assert mail.to == learner.email
        assert "Changed: ABIM number." in mail.text
        assert "654321" not in mail.text + mail.html

    def test_wrong_codes_are_counted_and_another_one_can_be_had(self, stale: Client, learner: User) -> None:
        page = "/accounts/reauthenticate/?next=/profile/"
        assert stale.get(page).status_code == 200
        assert stale.post(page, {"code": ""}).status_code == 422
        for _ in range(3):
            answer = stale.post(page, {"code": "AAAA-AAAA"})
            assert answer.status_code == 422
            assert "This is not the code that we mailed last." in answer.content.decode()
        assert "This code is used up." in stale.post(page, {"code": "AAAA-AAAA"}).content.decode()
        assert stale.post(page, {"again": "1"}).status_code == 302
        assert confirm(stale, learner.email) == "/profile/"

    def test_codes_to_one_mailbox_are_limited(self, stale: Client) -> None:
        page = "/accounts/reauthenticate/"
        answers = [stale.post(page, {"again": "1"}).status_code for _ in range(6)]
        assert answers == [302] * 5 + [429]
        assert Message.objects.count() == 5
        stale.session.flush()

    def test_page_that_cannot_mail_a_code_says_so(self, stale: Client, learner: User) -> None:
        for _ in range(5):
            stale.post("/accounts/reauthenticate/", {"again": "1"})
        session = stale.session
        session.pop(confirming.KEY)
        session.save()
        assert stale.get("/accounts/reauthenticate/").status_code == 429

    def test_who_confirms_without_a_way_on_is_led_to_the_start(self, stale: Client, learner: User) -> None:
        stale.get("/accounts/reauthenticate/")
        code = code_mailed(learner.email, "confirm that it is you")
        answer = stale.post("/accounts/reauthenticate/", {"code": code})
        assert (answer.status_code, answer["Location"]) == (302, "/")

    def test_fresh_session_need_not_confirm(self, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accounts.adapter.fresh.is_fresh", lambda _request: True)
        assert get_adapter(rf.get("/")).is_reauthentication_required() is False
        monkeypatch.setattr("accounts.adapter.fresh.is_fresh", lambda _request: False)
        with pytest.raises(ReauthenticationRequired):
            get_adapter(rf.get("/")).is_reauthentication_required()

    def test_confirming_needs_somebody_signed_in(self, client: Client, db: None) -> None:
        assert client.get("/accounts/reauthenticate/").status_code == 302
