"""The gate on the ledger: no designation below what was awarded under it."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, CreditDesignation
from credits import rules
from tests.credits.making import amend, claim
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def findings(activity: Activity) -> list[str]:
    found = Activity.objects.with_credit().get(pk=activity.pk)
    return [row.words for row in rules.awarded(found, timezone.now())]


def test_maximum_is_not_lowered_below_what_was_awarded(learner: User, activity: Activity) -> None:
    made = claim(learner, activity, "12.25")
    claim(UserFactory(nurse=True), activity, "3.00")
    assert findings(activity) == []
    CreditDesignation.objects.update(maximum=Decimal("5.00"))
    words = "12.25 was awarded to somebody; the maximum cannot be 5.00."
    assert findings(activity) == [f"AMA PRA Category 1 Credit(s)™: {words}"]
    amend(made, "4.00")
    assert findings(activity) == []
