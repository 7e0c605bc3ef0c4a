"""A report is put right by the learner or the office: deleted and added, never sent twice, and never lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Identifier, User
from audit.models import Event
from jobs.models import Job
from outbox.models import Message
from reporting.models import Batch, Submission
from reporting.sandbox.server import Registry
from reporting.services import batching, correcting, deciding, queueing
from reporting.services.batching import Result
from reporting.services.queueing import take_back
from reporting.states import State
from tests.factories import UserFactory
from tests.reporting.making import CREDIT_ID, Make, ada, run
from tests.signing_in import sign_in_quietly

pytestmark = pytest.mark.django_db
SECOND = CREDIT_ID[:-1] + "2"
TYPED = {
    "board_number": "123456",
    "given_name": "Ada",
    "family_name": "Okafor",
    "birth_month": "2",
    "birth_day": "29",
}


def correct(submission: Submission, number: str = "123456", **more: Any) -> Submission:
    return correcting.correct(
        submission=submission, identity=ada(number, **more), actor=submission.learner, reason="A digit.",
        now=timezone.now(),
    )  # fmt: skip


def decide(verb: str, submission: Submission, reason: str = "They said so.") -> None:
    told = {"submission": submission, "actor": UserFactory(officer=True), "reason": reason}
    if verb == "send_again":
        told["now"] = timezone.now()
    getattr(deciding, verb)(**told)
    submission.refresh_from_db()


def test_rejected_by_the_board_is_deleted_and_added(ready: Make, registry: Registry) -> None:
    first = run(ready("123459"), times=3)
    assert (first.state, "Correct" in Message.objects.get().html) == ("rejected", True)
    second = correct(first)
    first.refresh_from_db()
    assert (first.state, second.credit_id, second.after.action) == ("corrected", SECOND, "delete")  # type: ignore[union-attr]
    assert (second.report_by, second.completion) == (first.report_by, first.completion)
    assert run(second, times=8).state == "accepted"
    assert list(registry.records) == [SECOND]
    assert registry.registered == {CREDIT_ID: 1, SECOND: 1}
    assert Identifier.objects.get(user=first.learner).number == "123456"
    event = Event.objects.get(action="corrected a report")
    assert (event.after, "123456" in str(event.after)) == ({"changed": ["board_number"]}, False)


def test_refused_at_once_is_only_added(ready: Make, registry: Registry) -> None:
    first = run(ready(credit_type="Sleep"))
    second = correct(first)
    assert (second.after, Submission.objects.filter(action="delete").count()) == (None, 0)


def test_what_was_not_sent_is_changed_in_place(ready: Make, registry: Registry) -> None:
    draft = ready("12")
    assert correct(draft).pk == draft.pk
    assert run(draft, times=3).state == "accepted"
    assert registry.registered == {CREDIT_ID: 1}


def test_what_is_held_stays_held(ready: Make, registry: Registry) -> None:
    submission = ready()
    decide("hold", submission)
    assert correct(submission, "123455").state == "held"
    assert run(submission).identity["board_number"] == "123455"
    assert registry.saves == {}


def test_what_is_on_its_way_or_settled_is_not_touched(ready: Make, registry: Registry) -> None:
    submission = run(ready())
    with pytest.raises(correcting.CannotCorrect, match="on its way"):
        correct(submission)
    run(submission)
    with pytest.raises(correcting.CannotCorrect, match="settled"):
        correct(submission)
    Submission.objects.update(state="rejected")
    with pytest.raises(correcting.CannotCorrect, match="6 digits"):
        correct(submission, "12")


class TestTakingBack:
    """What is undone before it arrived, twice, or by somebody else."""

    def test_record_that_is_refused_while_its_deletion_waits_needs_none(self, ready: Make, registry: Registry) -> None:
        submission = ready(credit_type="Sleep")
        submission.move("sending")
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        submission.move("rejected", reason="ABIM does not award Sleep.")
        run(deletion, times=3)
        assert (submission.state, deletion.state) == ("rejected", "accepted")
        assert "nothing to delete" in deletion.reason

    def test_record_that_never_arrived_is_not_sent_any_more(self, ready: Make, registry: Registry) -> None:
        submission = ready()
        submission.move("sending")
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        run(submission, times=3)
        deletion.refresh_from_db()
        assert (submission.state, deletion.state, registry.saves) == ("withdrawn", "accepted", {})
        assert [(row.operation, row.status) for row in submission.exchanges.all()] == [("status", 404)]

    def test_office_cannot_bring_back_what_is_being_deleted(self, ready: Make, registry: Registry) -> None:
        submission = run(ready(), times=3)
        decide("send_again", submission)  # it is asked about again just before it is taken back
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        with pytest.raises(deciding.CannotDecide, match="taken back"):
            decide("send_again", submission)
        run(deletion, times=6)
        submission.refresh_from_db()
        assert (submission.state, deletion.state, registry.records) == ("withdrawn", "accepted", {})

    def test_report_that_is_taken_back_is_not_reported_anew(self, ready: Make, registry: Registry) -> None:
        submission = run(ready("123459"), times=3)
        take_back(submission=submission, now=timezone.now())
        with pytest.raises(correcting.CannotCorrect, match="settled"):
            correct(submission)
        with pytest.raises(deciding.CannotDecide, match="taken back"):
            decide("send_again", submission)
        run(submission, times=6)
        assert registry.records == {}

    def test_what_was_handled_elsewhere_is_not_deleted_unseen(self, ready: Make, registry: Registry) -> None:
        submission = run(ready())
        Submission.objects.filter(pk=submission.pk).update(state="unknown", taken_at=None)
        submission.refresh_from_db()
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        decide("settle_elsewhere", submission)
        assert run(deletion, times=2).state == "held"
        assert "was handled elsewhere" in deletion.reason
        assert list(registry.records) == [CREDIT_ID]

    def test_deletion_that_got_lost_is_sent_again_after_a_day(self, ready: Make, registry: Registry) -> None:
        submission = run(ready(), times=3)
        kept = dict(registry.records)
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        run(deletion)
        registry.records.update(kept)
        assert run(deletion).state == "pending"
        Submission.objects.filter(pk=deletion.pk).update(taken_at=timezone.now() - timedelta(days=2))
        assert run(deletion).state == "unknown"
        assert run(deletion, times=3).state == "accepted"
        assert registry.records == {}

    def test_refused_deletion_is_asked_for_again(self, ready: Make, registry: Registry) -> None:
        submission = run(ready(), times=3)
        first = take_back(submission=submission, now=timezone.now())
        assert first is not None
        first.move("sending")
        first.move("rejected", reason="No.")
        second = take_back(submission=submission, now=timezone.now())
        assert (second, second and second.state) == (first, "ready")
        assert run(first, times=4).state == "accepted"
        assert registry.records == {}

    def test_what_was_handled_elsewhere_is_taken_back_by_the_office(self, ready: Make, registry: Registry) -> None:
        submission = run(ready("123459"), times=3)
        decide("settle_elsewhere", submission)
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        assert (deletion.state, "handled elsewhere" in deletion.reason) == ("held", True)
        with pytest.raises(deciding.CannotDecide, match="taken back"):
            decide("release", submission)
        successor = ready(credit_id=SECOND, after=deletion)
        assert run(successor, times=3).state == "ready"
        decide("settle_elsewhere", deletion)
        assert run(successor, times=3).state == "accepted"

    def test_office_lets_the_deletion_of_what_was_handled_elsewhere_go(self, ready: Make, registry: Registry) -> None:
        submission = run(ready())
        Submission.objects.filter(pk=submission.pk).update(state="unknown")
        submission.refresh_from_db()
        decide("settle_elsewhere", submission)
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        decide("release", deletion)
        assert run(deletion, times=4).state == "accepted"
        assert (deletion.state_in_words, registry.records) == ("deleted", {})

    def test_deletion_that_a_file_only_took_ends_nothing_yet(self, ready: Make, registry: Registry) -> None:
        submission, officer = run(ready(), times=3), UserFactory(officer=True)
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
        batching.settle(results=[Result(deletion, State.PENDING)], actor=officer)
        submission.refresh_from_db()
        deletion.refresh_from_db()
        assert (submission.state, deletion.state) == ("accepted", "pending")

    def test_successor_is_held_when_the_deletion_is_refused(self, ready: Make) -> None:
        submission = ready()
        submission.move("sending")
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        successor = ready(credit_id=SECOND, after=deletion)
        deletion.move("sending")
        actor = UserFactory(officer=True)
        batching.settle(results=[Result(deletion, State.REJECTED, "It cannot be deleted.")], actor=actor)
        successor.refresh_from_db()
        assert (successor.state, "did not delete" in successor.reason) == ("held", True)


class TestPage:
    """The learner's page."""

    @pytest.fixture
    def rejected(self, ready: Make, registry: Registry, client: Client) -> Submission:
        submission = run(ready("123459"), times=3)
        sign_in_quietly(client, submission.learner)
        return submission

    def test_shows_what_was_said_and_reports_again(self, client: Client, rejected: Submission) -> None:
        page = client.get(f"/reports/{rejected.pk}/").content.decode()
        assert "ABIM ID 123459 was not found." in page
        assert 'value="123459"' in page
        answer = client.post(f"/reports/{rejected.pk}/", TYPED | {"board_number": " ABIM 123 456"})
        assert answer["Location"] == "/credits/R-1/"
        assert Submission.objects.get(credit_id=SECOND).identity == ada()

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"board_number": "12"}, "An ABIM number has 6 digits"),
            ({"birth_month": "6", "birth_day": "31"}, "June has days 1 to 30"),
            ({"birth_month": ""}, "Choose the month of birth."),
            ({"family_name": ""}, "Enter the last name as the registry has it."),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, client: Client, rejected: Submission, wrong: dict[str, str], words: str
    ) -> None:
        answer = client.post(f"/reports/{rejected.pk}/", TYPED | wrong)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        assert Submission.objects.count() == 1

    def test_board_is_asked_first_and_its_doubt_bars_nobody(self, client: Client, rejected: Submission) -> None:
        doubtful = TYPED | {"board_number": "123458"}
        answer = client.post(f"/reports/{rejected.pk}/", doubtful)
        page = answer.content.decode()
        assert (answer.status_code, 'value="123458"' in page) == (200, True)
        assert "ABIM has another name or birthday with number 123458." in page
        assert Submission.objects.count() == 1
        answer = client.post(f"/reports/{rejected.pk}/", doubtful | {"anyway": "yes"})
        assert answer["Location"] == "/credits/R-1/"
        assert Submission.objects.get(credit_id=SECOND).identity == ada("123458")

    def test_race_with_another_tab_is_told(
        self, client: Client, rejected: Submission, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def overtaken(**_told: object) -> None:
            raise correcting.CannotCorrect(correcting.SETTLED)

        monkeypatch.setattr(correcting, "correct", overtaken)
        answer = client.post(f"/reports/{rejected.pk}/", TYPED)
        assert (answer.status_code, "settled" in answer.content.decode()) == (422, True)

    def test_stale_session_has_to_confirm_first(
        self, client: Client, rejected: Submission, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("reporting.views.fresh.is_fresh", lambda _request: False)
        answer = client.post(f"/reports/{rejected.pk}/", TYPED)
        assert (answer.status_code, "confirm" in answer.content.decode()) == (422, True)
        rejected.refresh_from_db()
        assert rejected.state == "rejected"

    def test_settled_report_and_those_of_others(self, client: Client, rejected: Submission) -> None:
        Submission.objects.update(state="accepted")
        answer = client.get(f"/reports/{rejected.pk}/")
        assert (answer.status_code, b"Nothing can be corrected now" in answer.content) == (403, True)
        client.force_login(UserFactory())
        assert client.get(f"/reports/{rejected.pk}/").status_code == 404


class TestDecisions:
    """What the office decides, each with a reason."""

    def test_held_report_leaves_when_it_is_released(self, ready: Make, registry: Registry) -> None:
        submission = ready()
        decide("hold", submission)
        assert (run(submission).state, submission.reason) == ("held", "They said so.")
        decide("release", submission)
        assert run(submission, times=3).state == "accepted"
        assert [event.reason for event in Event.objects.all()] == ["They said so."] * 2

    def test_held_report_follows_the_activity_and_stays_held(self, ready: Make) -> None:
        submission = ready()
        decide("hold", submission)
        later = {**submission.completion, "completed_on": "2022-02-03"}
        queueing.follow(submission=submission, completion=later, send_at=submission.send_at, clocks=[])
        submission.refresh_from_db()
        assert (submission.state, submission.completion["completed_on"]) == ("held", "2022-02-03")

    def test_what_was_handled_elsewhere_can_be_released_after_all(self, ready: Make, registry: Registry) -> None:
        submission = ready()
        decide("settle_elsewhere", submission)
        decide("release", submission)
        assert run(submission, times=3).state == "accepted"

    def test_released_report_that_may_have_arrived_is_asked_about_first(self, ready: Make, registry: Registry) -> None:
        registry.decide_after = 3600
        submission = run(ready())
        decide("settle_elsewhere", submission)
        decide("release", submission)
        assert submission.state == "unknown"
        assert run(submission).state == "pending"
        assert registry.saves == {CREDIT_ID: 1}

    def test_released_report_waits_for_the_result_of_its_file(self, ready: Make) -> None:
        submission, officer = ready(), UserFactory(officer=True)
        (batch,) = batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
        submission.refresh_from_db()
        decide("settle_elsewhere", submission)
        decide("release", submission)
        assert (submission.state, submission.batch) == ("sending", batch)

    def test_released_report_of_a_file_that_was_taken_back_leaves_anew(self, ready: Make, registry: Registry) -> None:
        submission, officer = ready(), UserFactory(officer=True)
        (batch,) = batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
        submission.refresh_from_db()
        decide("settle_elsewhere", submission)
        batching.take_back(batch=batch, actor=officer, reason="Not uploaded.", now=timezone.now())
        decide("release", submission)
        assert (submission.state, submission.batch) == ("ready", None)
        assert run(submission, times=3).state == "accepted"

    def test_deletion_that_was_refused_in_a_file_leaves_anew(self, ready: Make, registry: Registry) -> None:
        submission, officer = run(ready(), times=3), UserFactory(officer=True)
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
        batching.settle(results=[Result(deletion, State.REJECTED, "Busy.")], actor=officer)
        deletion.refresh_from_db()
        decide("send_again", deletion)
        assert run(deletion, times=4).state == "accepted"
        assert registry.records == {}

    def test_record_that_was_deleted_by_file_is_taken_back(self, ready: Make, registry: Registry) -> None:
        submission, officer = run(ready(), times=3), UserFactory(officer=True)
        deletion = take_back(submission=submission, now=timezone.now())
        assert deletion is not None
        batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
        batching.settle(results=[Result(deletion, State.ACCEPTED)], actor=officer)
        submission.refresh_from_db()
        assert submission.state == "withdrawn"

    def test_refused_deletion_is_asked_for_by_the_office(self, ready: Make, registry: Registry) -> None:
        deletion = take_back(submission=run(ready(), times=3), now=timezone.now())
        assert deletion is not None
        Submission.objects.filter(pk=deletion.pk).update(report_by="2020-01-01", state="sending")
        deletion.move("rejected", reason="No.")
        decide("send_again", deletion)
        assert (deletion.state, deletion.report_by > timezone.now().date()) == ("ready", True)
        assert run(deletion, times=4).state == "accepted"

    def test_stale_decision_does_not_call_back_what_is_being_sent(self, ready: Make, registry: Registry) -> None:
        stale = ready()
        Submission.objects.update(state="sending")
        decide("send_again", stale)
        assert stale.state == "sending"

    def test_rejected_report_is_sent_again_as_it_was(self, ready: Make, registry: Registry) -> None:
        submission = run(ready("123459"), times=3)
        decide("send_again", submission)
        assert submission.state == "corrected"
        assert Submission.objects.get(credit_id=SECOND).identity["board_number"] == "123459"

    def test_silent_report_is_asked_about_though_it_was_given_up(self, ready: Make, registry: Registry) -> None:
        submission = run(ready())
        Job.objects.update(state="dead", ended_at=timezone.now())
        decide("send_again", submission)
        assert run(submission).state == "accepted"
        assert registry.saves == {CREDIT_ID: 1}

    def test_who_was_told_is_not_told_again(self, ready: Make, registry: Registry) -> None:
        submission = run(ready(), times=3)
        decide("send_again", submission)
        assert run(submission, times=3).state == "accepted"
        assert [mail.subject for mail in Message.objects.all()] == [
            "ABIM accepted your MOC points: Progress in Examples"
        ]

    def test_who_was_told_otherwise_is_told_of_a_rejection_whosever_fault_it_is(
        self, ready: Make, registry: Registry
    ) -> None:
        submission = run(ready(), times=3)
        batching.settle(results=[Result(submission, State.REJECTED)], actor=UserFactory(officer=True))
        mail = Message.objects.latest("pk")
        assert "other than we wrote to you before." in mail.text
        assert "The answer was" not in mail.text

    def test_what_is_held_back_is_released_and_not_sent_again(self, ready: Make) -> None:
        submission = ready()
        decide("hold", submission)
        with pytest.raises(deciding.CannotDecide, match="held back by the office cannot be sent again"):
            decide("send_again", submission)

    def test_report_in_a_file_waits_for_its_results(self, ready: Make) -> None:
        submission = ready()
        batching.write(kind=Batch.Kind.PARS, actor=UserFactory(officer=True), now=timezone.now())
        with pytest.raises(deciding.CannotDecide, match="in a file that waits for its results"):
            decide("send_again", submission)

    def test_incomplete_report_is_looked_at_again(self, ready: Make, registry: Registry) -> None:
        submission = ready(activity_id="")
        decide("send_again", submission)
        assert submission.state == "draft"
        Submission.objects.update(completion=submission.completion | {"activity_id": "202200001"})
        submission.refresh_from_db()
        decide("send_again", submission)
        assert run(submission, times=3).state == "accepted"

    def test_what_was_done_by_hand_is_out_of_the_queue(self, ready: Make, registry: Registry) -> None:
        submission = run(ready("123459"), times=3)
        decide("settle_elsewhere", submission, "Typed into PARS.")
        assert (submission.state, submission.reason) == ("elsewhere", "Typed into PARS.")

    @pytest.mark.parametrize("verb", ["hold", "release", "send_again", "settle_elsewhere"])
    def test_decisions_need_a_reason_and_a_report_that_is_open(
        self, ready: Make, registry: Registry, verb: str
    ) -> None:
        submission = ready()
        with pytest.raises(deciding.CannotDecide, match="Say why"):
            decide(verb, submission, " ")
        submission.move("withdrawn")
        with pytest.raises(deciding.CannotDecide):
            decide(verb, submission)
        assert (run(submission).state, Event.objects.count()) == ("withdrawn", 0)


class TestDesk:
    """The office's pages."""

    @pytest.fixture(autouse=True)
    def _officer(self, client: Client, db: None) -> None:
        client.force_login(UserFactory(officer=True))

    def post(self, client: Client, verb: str, *rows: Submission, **more: Any) -> str:
        pks = [row.pk for row in rows]
        data = {"verb": verb, "reason": "They said so.", "shown": pks, "reports": pks, **more}
        return client.post("/admin/reporting/submission/decide/", data, follow=True).content.decode()

    def test_queue_counts_and_narrows_by_days_left(self, client: Client, ready: Make) -> None:
        ready()
        page = client.get("/admin/reporting/submission/").content.decode()
        assert "Ready to send: 1" in page
        counts = {
            left: client.get(f"/admin/reporting/submission/?left={left}").context["cl"].result_count
            for left in ("over", "7", "30", "more")
        }
        assert counts == {"over": 0, "7": 0, "30": 1, "more": 0}

    def test_chosen_reports_are_shown_before_anything_is_done(self, client: Client, ready: Make) -> None:
        submission = ready()
        data = {"action": "decide_about", "_selected_action": [submission.pk]}
        page = client.post("/admin/reporting/submission/", data).content.decode()
        assert "Nothing is done yet" in page
        assert submission.credit_id in page

    @pytest.mark.parametrize(
        ("verb", "state"), [("hold", "held"), ("again", "ready"), ("elsewhere", "elsewhere"), ("release", "ready")]
    )
    def test_office_decides(self, client: Client, ready: Make, verb: str, state: str) -> None:
        submission = ready()
        if verb == "release":
            decide("hold", submission)
        assert "Decided for 1 report." in self.post(client, verb, submission)
        submission.refresh_from_db()
        assert submission.state == state

    def test_refusals_are_told_row_by_row(self, client: Client, ready: Make) -> None:
        submission = ready()
        assert "This report is not held back." in self.post(client, "release", submission)
        answer = self.post(client, "hold", submission, reason="")
        assert "Say why: the reason is kept." in answer
        assert "Tick at least one report." in self.post(client, "hold", submission, reports=[])

    def test_too_many_at_once_are_refused(self, client: Client, ready: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reporting.admin.submissions.MOST", 0)
        data = {"action": "decide_about", "_selected_action": [ready().pk]}
        page = client.post("/admin/reporting/submission/", data, follow=True).content.decode()
        assert "At most 0 reports at a time" in page

    def test_office_corrects_an_identity(self, client: Client, ready: Make, registry: Registry) -> None:
        submission = run(ready("123459"), times=3)
        address = f"/admin/reporting/submission/{submission.pk}/"
        assert f"{address}identity/" in client.get(f"{address}change/").content.decode()
        assert "123459" in client.get(f"{address}identity/").content.decode()
        refused = client.post(f"{address}identity/", TYPED)
        assert (refused.status_code, b"Say why" in refused.content) == (422, True)
        page = client.post(f"{address}identity/", TYPED | {"reason": "By phone."}, follow=True).content.decode()
        assert "ABIM is told again." in page
        assert Submission.objects.get(credit_id=SECOND).identity == ada()
        again = client.post(f"{address}identity/", TYPED | {"reason": "By phone."})
        assert (again.status_code, b"settled" in again.content) == (422, True)

    def test_numbers_that_no_database_has_are_left_out(self, client: Client, db: None) -> None:
        data = {"verb": "hold", "reason": "x", "shown": "9" * 40, "reports": ["9" * 40, "²"]}
        answer = client.post("/admin/reporting/submission/decide/", data)
        assert (answer.status_code, b"Tick at least one report." in answer.content) == (422, True)

    def test_who_may_only_look_decides_nothing(self, client: Client, ready: Make, learner: User) -> None:
        submission = ready()
        client.force_login(UserFactory(is_staff=True))
        data = {"verb": "hold", "reason": "x", "shown": submission.pk, "reports": submission.pk}
        assert client.post("/admin/reporting/submission/decide/", data).status_code == 403
        address = f"/admin/reporting/submission/{submission.pk}/identity/"
        assert client.post(address, TYPED | {"reason": "x"}).status_code == 403
        submission.refresh_from_db()
        assert submission.state == "ready"
