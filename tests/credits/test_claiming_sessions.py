"""Claiming by session, by code, and within the attendance records; what is refused, and in which words."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Session
from certificates.models import Certificate
from credits.models import Attendance, Claim
from credits.offer import CannotAward, Offer
from surveys.models import Response
from tests.credits.making import chosen, claim, session, standing
from tests.factories import ActivityFactory, UserFactory, make_sessions
from tests.surveys.conftest import address, submit

pytestmark = pytest.mark.django_db
TEAM = {"ama_pra": "18.50", "ancc": "18.50", "acpe": "18.50", "aapa": "18.50", "ipce": "2.00", "participation": "18.50"}


@pytest.fixture
def team(db: None) -> Activity:
    """A meeting for the whole team."""
    made: Activity = ActivityFactory(credit=TEAM)
    return made


class TestWhoIsAwardedWhat:
    """Each profession's own currency, and what is awarded beside it."""

    @pytest.mark.parametrize(
        ("profession", "awarded"),
        [
            ("physician", {"ama_pra": "3.00", "ipce": "2.00"}),
            ("nurse", {"ancc": "3.00", "ipce": "2.00"}),
            ("pharmacist", {"acpe": "4.00", "ipce": "2.00"}),
            ("pa", {"aapa": "3.00", "ipce": "2.00"}),
            ("other", {"ipce": "2.00"}),
        ],
    )
    def test_same_sessions_give_each_profession_its_own(
        self, team: Activity, profession: str, awarded: dict[str, str]
    ) -> None:
        rows = [session(team, f"{hour:02}:00-{hour + 1:02}:00") for hour in (8, 9, 10)]
        pharmacy = session(team, "13:00-14:00", "pharmacy", credit_types=["acpe"])
        own = [*rows, pharmacy] if profession == "pharmacist" else rows
        made = claim(UserFactory(profession=profession), team, chosen(*own))
        assert standing(made) == awarded
        assert Certificate.objects.filter(reference=made.reference).count() == len(awarded)

    def test_pharmacists_certificate_counts_hours_and_units(self, team: Activity) -> None:
        claim(UserFactory(profession="pharmacist"), team, chosen(session(team, "08:00-09:30")))
        words = Certificate.objects.get(kind="acpe").data["award"]
        assert words == "and is awarded 1.50 ACPE contact hours (0.15 CEUs)."

    def test_pa_without_aapa_credit_receives_what_the_nccpa_accepts(self) -> None:
        activity = ActivityFactory(credit={"ama_pra": "18.50"})
        made = claim(UserFactory(profession="pa"), activity, "5.00")
        assert standing(made) == {"participation": "5.00"}
        assert "was designated for 18.50 AMA PRA Category 1 Credit(s)™" in Certificate.objects.get().data["designated"]
        with pytest.raises(CannotAward, match=r"At most 18\.50"):
            claim(UserFactory(profession="pa"), activity, "18.75")

    def test_what_each_can_earn_is_shown_before_they_start(self, client: Client, team: Activity) -> None:
        client.force_login(UserFactory(profession="pharmacist"))
        page = client.get(team.get_absolute_url()).content.decode()
        assert "18.50 ACPE contact hours (1.85 CEUs)" in page
        assert "2.00 IPCE credits" in page
        client.force_login(UserFactory(profession="pa"))
        page = client.get(ActivityFactory(credit={"ama_pra": "9.00"}).get_absolute_url()).content.decode()
        assert "9.00 hours of participation" in page
        assert "which your certifying body accepts" in page


class TestRefusals:
    """Nothing is awarded, and the words say what to do."""

    def refused(self, learner: User, activity: Activity, what: dict[int, Decimal] | str) -> str:
        with pytest.raises(CannotAward) as refusal:
            claim(learner, activity, what)
        assert Claim.objects.count() == 0
        return str(refusal.value)

    def test_future_session(self, learner: User) -> None:
        activity = ActivityFactory(under_way=True)
        coming = session(activity, "23:00-23:30", day=activity.ends_on)
        assert "“23:00-23:30” is not over yet. It can be claimed after" in self.refused(
            learner, activity, chosen(coming)
        )

    def test_session_of_another_activity(self, learner: User, activity: Activity) -> None:
        session(activity, "08:00-09:00")
        foreign = session(ActivityFactory(), "08:00-09:00")
        assert "not part of this activity" in self.refused(learner, activity, chosen(foreign))

    def test_session_for_another_profession(self, team: Activity) -> None:
        session(team, "08:00-09:00")
        theirs = session(team, "10:00-11:00", "pharmacy", credit_types=["acpe"])
        assert "“pharmacy” gives no credit to your profession" in self.refused(UserFactory(), team, chosen(theirs))

    @pytest.mark.parametrize(
        ("amount", "words"),
        [("0", "at least 0.25"), ("-1", "at least 0.25"), ("0.1", "steps of 0.25"), ("1.25", "gives at most 1.00")],
    )
    def test_part_of_a_session_that_cannot_be(self, learner: User, activity: Activity, amount: str, words: str) -> None:
        row = session(activity, "08:00-09:00")
        assert words in self.refused(learner, activity, {row.pk: Decimal(amount)})

    def test_nothing_chosen(self, learner: User, activity: Activity) -> None:
        session(activity, "08:00-09:00")
        assert self.refused(learner, activity, {}) == "Choose at least one session that you attended."

    def test_amount_where_sessions_are_claimed_and_the_reverse(self, learner: User, activity: Activity) -> None:
        plain = ActivityFactory()
        assert "claim an amount" in self.refused(learner, plain, {1: Decimal("1.00")})
        row = session(activity, "08:00-09:00")
        assert "session by session" in self.refused(learner, activity, "1.00")
        Activity.objects.filter(pk=activity.pk).update(claim_by="amount")
        by_amount = Activity.objects.get(pk=activity.pk)
        assert "claim an amount" in self.refused(learner, by_amount, chosen(row))
        assert standing(claim(learner, by_amount, "1.00")) == {"ama_pra": "1.00"}


class TestAttendanceRecords:
    """Where records limit the claim, nobody claims more than they show."""

    @pytest.fixture
    def recorded(self, activity: Activity) -> Activity:
        Activity.objects.filter(pk=activity.pk).update(attendance_is_ceiling=True)
        return Activity.objects.get(pk=activity.pk)

    def test_amount_is_limited_by_the_hours_on_record(self, learner: User, recorded: Activity) -> None:
        with pytest.raises(CannotAward, match="do not name you"):
            claim(learner, recorded, "1.00")
        Attendance.objects.create(learner=learner, activity=recorded, amount=Decimal("5.00"))
        with pytest.raises(CannotAward, match=r"At most 5\.00"):
            claim(learner, recorded, "5.25")
        assert standing(claim(learner, recorded, "5.00")) == {"ama_pra": "5.00"}

    def test_only_attended_sessions_can_be_chosen_and_no_more_of_them(self, learner: User, recorded: Activity) -> None:
        there, away = session(recorded, "08:00-09:00", "there"), session(recorded, "10:00-11:00", "away")
        Attendance.objects.create(learner=learner, activity=recorded, session=there, amount=Decimal("0.50"))
        with pytest.raises(CannotAward, match="do not show you in “away”"):
            claim(learner, recorded, chosen(away))
        with pytest.raises(CannotAward, match=r"“there” gives at most 0\.50"):
            claim(learner, recorded, chosen(there))
        assert standing(claim(learner, recorded, chosen(there, there="0.50"))) == {"ama_pra": "0.50"}

    def test_hours_of_the_whole_limit_the_sum_of_sessions(self, learner: User, recorded: Activity) -> None:
        rows = [session(recorded, f"{hour:02}:00-{hour + 1:02}:00") for hour in (8, 9, 10)]
        Attendance.objects.create(learner=learner, activity=recorded, amount=Decimal("2.00"))
        offer = Offer(recorded, learner, timezone.now())
        assert offer.earned(chosen(*rows))[0].lines[-1] == "less 1.00: the attendance records show 2.00 hours"
        assert standing(claim(learner, recorded, chosen(*rows))) == {"ama_pra": "2.00"}

    def test_page_of_an_amount_says_whom_to_ask(self, signed_in: Client, recorded: Activity) -> None:
        answer = signed_in.post(address(recorded, "credit"), {"amount": "1"})
        assert (answer.status_code, b"do not name you" in answer.content) == (422, True)

    def test_page_says_that_nobody_is_on_record(self, signed_in: Client, recorded: Activity) -> None:
        session(recorded, "08:00-09:00")
        assert "do not name you" in signed_in.get(address(recorded, "credit")).content.decode()


def test_office_sees_which_sessions_a_claim_names(client: Client, learner: User, activity: Activity) -> None:
    made = claim(learner, activity, chosen(session(activity, "08:00-09:00", "Opening")))
    client.force_login(UserFactory(officer=True))
    assert "Opening" in client.get(f"/admin/credits/claim/{made.pk}/change/").content.decode()


class TestPage:
    """The page of sessions: chosen, part of them, saved as typed, checked, claimed."""

    def test_sessions_are_chosen_and_saved(self, signed_in: Client, activity: Activity) -> None:
        one, two = session(activity, "08:00-09:00", "Opening"), session(activity, "09:00-10:00", "Lungs", track="Lung")
        page = signed_in.get(address(activity, "credit")).content.decode()
        assert f'name="session_{one.pk}"' in page
        assert "<option>Lung</option>" in page
        entered = {f"session_{one.pk}": "on", f"session_{two.pk}": "on", f"part_{two.pk}": "0.25"}
        saved = signed_in.post(address(activity, "credit") + "save/", entered).json()
        assert "1.25 <em>AMA PRA Category 1 Credits</em>™" in saved["total"]
        page = signed_in.get(address(activity, "credit")).content.decode()
        assert f'id="session_{one.pk}" value="on" checked' in page
        assert '<option value="0.25" selected>0.25</option>' in page
        assert signed_in.post(address(activity, "credit"), entered).status_code == 302

    def test_whole_way_by_session(self, signed_in: Client, learner: User) -> None:
        activity = ActivityFactory()
        one, two = session(activity, "08:00-09:00", "Opening"), session(activity, "08:30-10:00", "Lungs")
        entered = {f"session_{one.pk}": "on", f"session_{two.pk}": "on", f"part_{two.pk}": "1.25"}
        signed_in.post(address(activity, "credit"), entered)
        check = signed_in.get(address(activity, "check")).content.decode()
        for words in ("Opening: 1.00", "Lungs: 1.25 of 1.50", "2 sessions: 2.25", "less 0.25", "Claim 2.00"):
            assert words in check
        submit(signed_in, activity)
        made = Claim.objects.get(learner=learner)
        assert [(row.session.title, str(row.amount)) for row in made.sessions.all()] == [
            ("Opening", "1.00"), ("Lungs", "1.25"),
        ]  # fmt: skip
        assert standing(made) == {"ama_pra": "2.00"}

    def test_nothing_chosen_is_refused_in_words(self, signed_in: Client, activity: Activity) -> None:
        session(activity, "08:00-09:00")
        answer = signed_in.post(address(activity, "credit"), {})
        assert answer.status_code == 422
        assert answer.content.decode().count("Choose at least one session that you attended.") == 2
        assert 'href="#sessions"' in answer.content.decode()

    def test_session_that_cannot_be_chosen_is_said_and_left_out(
        self, signed_in: Client, learner: User, activity: Activity
    ) -> None:
        one, coming = session(activity, "08:00-09:00"), session(activity, "09:00-10:00", "Coming")
        Session.objects.filter(pk=coming.pk).update(ends_at=timezone.now() + timedelta(hours=1))
        both = {f"session_{one.pk}": "on", f"session_{coming.pk}": "on"}
        answer = signed_in.post(address(activity, "credit"), both)
        assert (answer.status_code, b"is not over yet" in answer.content) == (422, True)
        assert signed_in.post(address(activity, "credit"), {f"session_{one.pk}": "on"}).status_code == 302
        assert Response.objects.get().typed[f"session_{coming.pk}"] == []

    def test_session_chosen_before_the_profession_changed_is_said(
        self, signed_in: Client, learner: User, activity: Activity
    ) -> None:
        doctors, all_of_us = session(activity, "08:00-09:00", "Doctors"), session(activity, "09:00-10:00")
        Session.objects.filter(pk=doctors.pk).update(credit_types=["ama_pra"])
        both = {f"session_{doctors.pk}": "on", f"session_{all_of_us.pk}": "on"}
        assert signed_in.post(address(activity, "credit"), both).status_code == 302
        User.objects.filter(pk=learner.pk).update(profession="other")
        page = signed_in.get(address(activity, "check")).content.decode()
        assert "“Doctors” gives no credit to your profession." in page
        shown = re.search(r'name="shown" value="([^"]*)"', signed_in.get(address(activity, "credit")).content.decode())
        assert shown
        data = {f"session_{all_of_us.pk}": "on", "shown": unescape(shown[1])}
        assert signed_in.post(address(activity, "credit"), data).status_code == 302
        assert "Doctors" not in signed_in.get(address(activity, "check")).content.decode()

    def test_part_that_is_no_amount_counts_as_nothing_and_is_refused(
        self, signed_in: Client, activity: Activity
    ) -> None:
        row = session(activity, "08:00-09:00")
        answer = signed_in.post(address(activity, "credit"), {f"session_{row.pk}": "on", f"part_{row.pk}": "x"})
        assert (answer.status_code, b"choose how much of it you attended" in answer.content) == (422, True)

    def test_two_devices_choose_different_sessions_and_both_stay(self, signed_in: Client, activity: Activity) -> None:
        """A page that shows nothing chosen does not take away what another device chose meanwhile."""
        one, two = session(activity, "08:00-09:00"), session(activity, "09:00-10:00")
        save = address(activity, "credit") + "save/"
        signed_in.post(save, {f"session_{one.pk}": "on", "shown": "{}"})
        signed_in.post(save, {f"session_{two.pk}": "on", "shown": "{}"})
        typed = Response.objects.get().typed
        assert (typed[f"session_{one.pk}"], typed[f"session_{two.pk}"]) == (["on"], ["on"])

    def test_session_taken_out_again_is_out(self, signed_in: Client, activity: Activity) -> None:
        row = session(activity, "08:00-09:00")
        save = address(activity, "credit") + "save/"
        shown = signed_in.post(save, {f"session_{row.pk}": "on", "shown": "{}"}).json()["shown"]
        assert "Nothing is chosen yet." in signed_in.post(save, {"shown": shown}).json()["total"]
        assert Response.objects.get().typed[f"session_{row.pk}"] == []

    def test_sessions_to_come_are_announced(self, signed_in: Client) -> None:
        activity = ActivityFactory(under_way=True)
        session(activity, "00:15-00:30", "Yesterday")
        session(activity, "23:00-23:30", "Later", day=activity.ends_on)
        page = signed_in.get(address(activity, "credit")).content.decode()
        assert "1 session is not over yet" in page
        assert "Later" not in page

    def test_profession_without_a_session_is_told_so(self, client: Client) -> None:
        activity = ActivityFactory(credit={"ama_pra": "5.00", "ancc": "5.00"})
        session(activity, "08:00-09:00", credit_types=["ama_pra"])
        client.force_login(UserFactory(nurse=True))
        assert b"No session that gives you credit is over yet." in client.get(address(activity, "credit")).content

    def test_a_thousand_sessions_cost_as_many_queries_as_one(
        self, signed_in: Client, activity: Activity, django_assert_num_queries: object
    ) -> None:
        make_sessions(activity, 600)
        signed_in.get(address(activity, "credit"))
        with django_assert_num_queries(17):  # type: ignore[operator]
            page = signed_in.get(address(activity, "credit"))
        assert page.content.decode().count('type="checkbox" name="session_') == 600
