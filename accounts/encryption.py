"""Columns that are encrypted in the database, with keys from the environment (settings.FIELD_KEYS).

The first key encrypts and every key decrypts, so that a new key may be put in front while old rows stay readable.
Encrypted columns cannot be searched; only `isnull` look-ups make sense.
"""

import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Return `text` as a Fernet token."""
    return _box(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text of a token; raises cryptography's InvalidToken when no key fits."""
    return _box(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that is readable in Python and a token in the database; empty stays empty."""

    is_secret = True  # no other table keeps its values in clear

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:  # noqa: ARG002
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> str | None:
        return encrypt(str(value)) if value else value


class EncryptedJSONField(models.Field):  # type: ignore[type-arg]
    """A dict that is readable in Python and a token in the database; an empty one unless given."""

    is_secret = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> Any:  # noqa: ARG002
        return json.loads(decrypt(value)) if value else {}

    def get_prep_value(self, value: Any) -> str:
        return encrypt(json.dumps(value)) if value else ""
