"""A learner in front of the portal, and an officer behind it."""

import pytest

from accounts.models import User
from tests.factories import UserFactory
from tests.surveys.conftest import fill, signed_in

__all__ = ["fill", "signed_in"]


@pytest.fixture
def officer(db: None) -> User:
    made: User = UserFactory(officer=True)
    return made
