"""Board numbers and birthdays are unreadable in the database and survive a change of keys."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import connection
from pytest_django import Settings

from accounts.encryption import decrypt, encrypt
from accounts.models import Identifier, User
from tests.factories import UserFactory


def test_database_holds_no_readable_number(learner: User) -> None:
    Identifier.objects.create(user=learner, registry="ABIM", number="123456")
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM accounts_identifier")
        (raw,) = cursor.fetchone()
    assert "123456" not in raw
    assert Identifier.objects.get().number == "123456"


def test_empty_text_stays_empty(db: None) -> None:
    user = UserFactory(birth_month="")
    user.refresh_from_db()
    assert user.birth_month == ""


def test_old_rows_stay_readable_behind_a_new_key(settings: Settings) -> None:
    token = encrypt("123456")
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert decrypt(token) == "123456"
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    with pytest.raises(InvalidToken):
        decrypt(token)
