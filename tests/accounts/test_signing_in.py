"""Signing in by code and by password, opening an account, and the limits on guessing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_out
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import Identifier, User
from accounts.tasks import forget_sessions, forget_unproven_accounts
from audit.models import Event
from outbox.models import Message
from tests.factories import UserFactory
from tests.signing_in import ASK, CONFIRM, code_mailed, sign_in

pytestmark = pytest.mark.django_db
NEW = "new@example.org"
PASSWORD = "a password of some length"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def signed_up_by_somebody_else(address: str) -> User:
    """An account of before the address was proved, with a password and details that somebody typed."""
    user = User.objects.create_user(address, "attackers-own-pass-1", first_name="Vera", last_name="V", degrees="MD")
    User.objects.filter(pk=user.pk).update(profession="physician")
    EmailAddress.objects.create(user=user, email=address, primary=True, verified=False)
    Identifier.objects.create(user=user, registry="ABIM", number="654321")
    user.refresh_from_db()
    return user


def described(user: User) -> tuple[str, str, str, bool, int]:
    user.refresh_from_db()
    numbers = user.identifiers.count()
    return user.display_name, user.profession, user.degrees, user.has_usable_password(), numbers


class TestByCode:
    def test_code_signs_in_and_leads_to_where_the_learner_was_going(self, client: Client, learner: User) -> None:
        assert sign_in(client, learner.email.upper()) == "/credits/"
        assert client.get("/credits/").status_code == 200

    def test_wrong_code_does_not_sign_in(self, client: Client, learner: User) -> None:
        client.post(ASK, {"email": learner.email})
        client.post(CONFIRM, {"code": "AAAA-AAAA"})
        assert client.get("/credits/").status_code == 302
        assert Event.objects.get(action="failed to sign in").subject == str(learner)

    def test_mail_is_a_row_with_text_and_html(self, client: Client, learner: User) -> None:
        client.post(ASK, {"email": learner.email})
        message = Message.objects.get()
        assert message.subject == "CME Portal: Your sign-in code"
        assert code_mailed(learner.email) in message.html
        assert message.text.rstrip().endswith("CME Portal")
        assert "give it to nobody" in message.text

    def test_sign_in_and_sign_out_are_in_the_trail(self, client: Client, learner: User) -> None:
        sign_in(client, learner.email)
        client.post("/accounts/logout/")
        events = Event.objects.order_by("id").values_list("action", "actor_id", "after")
        assert list(events) == [("signed in", learner.pk, {"by": "code"}), ("signed out", learner.pk, {})]

    def test_switched_off_account_is_told_by_mail_alone(self, client: Client, learner: User) -> None:
        known = Client().post(ASK, {"email": UserFactory().email})
        User.objects.filter(pk=learner.pk).update(is_active=False)
        assert client.post(ASK, {"email": learner.email}).url == known.url  # type: ignore[attr-defined]
        assert "is switched off" in Message.objects.get(to=learner.email).text

    def test_address_that_somebody_added_and_never_proved_is_not_theirs(self, client: Client, learner: User) -> None:
        EmailAddress.objects.create(user=learner, email=NEW, verified=False)
        sign_in(client, NEW)
        assert client.get("/credits/").wsgi_request.user != learner


class TestOpeningAnAccount:
    def test_new_address_opens_an_empty_account_and_asks_for_name_and_profession(self, client: Client) -> None:
        assert sign_in(client, NEW) == "/profile/?next=%2Fcredits%2F"
        user = User.objects.get(email=NEW)
        assert described(user) == ("", "", "", False, 0)
        assert EmailAddress.objects.get(user=user).verified
        page = client.get("/profile/?next=/credits/")
        assert page.context["newcomer"]
        details = {"first_name": "Noor", "last_name": "Lind", "profession": "nurse", "next": "/credits/"}
        assert client.post("/profile/", details).url == "/credits/"  # type: ignore[attr-defined]
        assert described(user)[:2] == ("Noor Lind", "nurse")

    def test_mail_to_a_new_address_says_what_the_code_does(self, client: Client) -> None:
        client.post(ASK, {"email": NEW})
        assert "There is no account with this address yet; the code opens one." in Message.objects.get().text

    def test_page_to_sign_up_is_the_page_to_sign_in(self, client: Client) -> None:
        answer = client.get("/accounts/signup/?next=/credits/")
        assert answer.url == f"{ASK}?next=/credits/"  # type: ignore[attr-defined]
        client.post("/accounts/signup/", {"email": NEW, "password1": PASSWORD, "first_name": "Vera"})
        assert not User.objects.exists()

    def test_known_and_unknown_addresses_take_the_same_way(self, learner: User) -> None:
        """The same page follows, no password is hashed, and the one difference are the two rows of the account."""
        written, pages = [], []
        for address in (learner.email, NEW):
            with CaptureQueriesContext(connection) as queries:
                pages.append(Client().post(ASK, {"email": address})["Location"])
            written.append(Counter(row["sql"].split()[0] for row in queries.captured_queries))
        assert pages[0] == pages[1]
        assert sum((written[1] - written[0]).values()) <= 8
        assert (written[1] - written[0])["INSERT"] <= 2

    @pytest.mark.usefixtures("committed")
    def test_two_at_once_open_one_account(self) -> None:
        def ask(_number: int) -> int:
            try:
                return Client().post(ASK, {"email": NEW}).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(ask, range(4))) == {302}
        assert User.objects.filter(email=NEW).count() == 1


class TestWhoSignedUpFirst:
    """Nothing that was typed before an address was proved authenticates or describes its owner."""

    def test_code_sign_in_drops_password_details_and_numbers(self, client: Client) -> None:
        user = signed_up_by_somebody_else(NEW)
        sign_in(client, NEW)
        assert described(user) == ("", "", "", False, 0)
        assert client.get("/credits/").status_code == 200
        attacker = Client()
        attacker.post("/accounts/login/", {"login": NEW, "password": "attackers-own-pass-1"})
        assert attacker.get("/profile/").status_code == 302

    def test_reset_drops_them_too_and_keeps_the_new_password(self, client: Client) -> None:
        user = signed_up_by_somebody_else(NEW)
        client.post("/accounts/password/reset/", {"email": NEW})
        code = code_mailed(NEW, "new password")
        client.post(reverse("account_confirm_password_reset_code"), {"code": code}, follow=True)
        chosen = {"password1": PASSWORD, "password2": PASSWORD}
        client.post(reverse("account_complete_password_reset"), chosen, follow=True)
        assert described(user) == ("", "", "", True, 0)
        assert user.check_password(PASSWORD)
        assert client.get("/credits/").status_code == 200

    def test_what_the_office_entered_stays(self, client: Client) -> None:
        user = signed_up_by_somebody_else(NEW)
        User.objects.filter(pk=user.pk).update(entered_by_office=True)
        assert sign_in(client, NEW) == "/credits/"
        assert described(user) == ("Vera V, MD", "physician", "MD", False, 1)

    def test_somebody_known_who_proves_another_address_keeps_everything(self, client: Client, learner: User) -> None:
        sign_in(client, learner.email)
        learner.set_password(PASSWORD)
        learner.email = NEW
        learner.save()
        services.change_address(user=learner, earlier="old@example.org", actor=None)
        sign_in(Client(), NEW)
        assert described(learner)[0] == "Ada Okafor, MD"

    def test_accounts_that_nobody_proved_go_after_a_day(self, learner: User) -> None:
        yesterday = timezone.now() - timedelta(days=1, seconds=1)
        Client().post(ASK, {"email": NEW})
        forget_unproven_accounts(timezone.now())
        assert User.objects.filter(email=NEW).exists()
        office = UserFactory(entered_by_office=True, email="entered@example.org")
        EmailAddress.objects.filter(user=office).delete()
        User.objects.create_superuser("root@example.org", PASSWORD)
        User.objects.update(date_joined=yesterday)
        forget_unproven_accounts(timezone.now())
        left = {learner.email, "entered@example.org", "root@example.org"}
        assert set(User.objects.values_list("email", flat=True)) == left

    def test_sessions_that_are_over_go(self, client: Client) -> None:
        client.post(ASK, {"email": NEW})
        forget_sessions(timezone.now())
        assert client.session.model.objects.count() == 1
        forget_sessions(timezone.now() + timedelta(hours=9))
        assert client.session.model.objects.count() == 0


class TestByPassword:
    def test_password_signs_in_and_guessing_is_limited(self, client: Client) -> None:
        user = UserFactory()
        user.set_password(PASSWORD)
        user.save()
        for _ in range(5):
            client.post("/accounts/login/", {"login": user.email, "password": "a wrong guess"})
        answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        assert b"Too many failed login attempts" in answer.content
        assert Event.objects.filter(action="failed to sign in", after={"by": "password"}).count() == 5
        cache.clear()
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        assert client.get("/credits/").status_code == 200

    def test_wrong_address_is_no_event(self, client: Client) -> None:
        client.post("/accounts/login/", {"login": "nobody@example.org", "password": PASSWORD})
        assert not Event.objects.exists()

    def test_forgotten_password_is_replaced_by_a_code(self, client: Client, learner: User) -> None:
        client.post("/accounts/password/reset/", {"email": learner.email})
        code = code_mailed(learner.email, "new password")
        client.post(reverse("account_confirm_password_reset_code"), {"code": code}, follow=True)
        new = {"password1": "another password altogether", "password2": "another password altogether"}
        client.post(reverse("account_complete_password_reset"), new, follow=True)
        learner.refresh_from_db()
        assert learner.check_password("another password altogether")
        assert Message.objects.filter(subject="CME Portal: Your password changed", to=learner.email).count() == 1
        assert Event.objects.filter(action="changed the password").count() == 1

    def test_reset_for_an_address_that_nobody_has_is_told_by_mail(self, client: Client, learner: User) -> None:
        answers = [client.post("/accounts/password/reset/", {"email": to}).url for to in (learner.email, NEW)]  # type: ignore[attr-defined]
        assert answers[0] == answers[1]
        assert "there is no account" in Message.objects.get(to=NEW).text
        assert not User.objects.filter(email=NEW).exists()


class TestLimits:
    def test_asking_for_codes_is_limited_per_mailbox_by_minute_and_hour(self, learner: User) -> None:
        for _ in range(8):
            Client().post(ASK, {"email": learner.email})
        assert Message.objects.filter(to=learner.email).count() == 5

    def test_many_guesses_at_once_are_three(self, client: Client, learner: User) -> None:
        client.post(ASK, {"email": learner.email})
        session = client.session
        right = code_mailed(learner.email)
        for _ in range(3):
            session.save()  # as each of many requests at once, which all read the session before one has written it
            client.post(CONFIRM, {"code": "AAAA-AAAA"})
        session.save()
        answer = client.post(CONFIRM, {"code": right})
        assert b"Too many wrong codes." in answer.content
        assert client.get("/credits/").status_code == 302


def test_nobody_signs_up_but_by_signing_in(rf: RequestFactory) -> None:
    assert not get_adapter().is_open_for_signup(rf.get("/"))


def test_signing_out_without_anybody_signed_in_is_no_event(db: None) -> None:
    user_logged_out.send(User, request=None, user=None)
    assert not Event.objects.filter(action="signed out").exists()


def test_number_that_is_known_stays(learner: User) -> None:
    for number in ("123456", "654321"):
        services.remember_board_identity(user=learner, registry="ABIM", number=number, birth_month=2, birth_day=29)
    assert learner.identifiers.get().number == "123456"
