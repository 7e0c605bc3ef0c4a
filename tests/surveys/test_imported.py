"""Activities of which the office imports the completions: nobody is asked to request anything."""

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity
from credits.models import Claim
from surveys import pathway
from tests.credits.test_lists import carry_out, upload
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.conftest import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere() -> Activity:
    made: Activity = ActivityFactory(claim_by="imported", questions=1)
    return made


def test_learner_reads_that_the_office_records_it_and_cannot_claim(
    signed_in: Client, learner: User, elsewhere: Activity
) -> None:
    page = signed_in.get(elsewhere.get_absolute_url()).content.decode()
    assert "The CME office records who has completed it." in page
    answer = signed_in.post(address(elsewhere, "check"), {"attested": "on"})
    assert answer.status_code in (302, 403, 409)
    assert not Claim.objects.exists()


def test_completion_is_awarded_and_shown(signed_in: Client, learner: User, elsewhere: Activity) -> None:
    officer = UserFactory(officer=True)
    carry_out(
        upload(officer, "e-mail,activity,hours", f"{learner.email},{elsewhere.slug},2", kind="completion"), officer
    )
    made = Claim.objects.get()
    steps = {row.key: row for row in pathway.steps(activity=elsewhere, learner=learner, now=made.claimed_at)}
    assert steps["request"].is_done
    assert made.reference in steps["request"].reason


def test_certificate_comes_when_it_is_recorded(learner: User, elsewhere: Activity) -> None:
    steps = {row.key: row for row in pathway.steps(activity=elsewhere, learner=learner, now=elsewhere.claim_until)}
    assert steps["certificate"].reason == "Sent by e-mail when the CME office has recorded your completion."
