"""Codes prove participation: they are entered while they hold, and nobody finds one by trying."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Session
from audit.models import Event
from credits.models import CheckIn, Claim, LateGrant, WrongCode
from credits.offer import CannotAward, Offer
from credits.services import checking_in
from credits.tasks import forget_wrong_codes
from surveys.models import Response
from tests.credits.making import chosen, claim, session, standing
from tests.factories import ActivityFactory, UserFactory, make_sessions
from tests.signing_in import sign_in_quietly
from tests.surveys.conftest import address

pytestmark = pytest.mark.django_db
GUESS = "ZZZZZ{}"


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    sign_in_quietly(client, learner)
    return client


@pytest.fixture
def coded(activity: Activity) -> Activity:
    Activity.objects.filter(pk=activity.pk).update(claim_by="codes")
    return Activity.objects.get(pk=activity.pk)


@pytest.fixture
def opening(coded: Activity) -> Session:
    make_sessions(coded, 30)
    return session(coded, "08:00-09:00", "Opening", code="7kq2md", room="B")


@pytest.fixture
def elsewhere() -> Activity:
    """Content in another system, which shows a code at its end."""
    made: Activity = ActivityFactory(self_study=True, claim_by="codes", own_code="Learned2026", own_code_days=30)
    return made


def send(client: Client, activity: Activity, codes: str, **more: str) -> tuple[int, str]:
    answer = client.post(address(activity, "credit"), {"codes": codes, "stay": "yes", **more})
    return answer.status_code, answer.content.decode()


def enter(learner: User, activity: Activity, *codes: str, now: datetime | None = None) -> checking_in.Entered:
    offer = Offer(activity, learner, now or timezone.now())
    return checking_in.enter(offer=offer, codes=codes, network="here")


class TestOfSessions:
    def test_entered_code_lists_its_session_chosen(self, signed_in: Client, coded: Activity, opening: Session) -> None:
        assert opening.code == "7KQ2MD"
        assert send(signed_in, coded, " 7kq-2mD, ") == (302, "")
        page = signed_in.get(address(coded, "credit")).content.decode()
        assert f'name="session_{opening.pk}" id="session_{opening.pk}" value="on" checked' in page
        assert f'name="part_{opening.pk}"' in page
        assert "1.00 <em>AMA PRA" in page
        assert ">7KQ2MD<" not in page
        typed = {f"session_{opening.pk}": "on", f"part_{opening.pk}": "0.75", "codes": ""}
        assert signed_in.post(address(coded, "credit"), typed).status_code == 302

    def test_code_sent_with_the_page_is_read_before_it_goes_on(
        self, signed_in: Client, coded: Activity, opening: Session
    ) -> None:
        assert signed_in.post(address(coded, "credit"), {"codes": opening.code}).status_code == 302
        assert Response.objects.get().typed[f"session_{opening.pk}"] == ["on"]

    def test_codes_are_added_week_by_week(self, signed_in: Client, coded: Activity, opening: Session) -> None:
        second = coded.sessions.exclude(pk=opening.pk).first()
        assert second
        send(signed_in, coded, opening.code)
        send(signed_in, coded, second.code, **{f"session_{opening.pk}": "on"})
        assert set(CheckIn.objects.values_list("session", flat=True)) == {opening.pk, second.pk}
        page = signed_in.get(address(coded, "credit")).content.decode()
        assert page.count("checked") == 2

    def test_session_without_its_code_cannot_be_claimed(
        self, signed_in: Client, learner: User, coded: Activity, opening: Session
    ) -> None:
        with pytest.raises(CannotAward, match="First enter the code that was shown at “Opening”"):
            claim(learner, coded, chosen(opening))
        answer = signed_in.post(address(coded, "credit"), {f"session_{opening.pk}": "on"})
        assert answer.status_code == 422
        enter(learner, coded, opening.code)
        assert standing(claim(learner, coded, chosen(opening))) == {"ama_pra": "1.00"}

    def test_no_code_is_refused_at_the_field(self, signed_in: Client, coded: Activity, opening: Session) -> None:
        answer = signed_in.post(address(coded, "credit"), {"codes": ""})
        assert (answer.status_code, 'href="#id_codes"' in answer.content.decode()) == (422, True)

    def test_code_entered_during_the_session_counts_when_it_is_over(self, signed_in: Client, learner: User) -> None:
        meeting = ActivityFactory(under_way=True, claim_by="codes", time_zone="UTC")
        now = timezone.now().replace(hour=10, minute=30)
        running = session(meeting, "10:00-11:00", "Running", day=now.date())
        with time_machine.travel(now, tick=False):
            assert send(signed_in, meeting, running.code)[0] == 302
            page = signed_in.get(address(meeting, "credit")).content.decode()
            assert "Entered: Running. It can be claimed when it is over." in page
        with time_machine.travel(now + timedelta(hours=1), tick=False):
            assert f'name="session_{running.pk}"' in signed_in.get(address(meeting, "credit")).content.decode()
            assert standing(claim(learner, meeting, chosen(running))) == {"ama_pra": "1.00"}

    def test_code_holds_from_the_start_for_as_long_as_the_office_says(self, learner: User) -> None:
        meeting = ActivityFactory(under_way=True, claim_by="codes", code_hours=2, time_zone="UTC")
        row = session(meeting, "10:00-11:00", "Talk", day=timezone.now().date())
        starts = row.starts_at
        assert "does not fit" in enter(learner, meeting, row.code, now=starts - timedelta(seconds=1)).refused[row.code]
        late = enter(learner, meeting, row.code, now=starts + timedelta(hours=2, seconds=1)).refused[row.code]
        assert late.startswith("The code of “Talk” could be entered until")
        assert meeting.provider.office_email in late
        assert WrongCode.objects.count() == 1
        assert enter(learner, meeting, row.code, now=starts + timedelta(hours=2)).accepted == [row]

    def test_codes_are_unique_within_an_activity(self, coded: Activity) -> None:
        make_sessions(coded, 50)
        assert len(set(coded.sessions.values_list("code", flat=True))) == 50

    def test_amended_claim_takes_another_code(
        self, signed_in: Client, learner: User, coded: Activity, opening: Session
    ) -> None:
        enter(learner, coded, opening.code)
        made = claim(learner, coded, chosen(opening))
        change = made.get_absolute_url() + "change/"
        second = session(coded, "18:00-19:00", "Closing", code="9XWT4B")
        wrong = signed_in.post(change, {"codes": "XXXXXX", f"session_{opening.pk}": "on", "stay": "yes"})
        assert (wrong.status_code, "The code XXXXXX does not fit." in wrong.content.decode()) == (422, True)
        page = signed_in.post(change, {"codes": second.code, f"session_{opening.pk}": "on", "stay": "yes"})
        assert page.content.decode().count("checked") == 2
        both = {f"session_{row.pk}": "on" for row in (opening, second)} | {"attested": "on"}
        assert signed_in.post(change, both).status_code == 302
        assert standing(made) == {"ama_pra": "2.00"}

    def test_claim_of_before_codes_were_asked_keeps_its_sessions(self, learner: User, activity: Activity) -> None:
        first, second = session(activity, "08:00-09:00"), session(activity, "09:00-10:00")
        made = claim(learner, activity, chosen(first, second))
        Activity.objects.filter(pk=activity.pk).update(claim_by="codes")
        again = Offer(Activity.objects.get(pk=activity.pk), learner, timezone.now(), frozenset({first.pk, second.pk}))
        assert set(again.sessions) == {first.pk, second.pk}
        assert made.sessions.count() == 2


class TestGuessing:
    """The finding: 15 million codes in 52 seconds, through saving, totals, and the page itself."""

    def test_more_codes_than_sessions_are_not_read(self, signed_in: Client, coded: Activity, opening: Session) -> None:
        many = " ".join(GUESS.format(number) for number in range(31)) + f" {opening.code}"
        status, page = send(signed_in, coded, many)
        assert status == 422
        assert "Enter at most 31 codes at once: there are no more codes." in page
        assert not CheckIn.objects.exists()
        assert not WrongCode.objects.exists()

    def test_saving_while_typing_reads_and_tells_nothing(
        self, signed_in: Client, coded: Activity, opening: Session
    ) -> None:
        save = address(coded, "credit") + "save/"
        answers = [signed_in.post(save, {"codes": code, "shown": "{}"}).json() for code in (opening.code, "XXXXXX")]
        for answer in answers:
            del answer["saved"], answer["shown"]
        assert answers[0] == answers[1]
        assert not WrongCode.objects.exists()
        huge = signed_in.post(save, {"codes": " ".join(GUESS.format(n) for n in range(100_000)), "shown": "{}"})
        assert huge.status_code == 422
        assert len(str(Response.objects.get().typed)) < 1000

    def test_total_of_a_change_reads_no_code(
        self, signed_in: Client, learner: User, coded: Activity, opening: Session
    ) -> None:
        enter(learner, coded, opening.code)
        made = claim(learner, coded, chosen(opening))
        other = coded.sessions.exclude(pk=opening.pk).first()
        assert other
        total = made.get_absolute_url() + "change/total/"
        answers = {signed_in.post(total, {"codes": code}).content for code in (other.code, "XXXXXX")}
        assert len(answers) == 1
        assert CheckIn.objects.count() == 1

    def test_code_left_in_the_field_is_said_before_the_claim_is_sent(
        self, signed_in: Client, coded: Activity, opening: Session
    ) -> None:
        send(signed_in, coded, opening.code)
        signed_in.post(address(coded, "credit") + "save/", {"codes": "7KQ", f"session_{opening.pk}": "on"})
        assert "These codes were not accepted yet." in signed_in.get(address(coded, "check")).content.decode()

    def test_ten_wrong_codes_silence_for_an_hour(
        self, signed_in: Client, learner: User, coded: Activity, opening: Session
    ) -> None:
        begin = timezone.now()
        for number in range(9):
            assert "does not fit" in send(signed_in, coded, GUESS.format(number))[1]
        with time_machine.travel(begin + timedelta(minutes=20), tick=False):
            page = send(signed_in, coded, f"XXXXXX {opening.code}")[1]
        assert "The code XXXXXX does not fit." in page
        assert "Several codes did not fit, so codes are not read here until" in page
        with time_machine.travel(begin + timedelta(minutes=79), tick=False):
            status, page = send(signed_in, coded, opening.code)
            assert (status, "codes are not read here until" in page, opening.code in page) == (422, True, True)
        assert not CheckIn.objects.exists()
        assert WrongCode.objects.filter(learner=learner).count() == 10
        assert Event.objects.get(action="entered many wrong codes").actor_id == learner.pk
        with time_machine.travel(begin + timedelta(minutes=81), tick=False):
            assert send(signed_in, coded, opening.code)[0] == 302

    def test_silence_is_of_one_person_in_one_activity(self, learner: User, coded: Activity, opening: Session) -> None:
        enter(learner, coded, *(GUESS.format(number) for number in range(10)))
        assert enter(UserFactory(), coded, opening.code).accepted == [opening]
        other = ActivityFactory(claim_by="codes")
        row = session(other, "08:00-09:00")
        assert enter(learner, other, row.code).accepted == [row]

    def test_ten_over_more_than_an_hour_are_not_silenced(
        self, learner: User, coded: Activity, opening: Session
    ) -> None:
        begin = timezone.now() - timedelta(hours=2)
        for number in range(10):
            enter(learner, coded, GUESS.format(number), now=begin + timedelta(minutes=7 * number))
        assert enter(learner, coded, opening.code).accepted == [opening]

    def test_many_accounts_on_one_network_are_silenced_together(self, coded: Activity, opening: Session) -> None:
        now = timezone.now()
        rows = [WrongCode(learner=UserFactory(), activity=coded, network="here", at=now) for _ in range(299)]
        WrongCode.objects.bulk_create(rows)
        enter(UserFactory(), coded, "XXXXXX")
        with pytest.raises(checking_in.NotRead, match="codes are not read here until"):
            enter(UserFactory(), coded, opening.code)
        offer = Offer(coded, UserFactory(), now)
        assert checking_in.enter(offer=offer, codes=[opening.code], network="elsewhere").accepted == [opening]

    @pytest.mark.usefixtures("committed")
    def test_many_requests_at_once_are_counted_one_by_one(self) -> None:
        coded = ActivityFactory(claim_by="codes")
        make_sessions(coded, 30)
        learner = UserFactory()

        def guess(number: int) -> None:
            try:
                enter(learner, coded, GUESS.format(number))
            except checking_in.NotRead:
                pass
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(guess, range(40)))
        assert WrongCode.objects.count() == 10

    def test_wrong_codes_are_forgotten_after_a_year(self, learner: User, coded: Activity) -> None:
        now = timezone.now()
        for days in (366, 364):
            WrongCode.objects.create(learner=learner, activity=coded, network="x", at=now - timedelta(days=days))
        forget_wrong_codes(now)
        assert WrongCode.objects.count() == 1


class TestOfTheActivity:
    """One code for content in another system."""

    def test_claim_needs_the_code(self, signed_in: Client, learner: User, elsewhere: Activity) -> None:
        with pytest.raises(CannotAward, match="Enter the code that the activity showed you at its end"):
            claim(learner, elsewhere, "1.00")
        page = signed_in.get(address(elsewhere, "credit")).content.decode()
        assert 'name="codes"' in page
        answer = signed_in.post(address(elsewhere, "credit"), {"amount": "1.00", "codes": "wrong1"})
        assert (answer.status_code, "The code WRONG1 does not fit." in answer.content.decode()) == (422, True)
        answer = signed_in.post(address(elsewhere, "credit"), {"amount": "1.00", "codes": "learned-2026"})
        assert answer.status_code == 302
        assert 'name="codes"' not in signed_in.get(address(elsewhere, "credit")).content.decode()
        assert standing(claim(learner, elsewhere, "1.00")) == {"ama_pra": "1.00"}

    def test_ten_wrong_ones_silence_too(self, signed_in: Client, elsewhere: Activity) -> None:
        for number in range(10):
            signed_in.post(address(elsewhere, "credit"), {"amount": "1.00", "codes": f"wrong{number}"})
        page = signed_in.post(address(elsewhere, "credit"), {"amount": "1.00", "codes": "LEARNED2026"})
        assert "codes are not read here until" in page.content.decode()
        assert not Claim.objects.exists()

    def test_code_is_good_for_so_many_days_after_it_was_entered(self, learner: User, elsewhere: Activity) -> None:
        entered = timezone.now()
        enter(learner, elsewhere, "LEARNED2026", now=entered)
        late = entered + timedelta(days=30, seconds=1)
        with pytest.raises(CannotAward, match="After you entered the code, credit could be asked for until"):
            claim(learner, elsewhere, "1.00", now=late)
        LateGrant.objects.create(
            learner=learner, activity=elsewhere, until=late + timedelta(days=1), reason="x", granted_by=learner,
            granted_at=late,
        )  # fmt: skip
        assert standing(claim(learner, elsewhere, "1.00", now=late)) == {"ama_pra": "1.00"}


class TestInTheOffice:
    @pytest.fixture
    def officer(self, client: Client) -> Client:
        client.force_login(UserFactory(officer=True))
        return client

    def test_codes_are_listed_with_a_slide_each(self, officer: Client, coded: Activity, opening: Session) -> None:
        base = f"/admin/activities/activity/{coded.pk}/codes/"
        page = officer.get(base).content.decode()
        assert page.count("7KQ2MD") == 1
        slide = officer.get(f"{base}{opening.pk}/").content.decode()
        assert all(words in slide for words in ("7KQ2MD", "Opening", f"/a/{coded.code}", "by <strong>"))
        assert "7KQ2MD" not in Client().get(f"/a/{coded.code}/slide/").content.decode()

    def test_own_code_has_a_slide(self, officer: Client, elsewhere: Activity) -> None:
        base = f"/admin/activities/activity/{elsewhere.pk}/codes/"
        assert "good for 30 days after it is entered" in officer.get(base).content.decode()
        assert "LEARNED2026" in officer.get(f"{base}slide/").content.decode()

    def test_wrong_codes_are_shown_by_activity_and_by_learner(
        self, officer: Client, learner: User, coded: Activity, opening: Session
    ) -> None:
        enter(learner, coded, opening.code, "XXXXXX")
        listed = officer.get(f"/admin/credits/wrongcode/?activity__id__exact={coded.pk}").content.decode()
        assert str(learner) in listed
        page = officer.get(f"/admin/surveys/survey/learners/{coded.pk}/{learner.pk}/").content.decode()
        assert "<strong>1</strong> did not fit." in page
        assert "Opening" in page
        assert officer.get("/admin/credits/checkin/").status_code == 200
        assert str(CheckIn.objects.get()) == f"{learner}: Opening"
        assert str(WrongCode.objects.get()) == f"{learner}: {coded}"

    def test_codes_are_for_staff_who_may_see_sessions(self, client: Client, coded: Activity, opening: Session) -> None:
        client.force_login(UserFactory(is_staff=True))
        for address_ in ("codes/", f"codes/{opening.pk}/", "codes/slide/"):
            assert client.get(f"/admin/activities/activity/{coded.pk}/{address_}").status_code == 403
