"""The panel for staff: why has this learner no certificate? And the mail that brings plans back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from activities.services import study
from credits.models import Claim
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from surveys.models import ExtraAttempt, Response
from surveys.services import answering
from tests.factories import ActivityFactory, UserFactory
from tests.surveys.making import MOMENT, answers, claim, post_test, respond, self_study, study_all, survey, take_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(UserFactory(officer=True, last_name="Vance"))
    return client


def panel(officer: Client, activity: Activity, learner: User) -> str:
    return officer.get(address(activity, learner)).content.decode()


def address(activity: Activity, learner: User | None = None) -> str:
    return f"/admin/surveys/survey/learners/{activity.pk}/" + (f"{learner.pk}/" if learner else "")


def stuck(officer: Client, activity: Activity, learner: User, *words: str) -> None:
    page = panel(officer, activity, learner)
    assert [word for word in ("Why no certificate?", *words) if word not in page] == []


class TestPanel:
    """Each state in which somebody is stuck is explained."""

    def test_profile_is_missing(self, officer: Client) -> None:
        stuck(officer, self_study(), UserFactory(newcomer=True), "Complete your profile.", "no profession given")

    def test_disclosures_were_not_read(self, officer: Client, learner: User) -> None:
        stuck(officer, self_study(), learner, "Has not read the disclosures yet", "not opened", "0 of 2 parts done.")

    def test_recording_was_not_played(self, officer: Client, learner: User) -> None:
        activity = self_study()
        now = timezone.now()
        study.begin(activity=activity, learner=learner, now=now)
        for item in activity.content.all():
            study.open_item(item=item, learner=learner, now=now)
        stuck(officer, activity, learner, "0 % played, 90 % is needed", "Disclosures read", "opened ")

    def test_test_was_failed_and_one_more_attempt_is_allowed(self, officer: Client, learner: User) -> None:
        activity = self_study()
        post_test(activity, attempts=1)
        study_all(activity, learner)
        take_test(activity, learner, right=0)
        stuck(
            officer, activity, learner, "All 1 attempts are used.", "0 of 3, 0 %, not passed", "Allow one more attempt"
        )
        refused = officer.post(address(activity, learner), {"reason": ""})
        assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)
        assert officer.post(address(activity, learner), {"reason": "Power cut"}).status_code == 302
        assert ExtraAttempt.objects.get().reason == "Power cut"
        page = panel(officer, activity, learner)
        assert ("1 more attempt." in page, "Power cut" in page, "Allow one more" in page) == (True, True, False)
        assert Message.objects.get().subject == "One more attempt: Progress in Examples"
        again = officer.post(address(activity, learner), {"reason": "Again"})
        assert (again.status_code, "nothing has to be allowed" in again.content.decode()) == (422, True)

    def test_test_was_begun_and_not_submitted(self, officer: Client, learner: User) -> None:
        activity = self_study("post-test")
        study_all(activity, learner)
        answering.begin(activity=activity, learner=learner, kind="post-test", now=timezone.now())
        stuck(officer, activity, learner, "Begun and not submitted yet.", ", not submitted")

    def test_evaluation_is_missing_and_its_answers_are_never_shown(self, officer: Client, learner: User) -> None:
        activity = self_study("evaluation")
        study_all(activity, learner)
        stuck(officer, activity, learner, "First: Evaluation.")
        respond(activity, "evaluation", learner, answers(activity, "evaluation", text="My secret opinion"))
        assert "My secret opinion" not in panel(officer, activity, learner)
        stuck(officer, activity, learner, "Open until")

    def test_deadline_has_passed_over_a_begun_request(self, officer: Client, learner: User) -> None:
        activity = ActivityFactory()
        response = answering.begin(activity=activity, learner=learner, kind="request", now=timezone.now())
        answering.save_typed(response=response, typed={"amount": ["1"]}, base={}, now=timezone.now())
        with time_machine.travel(activity.claim_until + MOMENT, tick=False):
            officer.force_login(UserFactory(officer=True))
            stuck(officer, activity, learner, "The deadline was", "was not submitted.", "Write to cme@society.example")

    def test_nothing_is_offered_to_the_profession(self, officer: Client) -> None:
        activity = ActivityFactory(credit={"ama_pra": "1.00"})
        stuck(officer, activity, UserFactory(nurse=True), "It offers no credit for: Nurse (RN, LPN).")

    def test_claimed_leads_to_everything_about_it(self, officer: Client, learner: User) -> None:
        activity = ActivityFactory()
        claim(activity, learner)
        page = panel(officer, activity, learner)
        assert ("Why no certificate?" in page, Claim.objects.get().reference in page) == (False, True)


def test_learners_are_found(officer: Client, learner: User) -> None:
    activity = self_study()
    assert "Nobody." in officer.get(address(activity)).content.decode()
    study.begin(activity=activity, learner=learner, now=timezone.now())
    assert learner.email in officer.get(address(activity)).content.decode()
    other = UserFactory(last_name="Lindqvist")
    page = officer.get(address(activity) + "?q=lindq").content.decode()
    assert (other.email in page, learner.email in page) == (True, False)
    UserFactory.create_batch(51, last_name="Many")
    assert "There are more." in officer.get(address(activity) + "?q=many").content.decode()
    assert "Perhaps they sign in with another address." in officer.get(address(activity) + "?q=zz").content.decode()


def test_panel_is_for_who_may_see_learners(client: Client, learner: User) -> None:
    activity = self_study()
    staff = UserFactory(is_staff=True)
    client.force_login(staff)
    assert [client.get(place).status_code for place in (address(activity), address(activity, learner))] == [403, 403]
    staff.user_permissions.set(Permission.objects.filter(codename="view_response"))
    assert client.get(address(activity, learner)).status_code == 200
    assert client.post(address(activity, learner), {"reason": "x"}).status_code == 403
    assert client.get(address(activity, learner).replace(str(learner.pk), "999999")).status_code == 404


class TestFollowUp:
    """Plans come back after some weeks; whether is decided when it is due."""

    PLAN = [{"kind": "commitment", "text": "Plan?"}]

    @pytest.fixture
    def planned(self, learner: User) -> Activity:
        activity = ActivityFactory()
        survey(activity, "evaluation", self.PLAN)
        survey(activity, "follow-up", [{"kind": "text", "text": "What came of it?"}], after_days=45)
        respond(activity, "evaluation", learner, answers(activity, "evaluation", text="I will test <all>."))
        claim(activity, learner)
        return activity

    def work(self, days: float, learner: User) -> list[Message]:
        with time_machine.travel(timezone.now() + timedelta(days=days, seconds=5), tick=False):
            runner.drain("mail")
        return list(Message.objects.filter(subject__startswith="What came of it?"))

    def test_mail_comes_when_it_is_due_and_leaves_the_learners_words_on_their_page(
        self, planned: Activity, learner: User
    ) -> None:
        assert self.work(31, learner) == []
        (mail,) = self.work(45, learner)
        assert "/follow-up/" in mail.text
        assert "I will test" not in mail.text + mail.html  # staff can read mails
        assert len(self.work(60, learner)) == 1
        assert Job.objects.get(kind="surveys.follow_up").state == "done"

    def test_page_shows_the_plan(self, planned: Activity, learner: User) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=46), tick=False):
            client = Client()
            client.force_login(learner)
            page = client.get(f"/activities/{planned.slug}/follow-up/questions/").content.decode()
            assert ("You wrote that you would do this differently" in page, "I will test &lt;all&gt;." in page) == (
                True,
                True,
            )

    def test_who_has_answered_meanwhile_gets_none(self, planned: Activity, learner: User) -> None:
        now = timezone.now() + timedelta(days=45, seconds=1)
        respond(planned, "follow-up", learner, {}, now=now)
        assert self.work(46, learner) == []

    def test_without_a_follow_up_survey_nothing_is_sent(self, planned: Activity, learner: User) -> None:
        planned.surveys.filter(kind="follow-up").update(state="retired")
        assert self.work(46, learner) == []

    def test_who_planned_nothing_is_asked_too(self, learner: User) -> None:
        activity = ActivityFactory()
        survey(activity, "follow-up", [{"kind": "text", "text": "What came of it?"}], after_days=30)
        claim(activity, learner)
        assert len(self.work(30, learner)) == 1

    def test_plan_without_a_follow_up_waits_for_one(self, learner: User) -> None:
        activity = ActivityFactory()
        survey(activity, "evaluation", self.PLAN)
        respond(activity, "evaluation", learner, answers(activity, "evaluation", text="I will."))
        claim(activity, learner)
        survey(activity, "follow-up", [{"kind": "text", "text": "What came of it?"}], after_days=30)
        assert len(self.work(30, learner)) == 1

    def test_nobody_is_asked_where_there_is_nothing_to_ask(self, learner: User) -> None:
        claim(ActivityFactory(), learner)
        assert not Job.objects.filter(kind="surveys.follow_up").exists()


def test_second_attempt_cannot_be_begun_beside_the_first(learner: User) -> None:
    activity = self_study("post-test")
    made: Any = activity.surveys.get(kind="post-test")
    Response.objects.create(survey=made, learner=learner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(survey=made, learner=learner, attempt=2)
