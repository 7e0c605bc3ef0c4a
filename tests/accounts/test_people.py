"""People, their addresses, and their identifiers."""

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
from accounts.services import change_address
from outbox.models import Message
from tests.factories import UserFactory

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
    assert client.post(f"/admin/accounts/user/{root.pk}/password/", {}).status_code == 403
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


def test_corrected_address_is_the_only_one_that_signs_in(learner: User) -> None:
    old = learner.email
    learner.email = "corrected@example.org"
    learner.save()
    change_address(user=learner)
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("corrected@example.org", False)]
    Client().post("/accounts/login/code/", {"email": old})
    assert "there is no account" in Message.objects.get(to=old).text


def test_office_that_corrects_an_address_changes_the_sign_in(client: Client, learner: User) -> None:
    client.force_login(UserFactory(officer=True))
    address = f"/admin/accounts/user/{learner.pk}/change/"
    kept = {"first_name": "Ada", "last_name": "Okafor", "profession": "physician", "is_active": "on", **NO_INLINES}
    client.post(address, {**kept, "email": "corrected@example.org"})
    assert EmailAddress.objects.get(user=learner).email == "corrected@example.org"
    client.post(address, {**kept, "email": "corrected@example.org", "first_name": "Ida"})
    learner.refresh_from_db()
    assert learner.first_name == "Ida"


def test_number_without_its_registry_is_the_fields_own_fault() -> None:
    assert Identifier(registry="", number="1").clean() is None  # type: ignore[func-returns-value]


def test_nobody_signed_in_is_nobody() -> None:
    request = HttpRequest()
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        signed_in.person(request)
