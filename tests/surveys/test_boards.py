"""The request asks who the learner is to each board, or to CPE Monitor, and says early what does not fit."""

import io
import json
from typing import Any, ClassVar

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Identifier, User
from activities.models import Activity, MocRegistration, Provider
from credits.models import Claim
from credits.tasks import look_at_drafts_again
from outbox.models import Message
from reporting import batches, recognition
from reporting.models import Submission
from reporting.sandbox.server import Registry
from reporting.services.queueing import complete
from surveys.forms.registries import MocForm
from tests.credits.making import amend, claim
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.making import ada, report, run
from tests.signing_in import sign_in_quietly
from tests.surveys.conftest import MOC, Fill, address, evaluation, submit

pytestmark = pytest.mark.django_db


class TestBoards:
    """An activity that several boards have registered."""

    @pytest.fixture(autouse=True)
    def _surgeons(self, activity: Activity) -> None:
        MocRegistration.objects.create(
            activity=activity, board="ABS", point_types=["Accredited CME", "Self-Assessment"], maximum="5.00"
        )

    def test_each_board_with_a_number_is_told(self, signed_in: Client, activity: Activity, fill: Fill) -> None:
        fill(moc=MOC | {"number_ABS": "s-12345"})
        submit(signed_in, activity)
        rows = Submission.objects.order_by("pk")
        assert [(row.board, row.completion["credit_type"], row.completion["points"]) for row in rows] == [
            ("ABIM", "Medical Knowledge", "12.25"),
            ("ABS", "Accredited CME", "5.00"),
            ("ABS", "Self-Assessment", "5.00"),
        ]
        assert {row.credit_id[-7:] for row in Submission.objects.filter(board="ABS")} == {"BS-AC-1", "ABS-S-1"}
        assert sorted(Identifier.objects.values_list("registry", flat=True)) == ["ABIM", "ABS"]

    def test_one_board_is_enough(self, signed_in: Client, activity: Activity, fill: Fill) -> None:
        fill(moc={**MOC, "number_ABIM": "", "number_ABS": "12345"})
        submit(signed_in, activity)
        assert set(Submission.objects.values_list("board", flat=True)) == {"ABS"}

    def test_without_any_number_the_wish_is_refused(self, signed_in: Client, activity: Activity) -> None:
        answer = signed_in.post(address(activity, "moc"), {**MOC, "number_ABIM": ""})
        text = answer.content.decode()
        assert (answer.status_code, "your number with at least one board" in text) == (422, True)

    def test_labels_name_the_boards(self, activity: Activity) -> None:
        form = MocForm(activity=activity)
        assert form.fields["wants_moc"].label == "Shall we report your completion to ABIM or ABS for MOC points?"
        assert form.fields["given_name"].label == "First name, as your board has it"
        assert form.label_of("permission") == "Permission to report to ABIM or ABS"


class TestPharmacists:
    """ACPE credit goes to CPE Monitor."""

    @pytest.fixture
    def pharmacist(self, client: Client, db: None) -> User:
        learner: User = UserFactory(profession="pharmacist")
        sign_in_quietly(client, learner)
        return learner

    @pytest.fixture
    def meeting(self, db: None) -> Activity:
        made: Activity = ActivityFactory(credit={"acpe": "5.00"}, questions=1)
        made.designations.update(uan="0000-0000-26-001-L01-P", live_date=made.starts_on)
        return made

    def claim(self, client: Client, meeting: Activity, **typed: str) -> Any:
        client.post(address(meeting, "credit"), {"amount": "2"})
        answer = client.post(address(meeting, "cpe"), typed)
        client.post(address(meeting, "questions"), evaluation(meeting))
        submit(client, meeting)
        return answer

    def test_number_is_asked_and_cpe_monitor_is_to_be_told(
        self, client: Client, pharmacist: User, meeting: Activity
    ) -> None:
        self.claim(client, meeting, number_NABP="012 3456", birth_month="2", birth_day="29")
        submission = Submission.objects.get()
        assert (submission.registry, submission.board, submission.state) == ("CPE", "NABP", "ready")
        assert submission.identity["board_number"] == "0123456"
        assert submission.completion["activity_id"] == "0000-0000-26-001-L01-P"
        assert submission.completion["completed_on"] == meeting.starts_on.isoformat()
        assert [name for name, _ in submission.clocks][-1] == "CPE Monitor"
        page = client.get(Claim.objects.get().get_absolute_url()).content.decode()
        assert "CPE Monitor: ready to send" in page

    def test_without_a_number_the_claim_is_made_and_the_learner_adds_it_later(
        self, client: Client, pharmacist: User, meeting: Activity
    ) -> None:
        assert self.claim(client, meeting).status_code == 302
        submission = Submission.objects.get()
        assert submission.state == "draft"
        mail = Message.objects.get(subject__contains="claimed")
        assert f"/reports/{submission.pk}/" in mail.text
        page = client.get(f"/reports/{submission.pk}/").content.decode()
        assert "An NABP e-Profile ID has 4 to 10 digits" in page
        page = client.get(Claim.objects.get().get_absolute_url()).content.decode()
        assert f'href="/reports/{submission.pk}/">Add it now' in page
        typed = {"board_number": "0123456", "given_name": "Ada", "family_name": "Okafor", "birth_month": "2"}
        client.post(f"/reports/{submission.pk}/", typed | {"birth_day": "29"})
        submission.refresh_from_db()
        assert submission.state == "ready"

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"number_NABP": "12a4"}, "An NABP e-Profile ID has 4 to 10 digits"),
            ({"birth_month": "2", "birth_day": "29"}, "Enter your NABP e-Profile ID, or leave the whole page empty"),
            ({"number_NABP": "1234567"}, "Choose your month of birth, or leave the whole page empty."),
        ],
    )
    def test_half_an_answer_is_refused(
        self, client: Client, pharmacist: User, meeting: Activity, typed: dict[str, str], words: str
    ) -> None:
        answer = client.post(address(meeting, "cpe"), typed)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)

    def test_profile_fills_the_page(self, client: Client, pharmacist: User, meeting: Activity) -> None:
        Identifier.objects.create(user=pharmacist, registry="NABP", number="7654321")
        assert 'value="7654321"' in client.get(address(meeting, "cpe")).content.decode()


class TestStates:
    """Credit of physicians who ask for no points is reported to their state, where the provider offers it."""

    STATE: ClassVar[dict[str, str]] = {
        "wants_state": "yes",
        "state": "CA",
        "license": "A 12345",
        "given_name": "Ada",
        "family_name": "Okafor",
        "birth_month": "2",
        "birth_day": "29",
        "permission": "on",
    }

    @pytest.fixture(autouse=True)
    def _offered(self, activity: Activity) -> None:
        Provider.objects.update(reports_to_states=True)

    def claim(self, client: Client, activity: Activity, **changes: str) -> Any:
        client.post(address(activity, "credit"), {"amount": "2"})
        client.post(address(activity, "moc"), {"wants_moc": "no"})
        answer = client.post(address(activity, "state"), self.STATE | changes)
        client.post(address(activity, "questions"), evaluation(activity))
        submit(client, activity)
        return answer

    @pytest.mark.parametrize(
        ("changes", "board", "number"),
        [({}, "CA", "A 12345"), ({"license": "", "number_NPI": "1234567893"}, "NPI", "1234567893")],
    )
    def test_credit_is_reported_by_license_or_npi(  # noqa: PLR0917 (two ways)
        self,
        signed_in: Client,
        activity: Activity,
        registry: Registry,
        changes: dict[str, str],
        board: str,
        number: str,
    ) -> None:
        self.claim(signed_in, activity, **changes)
        submission = Submission.objects.get()
        assert (submission.board, submission.identity["board_number"]) == (board, number)
        assert (submission.completion["credit_type"], submission.completion["points"]) == ("AMA PRA Category 1", "2.00")
        Submission.objects.update(send_at=submission.created_at)
        assert run(submission, times=3).state == "accepted"
        told = Message.objects.get(reference=submission.reference, subject__contains="state medical board")
        assert "PARS has taken 2.00 credits for your state medical board" in told.text
        page = signed_in.get(Claim.objects.get().get_absolute_url()).content.decode()
        assert f"2.00 credits to your state medical board ({board}): recorded" in page
        kinds = Identifier.objects.values_list("registry", "state")
        assert list(kinds) == [("LICENSE", "California") if board == "CA" else ("NPI", "")]

    def test_batch_has_the_states_columns(self, signed_in: Client, activity: Activity) -> None:
        self.claim(signed_in, activity)
        sheet = load_workbook(io.BytesIO(batches.pars(Submission.objects.all())))["Sheet1"]
        cells = [cell.value for cell in sheet[3]]
        assert cells[6:] == ["California", "A 12345", 2, None, None, None, None, None]

    def test_change_of_the_claim_is_followed_and_a_withdrawn_permission_stays_withdrawn(
        self, signed_in: Client, activity: Activity, learner: User
    ) -> None:
        self.claim(signed_in, activity)
        made = Claim.objects.get()
        amend(made, "3.00")
        points = [(row.completion["points"], row.state) for row in Submission.objects.order_by("pk")]
        assert points == [("2.00", "withdrawn"), ("3.00", "ready")]
        signed_in.post(made.get_absolute_url() + "permission/")
        amend(made, "4.00")
        assert {row.state for row in Submission.objects.all()} == {"withdrawn"}

    def test_points_reach_the_state_by_themselves(self, signed_in: Client, activity: Activity) -> None:
        signed_in.post(address(activity, "moc"), MOC)
        assert signed_in.get(address(activity, "state")).status_code == 302

    def test_no_is_an_answer(self, signed_in: Client, activity: Activity) -> None:
        self.claim(signed_in, activity, wants_state="no")
        assert (Claim.objects.count(), Submission.objects.count()) == (1, 0)

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"wants_state": ""}, "Choose yes or no."),
            ({"state": ""}, "Choose the state that licenses you."),
            ({"license": ""}, "Enter your license number or your NPI"),
            ({"license": "§"}, "A license number has letters and digits."),
            ({"number_NPI": "12"}, "An NPI has 10 digits"),
            ({"permission": ""}, "Without your permission"),
        ],
    )
    def test_what_the_state_needs_is_asked(
        self, signed_in: Client, activity: Activity, wrong: dict[str, str], words: str
    ) -> None:
        typed = {name: value for name, value in (self.STATE | wrong).items() if value}
        answer = signed_in.post(address(activity, "state"), typed)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)

    def test_rejected_license_is_corrected_by_the_learner(
        self, signed_in: Client, activity: Activity, registry: Registry
    ) -> None:
        self.claim(signed_in, activity, license="A 12349")
        submission = Submission.objects.get()
        Submission.objects.update(send_at=submission.created_at)
        assert run(submission, times=3).state == "rejected"
        typed = {name: self.STATE[name] for name in ("given_name", "family_name", "birth_month", "birth_day")}
        signed_in.post(f"/reports/{submission.pk}/", typed | {"board_number": "A 12345"})
        successor = Submission.objects.get(action="add", state="ready")
        assert (successor.identity["board_number"], successor.identity["state"]) == ("A 12345", "CA")


class TestDrafts:
    """What the office enters later completes what waited for it."""

    def test_number_of_the_activity_that_was_missing(self, learner: User) -> None:
        meeting = ActivityFactory(credit={"acpe": "5.00"})
        pharmacist = UserFactory(profession="pharmacist", birth_month="2", birth_day="29")
        Identifier.objects.create(user=pharmacist, registry="NABP", number="7654321")
        claim(pharmacist, meeting, "1.00")
        submission = Submission.objects.get()
        assert "no Universal Activity Number" in submission.reason
        look_at_drafts_again(timezone.now())
        submission.refresh_from_db()
        assert submission.state == "draft"
        meeting.designations.update(uan="0000-0000-26-001-L01-P")
        look_at_drafts_again(timezone.now())
        submission.refresh_from_db()
        assert (submission.state, submission.completion["activity_id"]) == ("ready", "0000-0000-26-001-L01-P")

    def test_number_that_the_learner_adds_to_the_profile(self, learner: User) -> None:
        meeting = ActivityFactory(credit={"acpe": "5.00"})
        meeting.designations.update(uan="0000-0000-26-001-L01-P")
        pharmacist = UserFactory(profession="pharmacist", birth_month="2", birth_day="29")
        claim(pharmacist, meeting, "1.00")
        submission = Submission.objects.get()
        assert (submission.state, "NABP number is missing" in submission.reason) == ("draft", True)
        Identifier.objects.create(user=pharmacist, registry="NABP", number="7654321")
        look_at_drafts_again(timezone.now())
        submission.refresh_from_db()
        assert (submission.state, submission.identity["board_number"]) == ("ready", "7654321")

    def test_what_is_no_draft_any_more_is_left_alone(self, learner: User) -> None:
        draft = report(learner, "12")
        Submission.objects.update(state="held")
        complete(submission=draft, completion={**draft.completion, "points": "1.00"}, identity=draft.identity)
        assert Submission.objects.get().completion["points"] == "12.25"

    def test_draft_that_breaks_stops_no_other(
        self, learner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        for row in ("R-1", "R-2"):
            report(learner, "12", reference=row, credit_id=f"ccid:society.example:{row}-ABIM-MK-1")
        look_at_drafts_again(timezone.now())
        assert caplog.text.count("cannot be looked at again") == 2

        def busy(_draft: Submission) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr("credits.reports.refresh", busy)
        with pytest.raises(OperationalError):
            look_at_drafts_again(timezone.now())


class TestWarnings:
    """What the registry says while the page is typed; it bars nobody."""

    @pytest.fixture(autouse=True)
    def _fresh(self) -> None:
        cache.clear()

    def save(self, client: Client, activity: Activity, **changes: str) -> dict[str, Any]:
        client.get(address(activity))
        answer = client.post(address(activity, "moc") + "save/", MOC | changes | {"shown": "{}"})
        body: dict[str, Any] = json.loads(answer.content)
        return body

    @pytest.mark.parametrize(
        ("number", "words"), [("123458", "another name or birthday"), ("123459", "does not know number 123459 yet")]
    )
    def test_mismatch_is_explained_and_nobody_is_stopped(
        self, signed_in: Client, activity: Activity, registry: Registry, number: str, words: str
    ) -> None:
        (said,) = self.save(signed_in, activity, number_ABIM=number)["identity"]
        assert words in said
        assert signed_in.post(address(activity, "moc"), MOC | {"number_ABIM": number}).status_code == 302

    def test_known_learner_hears_nothing(self, signed_in: Client, activity: Activity, registry: Registry) -> None:
        assert "identity" not in self.save(signed_in, activity)
        assert registry.asked == {"match": 1}

    def test_incomplete_page_and_other_pages_ask_nothing(
        self, signed_in: Client, activity: Activity, registry: Registry
    ) -> None:
        assert "identity" not in self.save(signed_in, activity, number_ABIM="12")
        signed_in.post(address(activity, "credit") + "save/", {"amount": "1", "shown": "{}"})
        assert registry.asked == {}

    def test_nobody_tries_numbers_for_long(self, learner: User, registry: Registry) -> None:
        cache.clear()
        said = [recognition.warnings(learner, {"ABIM": ada(f"1{n:04}8")}) for n in range(31)]
        assert [bool(words) for words in said] == [True] * 30 + [False]
        assert registry.asked == {"match": 30}
        assert recognition.warnings(UserFactory(), {"ABIM": ada("223458")})

    def test_nobody_tries_birthdays_of_a_number_from_many_accounts(self, db: None, registry: Registry) -> None:
        cache.clear()
        for day in range(1, 13):
            recognition.warnings(UserFactory(), {"ABIM": ada("123458", day=day)})
        assert registry.asked == {"match": 10}
        recognition.warnings(UserFactory(), {"ABIM": ada("123458", day=1)})
        assert registry.asked == {"match": 10}
