"""Credit for faculty: awarded by staff for presented hours, in the same ledger, and never for learning as well."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Provider
from certificates.models import Certificate
from credits.models import Claim
from credits.offer import CannotAward, Offer
from credits.services import correcting, teaching
from jobs import runner
from outbox.models import Message
from tests.credits.making import chosen, claim, session, standing
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db


def award(person: User, activity: Activity, hours: str = "1.50", *sessions: object, reason: str = "A talk") -> Claim:
    teaching.award(
        person=person, activity=activity, hours=Decimal(hours), sessions=list(sessions), reason=reason,  # type: ignore[arg-type]
        actor=UserFactory(officer=True), now=timezone.now(), replace=True,
    )  # fmt: skip
    return Claim.objects.get(learner=person, activity=activity, role="faculty")


def test_an_hour_presented_gives_two_credits(learner: User, activity: Activity) -> None:
    made = award(learner, activity)
    assert standing(made) == {"ama_pra": "3.00"}
    assert Certificate.objects.get().data["action"] == "has taught in the live activity"
    assert "3.00 AMA PRA Category 1 Credits™" in Message.objects.get().text
    assert made.awards.get().reason == "A talk"


def test_teacher_may_claim_what_they_learned_beside(learner: User, activity: Activity) -> None:
    taught, heard = session(activity, "08:00-09:00", "taught"), session(activity, "10:00-11:00", "heard")
    award(learner, activity, "1.00", taught)
    with pytest.raises(CannotAward, match="You were awarded credit for teaching at the time of “taught”"):
        claim(learner, activity, chosen(taught, heard))
    assert standing(claim(learner, activity, chosen(heard))) == {"ama_pra": "1.00"}
    assert Claim.objects.filter(learner=learner).count() == 2


def test_nobody_learns_in_another_room_while_they_teach(learner: User, activity: Activity) -> None:
    taught, parallel = (
        session(activity, "08:00-09:00", "taught"),
        session(activity, "08:30-10:00", "parallel", room="B"),
    )
    award(learner, activity, "1.00", taught)
    offer = Offer(activity, learner, timezone.now())
    assert (list(offer.sessions), offer.most(parallel)) == ([parallel.pk], Decimal("1.00"))
    assert offer.left_out == ["2 sessions lie at a time for which you were awarded credit for teaching."]
    with pytest.raises(CannotAward, match=r"“parallel” gives at most 1\.00"):
        claim(learner, activity, {parallel.pk: Decimal("1.50")})
    assert standing(claim(learner, activity, {parallel.pk: Decimal("1.00")})) == {"ama_pra": "1.00"}


def test_what_was_learned_at_another_time_is_in_nobodys_way(learner: User, activity: Activity) -> None:
    taught, heard = session(activity, "08:00-09:00"), session(activity, "10:00-11:00")
    claim(learner, activity, chosen(heard))
    assert standing(award(learner, activity, "1.00", taught)) == {"ama_pra": "2.00"}


def test_what_was_learned_at_that_time_is_not_taught(learner: User, activity: Activity) -> None:
    taught, parallel = (
        session(activity, "08:00-09:00", "taught"),
        session(activity, "08:30-10:00", "parallel", room="B"),
    )
    claim(learner, activity, chosen(parallel))
    with pytest.raises(CannotAward, match=r"“parallel” was claimed as a learner, 1\.50 of it"):
        award(learner, activity, "1.00", taught)


def test_sessions_at_the_same_time_are_taught_once(learner: User, activity: Activity) -> None:
    both = [session(activity, "08:00-09:00", room=room) for room in ("A", "B")]
    with pytest.raises(CannotAward, match=r"The chosen sessions are 1\.00 hours long"):
        award(learner, activity, "1.25", *both)
    assert standing(award(learner, activity, "1.00", *both)) == {"ama_pra": "2.00"}


def test_teaching_is_awarded_afterwards(learner: User, activity: Activity) -> None:
    row = session(activity, "08:00-09:00")
    row.ends_at = timezone.now() + timedelta(hours=1)
    with pytest.raises(CannotAward, match="is awarded afterwards"):
        award(learner, activity, "1.00", row)


def test_what_was_claimed_is_not_awarded_for_teaching_as_well(learner: User, activity: Activity) -> None:
    row = session(activity, "08:00-09:00", "claimed")
    claim(learner, activity, chosen(row))
    with pytest.raises(CannotAward, match="“claimed” was claimed as a learner"):
        award(learner, activity, "1.00", row)


def test_awarding_again_sets_the_whole_anew(learner: User, activity: Activity) -> None:
    award(learner, activity, "1.00")
    made = award(learner, activity, "2.00")
    assert (standing(made), made.awards.count()) == ({"ama_pra": "4.00"}, 3)
    assert Certificate.objects.standing().get().version == 2
    award(learner, activity, "2.00")
    assert made.awards.count() == 3


@pytest.mark.parametrize(
    ("hours", "reason", "words"),
    [
        ("0", "x", "at least 0.25"),
        ("-1", "x", "at least 0.25"),
        ("0.1", "x", "steps of 0.25"),
        ("1", " ", "Say what was presented"),
    ],
)
def test_what_makes_no_sense_is_refused(learner: User, activity: Activity, hours: str, reason: str, words: str) -> None:
    with pytest.raises(CannotAward, match=words):
        award(learner, activity, hours, reason=reason)
    assert Claim.objects.count() == 0


def test_other_currencies_count_an_hour_once_and_nobody_teaches_longer_than_the_meeting(activity: Activity) -> None:
    meeting = ActivityFactory(credit={"ancc": "5.00"})
    assert standing(award(UserFactory(nurse=True), meeting, "5.00")) == {"ancc": "5.00"}
    with pytest.raises(CannotAward, match=r"The activity is 5\.00 hours long: nobody can have presented 5\.25"):
        award(UserFactory(nurse=True), meeting, "5.25")


def test_draft_gives_nothing_and_what_was_withdrawn_bars_nothing(learner: User, activity: Activity) -> None:
    with pytest.raises(CannotAward, match="The activity is a draft"):
        award(learner, ActivityFactory(draft=True))
    row = session(activity, "08:00-09:00", "taught")
    made = award(learner, activity, "1.00", row)
    officer = UserFactory(officer=True)
    correcting.correct(claims=[made], verb="withdraw", amount=None, reason="x", actor=officer, now=timezone.now())
    runner.drain("office")
    assert standing(claim(learner, activity, chosen(row))) == {"ama_pra": "1.00"}


def test_policy_profession_and_foreign_sessions(learner: User, activity: Activity) -> None:
    with pytest.raises(CannotAward, match="no credit to your profession"):
        award(UserFactory(nurse=True), ActivityFactory(credit={"ama_pra": "1.00"}))
    with pytest.raises(CannotAward, match="not part of this activity"):
        award(learner, activity, "1.00", session(ActivityFactory(), "08:00-09:00"))
    with pytest.raises(CannotAward, match="has not given a name and profession"):
        award(UserFactory(first_name="", last_name=""), activity)
    Provider.objects.update(teaching_rate=0)
    with pytest.raises(CannotAward, match="gives no credit for teaching"):
        award(learner, Activity.objects.get(pk=activity.pk))


def test_desk_awards_and_says_what_is_wrong(client: Client, learner: User, activity: Activity) -> None:
    client.force_login(UserFactory(officer=True))
    address = f"/admin/credits/claim/teaching/{activity.pk}/"
    row = session(activity, "08:00-09:00", "Opening")
    assert "Opening" in client.get(address).content.decode()
    data = {"person": learner.email, "hours": "1", "sessions": [row.pk, "9" * 30], "reason": "A talk"}
    page = client.post(address, data, follow=True).content.decode()
    assert "2.00 <em>AMA PRA" in page
    refused = client.post(address, {**data, "hours": "1.25"})
    assert "The chosen sessions are 1.00 hours long" in refused.content.decode()
    refused = client.post(address, {**data, "hours": "0.1"})
    assert (refused.status_code, b"Enter 0.25" in refused.content) == (422, True)
    refused = client.post(address, {**data, "hours": "0"})
    assert (refused.status_code, b"at least 0.25" in refused.content) == (422, True)
    client.force_login(UserFactory(is_staff=True))
    assert client.get(address).status_code == 403


def test_claim_for_teaching_is_not_changed_by_its_owner(client: Client, learner: User, activity: Activity) -> None:
    made = award(learner, activity)
    client.force_login(learner)
    assert "For teaching you were awarded" in client.get(made.get_absolute_url()).content.decode()
    answer = client.get(made.get_absolute_url() + "change/")
    assert (answer.status_code, b"awarded by the CME office" in answer.content) == (403, True)
