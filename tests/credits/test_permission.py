"""The permission to report is withdrawn, and given again: boards are untold and told, credit and certificate stay."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, User
from activities.models import Activity
from audit.models import Event
from credits.models import Claim
from reporting.models import Submission
from reporting.sandbox.server import Registry
from tests.credits.making import ADA, amend, claim, standing
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.making import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(learner: User, activity: Activity, client: Client) -> Claim:
    client.force_login(learner)
    return claim(learner, activity, "12.25", ADA)


def address(made: Claim) -> str:
    return made.get_absolute_url() + "permission/"


def test_what_a_board_was_told_is_deleted_there(client: Client, made: Claim, registry: Registry) -> None:
    submission = Submission.objects.get()
    Submission.objects.update(send_at=submission.created_at)
    assert run(submission, times=3).state == "accepted"
    assert "Withdraw the permission to report" in client.get(made.get_absolute_url()).content.decode()
    assert "What ABIM has already been told" in client.get(address(made)).content.decode()
    page = client.post(address(made), follow=True).content.decode()
    assert "The permission is withdrawn." in page
    run(submission, times=6)
    assert (submission.state, registry.records, standing(made)) == ("withdrawn", {}, {"ama_pra": "12.25"})
    assert Consent.objects.get().withdrawn_at is not None
    assert Event.objects.filter(action="withdrew the permission to report").count() == 1


def test_what_was_not_sent_never_leaves_and_later_changes_report_nothing(
    client: Client, made: Claim, registry: Registry
) -> None:
    client.post(address(made))
    submission = run(Submission.objects.get())
    assert (submission.state, registry.saves) == ("withdrawn", {})
    amend(Claim.objects.get(), "6.00")
    assert Submission.objects.count() == 1
    page = client.post(address(made), follow=True).content.decode()
    assert "Nothing is reported for this claim." in page
    assert "Withdraw the permission" not in client.get(made.get_absolute_url()).content.decode()


def test_permission_is_given_again_and_reported_anew(client: Client, made: Claim, registry: Registry) -> None:
    Submission.objects.update(send_at=timezone.now())
    first = run(Submission.objects.get(), times=3)
    client.post(address(made))
    page = client.get(made.get_absolute_url()).content.decode()
    assert "Have it reported after all" in page
    assert "By providing your identifying information you are permitting" in client.get(address(made)).content.decode()
    assert "reported again" in client.post(address(made), {"give": "yes"}, follow=True).content.decode()
    assert "Have it reported after all" not in client.get(made.get_absolute_url()).content.decode()
    again = Submission.objects.get(action="add", credit_id__endswith="-2")
    Submission.objects.update(send_at=timezone.now())
    assert (run(again, times=9).state, list(registry.records)) == ("accepted", [again.credit_id])
    first.refresh_from_db()
    assert (first.state, Claim.objects.get().wants_moc) == ("withdrawn", True)
    assert [bool(row.withdrawn_at) for row in Consent.objects.order_by("given_at")] == [True, False]
    client.post(address(made))
    assert all(row.withdrawn_at for row in Consent.objects.all())


def test_permission_is_not_given_again_when_nothing_can_be_claimed(client: Client, made: Claim) -> None:
    client.post(address(made))
    Activity.objects.update(claim_until=timezone.now() - timedelta(days=1))
    assert "Have it reported" not in client.get(made.get_absolute_url()).content.decode()
    page = client.post(address(made), {"give": "yes"}, follow=True).content.decode()
    assert "Nothing can be reported for this claim any more." in page
    assert Submission.objects.count() == 1


def test_refused_deletion_leaves_the_permission_to_be_withdrawn(client: Client, made: Claim) -> None:
    Submission.objects.update(state="accepted", decided_at=timezone.now(), taken_at=timezone.now())
    client.post(address(made))
    Submission.objects.filter(action="delete").update(state="rejected", decided_at=timezone.now())
    assert "Withdraw the permission to report" in client.get(made.get_absolute_url()).content.decode()


def test_claim_without_points_has_nothing_to_withdraw(client: Client, learner: User) -> None:
    client.force_login(learner)
    made = claim(learner, ActivityFactory(moc="5.00"), "1.00")
    assert "the board" in client.get(address(made)).content.decode()
    client.post(address(made))
    assert not Event.objects.filter(action="withdrew the permission to report").exists()


def test_others_claims_are_not_there(client: Client, made: Claim) -> None:
    client.force_login(UserFactory())
    assert client.post(address(made)).status_code == 404
    assert Claim.objects.get().wants_moc


def test_permission_given_again_too_often_waits(
    client: Client, learner: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(learner)
    made = claim(learner, activity, "2.00")
    monkeypatch.setattr("credits.views.mine.limits.allow", lambda *_args, **_more: False)
    answer = client.post(f"{made.get_absolute_url()}permission/", {"give": "yes"}, follow=True)
    assert "This claim was changed ten times within an hour." in answer.content.decode()
