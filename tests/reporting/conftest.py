"""A completion that is ready to be reported."""

from functools import partial

import pytest

from accounts.models import User
from tests.reporting.making import Make, report


@pytest.fixture
def ready(learner: User) -> Make:
    """Return a function that queues a completion."""
    return partial(report, learner)
