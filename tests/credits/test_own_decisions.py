"""Who decides is not who gains, and nobody is credited for more hours than an activity has."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.own import ANOTHER_OFFICER
from activities.models import Activity
from certificates import naming
from certificates.models import Certificate
from credits.models import Award, Claim, ImportedRow, LateGrant
from credits.offer import CannotAward, Offer
from credits.services import granting, importing, teaching
from jobs import runner
from tests.credits.making import amend, chosen, claim, session, standing
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.making import self_study, study_all, take_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client: Client) -> User:
    user: User = UserFactory(officer=True, profession="physician")
    client.force_login(user)
    return user


def post(client: Client, address: str, **typed: str) -> str:
    answer = client.post(f"/admin/{address}", typed)
    assert answer.status_code == 422
    return answer.content.decode()


class TestOwn:
    """The steps by which an officer could award themselves, over HTTP as in the office."""

    def test_teaching(self, client: Client, officer: User, activity: Activity) -> None:
        typed = {"person": officer.email, "hours": "10", "reason": "self"}
        assert ANOTHER_OFFICER in post(client, f"credits/claim/teaching/{activity.pk}/", **typed)
        assert not Award.objects.exists()

    def test_late_grant(self, client: Client, officer: User, activity: Activity) -> None:
        typed = {"person": officer.email, "until": "2035-01-01", "reason": "self"}
        assert ANOTHER_OFFICER in post(client, f"credits/claim/late/{activity.pk}/", **typed)
        assert not LateGrant.objects.exists()

    def test_late_grant_taken_back(self, officer: User, activity: Activity) -> None:
        day = timezone.now().date().replace(year=2035)
        made = granting.grant(
            learner=officer, activity=activity, until=day, reason="x", actor=UserFactory(), now=timezone.now()
        )
        with pytest.raises(granting.CannotGrant, match=ANOTHER_OFFICER):
            granting.take_back(grant=made, reason="x", actor=officer)

    @pytest.mark.parametrize("verb", ["change", "withdraw", "reissue"])
    def test_correction_leaves_the_own_claim_alone_and_does_the_others(
        self, client: Client, officer: User, activity: Activity, verb: str
    ) -> None:
        own, other = claim(officer, activity, "1.00"), claim(UserFactory(), activity, "1.00")
        typed: dict[str, Any] = {"claims": [own.pk, other.pk], "shown": [own.pk, other.pk], "verb": verb}
        typed |= {"amount": "18.50", "reason": "x", "previewed": f"{verb} 18.50" if verb == "change" else verb}
        assert ANOTHER_OFFICER in client.post("/admin/credits/claim/correct/", typed).content.decode()
        client.post("/admin/credits/claim/correct/", typed | {"decide": "1"})
        runner.drain("office")
        assert standing(own) == {"ama_pra": "1.00"}
        assert Certificate.objects.filter(reference=own.reference).count() == 1
        if verb == "change":
            assert standing(other) == {"ama_pra": "18.50"}

    @pytest.mark.parametrize("kind", ["completion", "attendance"])
    def test_list(self, officer: User, activity: Activity, kind: str) -> None:
        other = UserFactory()
        rows = "\n".join(f"{who.email},{activity.slug},2,{activity.ends_on}" for who in (officer, other))
        file = SimpleUploadedFile("list.csv", f"e-mail,activity,hours,completed on\n{rows}".encode())
        source = importing.upload(file=file, kind=kind, actor=officer, now=timezone.now())
        runner.drain("office")
        assert "It is about you" in ImportedRow.objects.get(learner=officer).words
        importing.carry_out(source=source, doubtful=True, actor=officer)
        runner.drain("office")
        mine, theirs = ImportedRow.objects.get(learner=officer), ImportedRow.objects.get(learner=other)
        assert (mine.state, theirs.state) == ("failed", "done")
        assert mine.words.startswith(ANOTHER_OFFICER)

    def test_list_that_somebody_else_imported_is_not_undone_by_who_is_on_it(
        self, officer: User, activity: Activity
    ) -> None:
        file = SimpleUploadedFile(
            "list.csv",
            f"e-mail,activity,hours,completed on\n{officer.email},{activity.slug},2,{activity.ends_on}\n".encode(),
        )
        clerk = UserFactory(officer=True)
        source = importing.upload(file=file, kind="completion", actor=clerk, now=timezone.now())
        runner.drain("office")
        importing.carry_out(source=source, doubtful=False, actor=clerk)
        runner.drain("office")
        assert standing(Claim.objects.get(learner=officer)) == {"ama_pra": "2.00"}
        importing.undo(source=source, actor=officer)
        runner.drain("office")
        assert standing(Claim.objects.get(learner=officer)) == {"ama_pra": "2.00"}

    def test_extra_attempt(self, client: Client, officer: User) -> None:
        course = self_study("post-test")
        course.surveys.filter(kind="post-test").update(attempts=1)
        study_all(course, officer)
        take_test(course, officer, right=0)
        address = f"surveys/survey/learners/{course.pk}/{officer.pk}/"
        assert ANOTHER_OFFICER in post(client, address, reason="self")

    def test_name(self, client: Client, officer: User, activity: Activity) -> None:
        claim(officer, activity, "1.00")
        certificate = Certificate.objects.get()
        wish = naming.ask(certificate=certificate, first_name="Áda", last_name="Okafor", degrees="", note="")
        chosen_ = {"action": "grant_all", "_selected_action": [wish.pk]}
        page = client.post("/admin/certificates/namecorrection/", chosen_, follow=True).content.decode()
        assert ANOTHER_OFFICER in page
        wish.refresh_from_db()
        assert wish.state == "asked"


def teach(person: User, activity: Activity, hours: str, **more: Any) -> Any:
    facts: dict[str, Any] = {"sessions": [], "reason": "Talk", "actor": UserFactory(officer=True)} | more
    return teaching.award(person=person, activity=activity, hours=Decimal(hours), now=timezone.now(), **facts)


class TestTogether:
    """18.50 hours are 18.50 hours, however they were spent."""

    def test_what_was_taught_cannot_be_claimed_as_learnt(self, learner: User, activity: Activity) -> None:
        teach(learner, activity, "10")
        assert Offer(activity, learner, timezone.now()).maximum == Decimal("8.50")
        with pytest.raises(CannotAward, match=r"At most 8\.50 can be claimed"):
            claim(learner, activity, "8.75")
        assert standing(claim(learner, activity, "8.50")) == {"ama_pra": "8.50"}

    def test_what_was_learnt_cannot_be_awarded_for_teaching(self, learner: User, activity: Activity) -> None:
        claim(learner, activity, "10.00")
        with pytest.raises(CannotAward, match=r"10\.00 was claimed as a learner\. Taught and learnt together"):
            teach(learner, activity, "8.75")
        teach(learner, activity, "8.50")
        with pytest.raises(CannotAward, match=r"At most 10\.00"):
            amend(Claim.objects.get(role="learner"), "10.25")

    def test_sessions_are_cut_to_what_is_left_and_say_why(self, learner: User) -> None:
        meeting = ActivityFactory(credit={"ama_pra": "3.00"})
        first, second = session(meeting, "08:00-10:00"), session(meeting, "10:00-12:00")
        teach(learner, meeting, "1.50")
        (earned,) = Offer(meeting, learner, timezone.now()).earned(chosen(first, second))
        assert earned.amount == Decimal("1.50")
        assert earned.lines[-1] == "less 1.50: you were awarded credit for 1.50 hours of teaching"

    def test_correction_and_list_keep_to_it(self, client: Client, officer: User, activity: Activity) -> None:
        person = UserFactory()
        teach(person, activity, "10")
        made = claim(person, activity, "1.00")
        typed = {"claims": [made.pk], "shown": [made.pk], "verb": "change", "amount": "18.50", "reason": "x"}
        assert "At most 8.50" in client.post("/admin/credits/claim/correct/", typed).content.decode()
        taught = Claim.objects.get(role="faculty")
        typed |= {"claims": [taught.pk], "shown": [taught.pk], "amount": "37.00"}
        assert "At most 35.00" in client.post("/admin/credits/claim/correct/", typed).content.decode()
        other = UserFactory()
        teach(other, activity, "18")
        file = SimpleUploadedFile(
            "list.csv",
            f"e-mail,activity,hours,completed on\n{other.email},{activity.slug},2,{activity.ends_on}\n".encode(),
        )
        source = importing.upload(file=file, kind="completion", actor=officer, now=timezone.now())
        runner.drain("office")
        importing.carry_out(source=source, doubtful=True, actor=officer)
        runner.drain("office")
        assert "At most 0.50" in ImportedRow.objects.get().words

    def test_earlier_award_is_replaced_only_when_it_is_said(self, learner: User, activity: Activity) -> None:
        teach(learner, activity, "1")
        with pytest.raises(CannotAward, match=r"was awarded 2\.00 AMA PRA.*tick that this replaces it"):
            teach(learner, activity, "2")
        teach(learner, activity, "2", replace=True)
        assert standing(Claim.objects.get()) == {"ama_pra": "4.00"}
