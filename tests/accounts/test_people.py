"""People, their addresses, and their identifiers."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest
from django.test import Client

from accounts import signed_in
from accounts.identifiers import check_identifier
from accounts.models import Consent, Identifier, User
from tests.factories import UserFactory


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


def test_nobody_signed_in_is_nobody() -> None:
    request = HttpRequest()
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        signed_in.person(request)
