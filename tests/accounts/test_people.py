"""People, their addresses, and their identifiers."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest
from django.test import Client

from accounts import signed_in
from accounts.identifiers import check_identifier
from accounts.models import Consent, Identifier, User
from audit.models import Event
from outbox.models import Message
from tests.factories import UserFactory
from tests.office_forms import form_of
from tests.signing_in import code_mailed, sign_in

NO_INLINES = dict.fromkeys(
    (f"{name}-{count}_FORMS" for name in ("identifiers", "consents") for count in ("TOTAL", "INITIAL")), "0"
)


def test_address_is_kept_in_lower_case(db: None) -> None:
    assert User.objects.create_user(" Ada@Example.ORG ").email == "ada@example.org"


def test_the_same_address_in_capitals_is_the_same_address(learner: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create_user(learner.email.upper())


def test_superuser_may_enter_the_office(db: None) -> None:
    user = User.objects.create_superuser("root@example.org", "a long password")
    assert (user.is_staff, user.is_superuser, user.check_password("a long password")) == (True, True, True)


def test_display_name_carries_degrees_and_falls_back_to_the_address() -> None:
    assert str(User(email="a@b.org", first_name="Ada", last_name="Okafor", degrees="MD")) == "Ada Okafor, MD"
    assert str(User(email="a@b.org", first_name="Ada", last_name="Okafor")) == "Ada Okafor"
    assert str(User(email="a@b.org")) == "a@b.org"


def test_birthday_that_does_not_exist_is_refused(db: None) -> None:
    with pytest.raises(ValidationError):
        UserFactory.build(birth_month="6", birth_day="31", password="x").full_clean()
    UserFactory.build(password="x").full_clean()


@pytest.mark.parametrize(
    ("registry", "number"),
    [("ABIM", "12345"), ("ABIM", "12345A"), ("NPI", "123456789"), ("NABP", "x"), ("LICENSE", "<b>")],
)
def test_number_of_the_wrong_form_is_refused(registry: str, number: str) -> None:
    with pytest.raises(ValidationError):
        check_identifier(registry, number)


def test_license_needs_its_state_and_others_have_none(learner: User) -> None:
    with pytest.raises(ValidationError):
        Identifier(user=learner, registry="LICENSE", number="A1").clean()
    with pytest.raises(IntegrityError):
        Identifier.objects.create(user=learner, registry="ABIM", number="123456", state="Maine")


def test_identifier_and_consent_tell_what_they_are(learner: User) -> None:
    license_ = Identifier(user=learner, registry="LICENSE", number="A1", state="Maine")
    license_.clean()
    consent = Consent.objects.create(user=learner, purpose="report to boards", text="Yes.")
    assert (str(license_), str(consent)) == ("State license", f"report to boards, {consent.given_at:%Y-%m-%d}")


def test_only_superusers_delete_staff_or_several_people(client: Client, learner: User) -> None:
    boss, clerk = UserFactory(officer=True), UserFactory(is_staff=True)
    may = Permission.objects.filter(codename__in=["delete_user", "view_user", "delete_emailaddress"])
    clerk.user_permissions.add(*may)
    client.force_login(clerk)
    assert client.post(f"/admin/accounts/user/{boss.pk}/delete/", {"post": "yes"}).status_code == 403
    assert b"delete_selected" not in client.get("/admin/accounts/user/").content
    assert client.post(f"/admin/accounts/user/{learner.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(User.objects.filter(pk__in=[boss.pk, learner.pk])) == [boss]


def test_only_superusers_change_staff_or_make_them(client: Client, learner: User) -> None:
    root = UserFactory(officer=True)
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(clerk)
    own, other = (f"/admin/accounts/user/{user.pk}/change/" for user in (root, learner))
    assert client.post(own, {"is_superuser": "on"}).status_code == 403
    page = client.get(other).content.decode()
    assert 'name="first_name"' in page
    assert 'name="is_superuser"' not in page
    client.force_login(root)
    assert 'name="is_superuser"' in client.get(other).content.decode()


def test_officer_adds_a_person_who_signs_in_by_code(client: Client, db: None) -> None:
    client.force_login(UserFactory(officer=True))
    new = {"email": "new@example.org", "first_name": "Noor", "last_name": "Lind", "profession": "nurse"}
    client.post("/admin/accounts/user/add/", {**new, **NO_INLINES})
    person = User.objects.get(email="new@example.org")
    assert (person.last_name, person.has_usable_password()) == ("Lind", False)


def change_page(client: Client, person: User, **changes: str) -> dict[str, Any]:
    """Return the office's form of a person as it is shown, but for some fields."""
    return form_of(client, f"/admin/accounts/user/{person.pk}/change/") | changes


def test_office_that_corrects_an_address_ends_what_the_earlier_one_could(client: Client, learner: User) -> None:
    old = learner.email
    learner.set_password("a password of some length")
    learner.save()
    holder = Client()
    sign_in(holder, old)
    client.force_login(UserFactory(officer=True))
    form = change_page(client, learner, email="corrected@example.org")
    client.post(f"/admin/accounts/user/{learner.pk}/change/", form)
    learner.refresh_from_db()
    assert not learner.has_usable_password()
    assert list(EmailAddress.objects.filter(user=learner).values_list("email", "verified")) == [
        ("corrected@example.org", False)
    ]
    assert holder.get("/credits/").status_code == 302
    mails = Message.objects.filter(subject="CME Portal: Your e-mail address changed")
    assert set(mails.values_list("to", flat=True)) == {old, "corrected@example.org"}
    event = Event.objects.get(action="changed an address")
    assert (event.before, event.after) == ({"email": old}, {"email": "corrected@example.org"})
    sign_in(Client(), old)
    assert User.objects.get(email=old) != learner
    assert sign_in(Client(), "corrected@example.org") == "/credits/"


def test_change_by_the_office_is_in_the_trail_from_what_to_what(client: Client, learner: User) -> None:
    client.force_login(UserFactory(officer=True))
    form = change_page(client, learner, first_name="Ida", birth_month="9", birth_day="10", is_staff="on")
    client.post(f"/admin/accounts/user/{learner.pk}/change/", form)
    event = Event.objects.get(action="changed by staff")
    assert event.before == {
        "First name": "Ada",
        "Birth month": "not shown",
        "Birth day": "not shown",
        "Staff status": False,
    }
    assert event.after == event.before | {"First name": "Ida", "Staff status": True}


def test_rights_are_in_the_trail(client: Client, learner: User) -> None:
    may = Permission.objects.get(codename="view_claim")
    client.force_login(UserFactory(officer=True))
    form = change_page(client, learner) | {"user_permissions": str(may.pk)}
    client.post(f"/admin/accounts/user/{learner.pk}/change/", form)
    event = Event.objects.get(action="changed by staff")
    assert (event.before, event.after) == ({"User permissions": ""}, {"User permissions": str(may)})


def test_number_that_the_office_adds_is_in_the_trail_without_the_number(client: Client, learner: User) -> None:
    client.force_login(UserFactory(officer=True))
    row = {"identifiers-TOTAL_FORMS": "1", "identifiers-0-registry": "ABIM", "identifiers-0-number": "654321"}
    client.post(f"/admin/accounts/user/{learner.pk}/change/", change_page(client, learner) | row)
    event = Event.objects.get(action="changed by staff")
    assert event.after["identifier “ABIM number”: Number"] == "not shown"
    assert "654321" not in str(event.after)


def test_nobody_sets_anothers_password_or_proves_an_address(client: Client, learner: User) -> None:
    client.force_login(UserFactory(officer=True))
    address = f"/admin/accounts/user/{learner.pk}/password/"
    form = {"password1": "set-by-hr-12345", "password2": "set-by-hr-12345", "usable_password": "true"}
    assert [client.get(address).status_code, client.post(address, form).status_code] == [404, 404]
    assert client.get("/admin/account/emailaddress/").status_code == 404
    assert [name for name in form_of(client, f"/admin/accounts/user/{learner.pk}/change/") if "password" in name] == []
    assert client.get("/admin/password_change/").url == "/accounts/password/change/"  # type: ignore[attr-defined]


def test_birthday_is_shown_to_those_who_may_change_it(client: Client, learner: User) -> None:
    User.objects.filter(pk=learner.pk).update(birth_month="9", birth_day="10")
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_user"))
    page = f"/admin/accounts/user/{learner.pk}/change/"
    client.force_login(clerk)
    assert "Birth month" not in client.get(page).content.decode()
    clerk.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert "Birth month" in client.get(page).content.decode()


class TestOwnAddresses:
    """Addresses and the password change after a fresh sign-in, and every address concerned is told."""

    @pytest.mark.parametrize("page", ["email/", "password/change/", "password/set/"])
    def test_open_session_has_to_confirm_first(self, client: Client, learner: User, page: str) -> None:
        client.force_login(learner)
        wanted = f"/accounts/reauthenticate/?next=%2Faccounts%2F{page.replace('/', '%2F')}"
        assert client.get(f"/accounts/{page}").url == wanted  # type: ignore[attr-defined]
        assert client.post(f"/accounts/{page}", {"email": "new@example.org", "action_add": ""}).url == wanted  # type: ignore[attr-defined]
        assert not Message.objects.exists()

    def test_takeover_is_told_to_the_earlier_address(self, client: Client, learner: User) -> None:
        old, new = learner.email, "new@example.org"
        sign_in(client, old)
        client.post("/accounts/email/", {"email": new, "action_add": ""})
        client.post("/accounts/confirm-email/", {"code": code_mailed(new, "Confirm your address")})
        client.post("/accounts/email/", {"email": new, "action_primary": ""})
        client.post("/accounts/email/", {"email": old, "action_remove": ""})
        told = Message.objects.filter(to=old, subject__contains="changed").order_by("id")
        assert [message.text.split(" changed. ")[1].split("\n")[0] for message in told] == [
            "new@example.org was added.",
            f"Mail now goes to {new} instead of {old}.",
            f"{old} does not sign in any more.",
        ]
        assert Message.objects.filter(to=new, subject__contains="changed").count() == 3
        actions = ["proved an address", "changed an address", "removed an address"]
        events = Event.objects.filter(action__in=actions).order_by("id")
        assert [(row.action, row.before, row.after) for row in events] == [
            ("proved an address", {}, {"email": new}),
            ("changed an address", {"email": old}, {"email": new}),
            ("removed an address", {"email": old}, {}),
        ]

    def test_new_password_is_told(self, client: Client, learner: User) -> None:
        learner.set_unusable_password()
        learner.save()
        sign_in(client, learner.email)
        new = {"password1": "a password of some length", "password2": "a password of some length"}
        client.post("/accounts/password/set/", new)
        learner.refresh_from_db()
        assert learner.check_password("a password of some length")
        assert Message.objects.get(subject="CME Portal: Your password changed").to == learner.email
        assert Event.objects.filter(action="changed the password", actor_id=learner.pk).exists()


def test_number_without_its_registry_is_the_fields_own_fault() -> None:
    assert Identifier(registry="", number="1").clean() is None  # type: ignore[func-returns-value]


def test_nobody_signed_in_is_nobody() -> None:
    request = HttpRequest()
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        signed_in.person(request)
