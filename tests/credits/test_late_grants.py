"""One person may claim after the deadline: within the policy, with the clocks of registries in view, by a link."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities import compliance, zones
from activities.models import Activity, MocRegistration, Provider
from audit.models import Event
from credits import deadlines
from credits.models import LateGrant
from credits.services import granting
from credits.services.granting import CannotGrant
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from surveys import pathway
from tests.credits.making import claim
from tests.factories import ActivityFactory, UserFactory, today

pytestmark = pytest.mark.django_db
SOON = timedelta(days=5)


@pytest.fixture
def over(db: None) -> Activity:
    made: Activity = ActivityFactory(over=True, moc="18.50")
    return made


def grant(learner: User, activity: Activity, until: date | None = None, reason: str = "Was ill.") -> LateGrant:
    return granting.grant(
        learner=learner,
        activity=activity,
        until=until or today() + SOON,
        reason=reason,
        actor=UserFactory(officer=True),
        now=timezone.now(),
    )


def request_step(activity: Activity, learner: User, now: datetime | None = None) -> tuple[str, str]:
    step = pathway.step("request", activity=activity, learner=learner, now=now or timezone.now())
    return step.state.value, step.reason


def test_granted_person_may_claim_and_nobody_else(learner: User, over: Activity) -> None:
    before = over.claim_until
    made = grant(learner, over)
    over.refresh_from_db()
    assert over.claim_until == before
    assert request_step(over, learner)[0] == "open"
    assert zones.in_words(made.until, over.time_zone, over.city) in request_step(over, learner)[1]
    assert request_step(over, UserFactory())[0] == "failed"


class TestReminder:
    """Three days before the end of a grant, decided at that moment."""

    @pytest.fixture
    def three_days_before(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[LateGrant], None]:
        def run(granted: LateGrant) -> None:
            moment = granted.until - timedelta(days=3) + timedelta(minutes=1)
            monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
            runner.drain("mail", limit=30)
            monkeypatch.undo()

        return run

    def test_person_is_reminded_once_of_their_own_end(
        self, learner: User, over: Activity, three_days_before: Callable[[LateGrant], None]
    ) -> None:
        made = grant(learner, over, today() + timedelta(days=10))
        assert Job.objects.get(kind="credits.remind_late").due == made.until - timedelta(days=3)
        three_days_before(made)
        three_days_before(made)
        (mail,) = Message.objects.filter(subject__startswith="Claim your credit until")
        assert (mail.to, zones.in_words(made.until, over.time_zone, over.city) in mail.text) == (learner.email, True)

    def test_who_claimed_wants_none_or_has_the_grant_no_more_gets_none(
        self, over: Activity, three_days_before: Callable[[LateGrant], None]
    ) -> None:
        claimed, quiet, gone = (grant(UserFactory(), over, today() + timedelta(days=10)) for _ in range(3))
        claim(claimed.learner, over, "1.00")
        User.objects.filter(pk=quiet.learner_id).update(wants_reminders=False)
        granting.take_back(grant=LateGrant.objects.get(pk=gone.pk), reason="Well.", actor=gone.granted_by)
        three_days_before(claimed)
        assert Job.objects.filter(kind="credits.remind_late", state="done").count() == 3
        assert not Message.objects.filter(subject__startswith="Claim your credit until").exists()

    def test_moved_grant_is_reminded_of_by_its_new_end(
        self, learner: User, over: Activity, three_days_before: Callable[[LateGrant], None]
    ) -> None:
        first = grant(learner, over, today() + timedelta(days=10))
        moved = grant(learner, over, today() + timedelta(days=20))
        three_days_before(first)
        assert not Message.objects.filter(subject__startswith="Claim your credit until").exists()
        three_days_before(moved)
        assert Message.objects.filter(subject__startswith="Claim your credit until").count() == 1

    def test_short_grant_has_its_own_mail_and_no_reminder(self, learner: User, over: Activity) -> None:
        grant(learner, over, today() + timedelta(days=2))
        assert not Job.objects.filter(kind="credits.remind_late").exists()


def test_claim_after_the_grants_end_is_refused(learner: User, over: Activity) -> None:
    made = grant(learner, over)
    assert request_step(over, learner, made.until)[0] == "open"
    state, reason = request_step(over, learner, made.until + timedelta(seconds=1))
    assert (state, "The deadline was" in reason) == ("failed", True)


def test_grant_outlives_the_closing_of_the_activity(learner: User, over: Activity) -> None:
    Activity.objects.filter(pk=over.pk).update(state="closed")
    closed = Activity.objects.get(pk=over.pk)
    assert request_step(closed, learner)[0] == "locked"
    grant(learner, closed)
    assert request_step(closed, learner)[0] == "open"


def test_grant_does_not_open_expired_content_again(learner: User) -> None:
    """What has expired is not studied any more; what was done in time can be claimed."""
    expired = ActivityFactory(self_study=True, over=True)
    expired.content.create(kind="text", title="Read", text="Text", position=1)
    grant(learner, expired)
    assert request_step(expired, learner) == ("locked", "First: Study the activity.")
    steps = {row.key: row for row in pathway.steps(activity=expired, learner=learner, now=timezone.now())}
    assert steps["part"].state == "failed"


def test_mail_has_a_link_that_works_for_this_person_only(client: Client, learner: User, over: Activity) -> None:
    made = grant(learner, over)
    mail = Message.objects.get()
    path = f"/credits/late/{made.token}/"
    assert (mail.to, path in mail.text, path in mail.html) == (learner.email, True, True)
    assert client.get(path)["Location"].startswith("/accounts/login/code/")
    client.force_login(UserFactory())
    answer = client.get(path)
    assert (answer.status_code, b"This link is for somebody else" in answer.content) == (403, True)
    client.force_login(learner)
    assert client.get(path)["Location"] == f"/activities/{over.slug}/request/"
    assert client.get("/credits/late/nothing/").status_code == 404


def test_second_grant_moves_the_first_and_counts_once(learner: User, over: Activity) -> None:
    grant(learner, over)
    again = grant(learner, over, today() + 2 * SOON)
    assert LateGrant.objects.get() == again
    assert granting.used(over) == 1


def test_policy_limits_the_grants_of_an_activity(learner: User, over: Activity) -> None:
    Provider.objects.update(late_grants=1)
    grant(learner, over)
    with pytest.raises(CannotGrant, match="All 1 late grants of this activity are used"):
        grant(UserFactory(), over)
    grant(learner, over, today() + 2 * SOON)


@pytest.mark.parametrize(
    ("facts", "until", "reason", "words"),
    [
        ({"over": True}, SOON, " ", "Say why"),
        ({"over": True}, -timedelta(days=2), "x", "This day is over"),
        ({"over": True}, -timedelta(days=30), "x", "Everybody can claim until"),
        ({}, SOON, "x", "Everybody can claim until"),
        ({"draft": True, "over": True}, SOON, "x", "published or closed"),
    ],
)
def test_what_makes_no_sense_is_refused(
    learner: User, facts: dict[str, bool], until: timedelta, reason: str, words: str
) -> None:
    with pytest.raises(CannotGrant, match=words):
        grant(learner, ActivityFactory(**facts), today() + until, reason)
    assert (LateGrant.objects.count(), Message.objects.count()) == (0, 0)


class TestClocks:
    """How long registries wait."""

    def names(self, activity: Activity) -> list[tuple[str, date]]:
        return [(clock.name, clock.until) for clock in deadlines.clocks(Activity.objects.get(pk=activity.pk))]

    def test_each_registry_has_its_day_and_the_nearest_comes_first(self) -> None:
        activity = ActivityFactory(
            credit={"ama_pra": "1.00", "acpe": "1.00"},
            moc="1.00",
            starts_on=date(2026, 6, 1),
            ends_on=date(2026, 6, 5),
            claim_until_day=date(2026, 7, 1),
        )
        MocRegistration.objects.update(claim_until_day=date(2026, 12, 1))
        assert self.names(activity) == [
            ("CPE Monitor", date(2026, 8, 4)),
            ("ABIM claim date", date(2026, 12, 1)),
            ("End of the year", date(2026, 12, 31)),
            ("PARS", date(2027, 3, 31)),
        ]
        clock = next(deadlines.clocks(Activity.objects.get(pk=activity.pk)))
        assert (clock.has_passed(date(2026, 8, 4)), clock.has_passed(date(2026, 8, 5))) == (False, True)

    def test_self_study_counts_from_the_day_of_completion(self) -> None:
        activity = ActivityFactory(
            format="enduring", delivery="", credit={"ama_pra": "1.00", "acpe": "1.00"}, moc="1.00",
            starts_on=date(2024, 1, 1), ends_on=date(2026, 12, 31), claim_until_day=date(2026, 12, 31),
        )  # fmt: skip
        found = deadlines.clocks(Activity.objects.get(pk=activity.pk), date(2024, 5, 1))
        assert [(clock.name, clock.until) for clock in found] == [
            ("CPE Monitor", date(2024, 6, 30)),
            ("End of the year", date(2024, 12, 31)),
            ("PARS", date(2025, 3, 31)),
        ]

    def test_state_boards_wait_as_long_as_pars_does(self) -> None:
        activity = ActivityFactory(
            starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 5), provider__reports_to_states=True
        )
        assert deadlines.clocks_of(activity, "PARS", "CA", date(2026, 6, 5)) == [
            ("End of the year", date(2026, 12, 31)),
            ("PARS", date(2027, 3, 31)),
        ]

    def test_activity_that_is_reported_nowhere_has_none(self) -> None:
        assert self.names(ActivityFactory()) == []


class TestDesk:
    """The office's page."""

    @pytest.fixture
    def officer(self, client: Client) -> Client:
        client.force_login(UserFactory(officer=True))
        return client

    def test_registry_that_closes_before_the_grant_ends_is_named(self, officer: Client) -> None:
        pharmacist = UserFactory(profession="pharmacist")
        meeting = ActivityFactory(over=True, credit={"ama_pra": "5.00", "acpe": "5.00"}, moc="5.00")
        closes = meeting.ends_on + timedelta(days=60)
        data = {"person": pharmacist.email, "until": str(closes + timedelta(days=9)), "reason": "Was ill."}
        page = officer.post(f"/admin/credits/claim/late/{meeting.pk}/", data, follow=True).content.decode()
        assert f"CPE Monitor ends before this grant, on {closes:%B %-d, %Y}." in page
        assert f"Please do so by {closes:%B %-d, %Y}." in Message.objects.get().text
        other = {**data, "person": UserFactory(profession="other").email}
        page = officer.post(f"/admin/credits/claim/late/{meeting.pk}/", other, follow=True).content.decode()
        assert "ends before this grant" not in page

    def test_grant_is_taken_back_with_a_reason_and_counts_no_more(
        self, officer: Client, learner: User, over: Activity
    ) -> None:
        address = f"/admin/credits/claim/late/{over.pk}/"
        made = grant(learner, over)
        assert "Say why" in officer.post(address, {"take_back": made.pk}, follow=True).content.decode()
        assert officer.post(address, {"take_back": "9" * 40, "why": "x"}).status_code == 404
        page = officer.post(address, {"take_back": made.pk, "why": "A mistake."}, follow=True).content.decode()
        assert "cannot claim any more" in page
        assert "<strong>0 of 20</strong>" in page
        assert Event.objects.get(action="took a late grant back").reason == "A mistake."

    def test_clocks_count_and_grant(self, officer: Client, learner: User, over: Activity) -> None:
        address = f"/admin/credits/claim/late/{over.pk}/"
        page = officer.get(f"{address}?person={learner.pk}").content.decode()
        for words in ("End of the year", "PARS", "<strong>0 of 20</strong>", f'value="{learner.email}"'):
            assert words in page
        data = {"person": learner.email, "until": str(today() + SOON), "reason": "Was ill."}
        page = officer.post(address, data, follow=True).content.decode()
        assert f"the link was mailed to {learner.email}" in page
        assert "<strong>1 of 20</strong>" in page
        assert str(LateGrant.objects.get()) == "Ada Okafor, MD: Progress in Examples"
        assert "Ada Okafor" in officer.get("/admin/credits/lategrant/").content.decode()

    def test_person_is_found_by_their_number_as_well(self, officer: Client, learner: User, over: Activity) -> None:
        User.objects.filter(pk=learner.pk).update(member_number="M-17")
        data = {"person": "M-17", "until": str(today() + SOON), "reason": "Was ill."}
        officer.post(f"/admin/credits/claim/late/{over.pk}/", data)
        assert LateGrant.objects.get().learner == learner

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"person": "nobody@example.org"}, "Nobody has this address or number"),
            ({"until": "x"}, "Enter a day as 2027-06-01"),
            ({"until": "2020-01-01"}, "Everybody can claim until"),
            ({"until": "9999-12-31"}, "Give a day between 1990 and 2100"),
            ({"reason": ""}, "Say why"),
        ],
    )
    def test_what_is_wrong_is_said_and_stays_filled(
        self, officer: Client, learner: User, over: Activity, wrong: dict[str, str], words: str
    ) -> None:
        data = {"person": learner.email, "until": str(today() + SOON), "reason": "Ill.", **wrong}
        answer = officer.post(f"/admin/credits/claim/late/{over.pk}/", data)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)

    def test_only_who_may_grant_enters(self, client: Client, over: Activity) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(f"/admin/credits/claim/late/{over.pk}/").status_code == 403

    def test_grants_are_neither_added_changed_nor_deleted_elsewhere(
        self, officer: Client, learner: User, over: Activity
    ) -> None:
        made = grant(learner, over)
        for verb in ("add/", f"{made.pk}/change/", f"{made.pk}/delete/"):
            assert officer.post(f"/admin/credits/lategrant/{verb}", {"reason": "x"}).status_code == 403


def test_closing_says_which_grants_go_on(over: Activity) -> None:
    grant(UserFactory(), over)
    found = {row.code: row.words for row in compliance.CLOSING.check(over, timezone.now()).warnings}
    assert found["late-grants"].startswith("1 late grant goes on after the closing, until ")
    assert "late-grants" not in {row.code for row in compliance.CLOSING.check(ActivityFactory(), timezone.now()).rows}
