"""The learner's page to change a claim, and what it leads to: certificates, reports, mails."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from certificates.models import Certificate, StoredPdf
from certificates.pdf import Made
from credits.models import CheckIn, Claim, LateGrant
from credits.services import correcting
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from reporting.models import Submission
from reporting.sandbox.server import Registry
from tests.credits.making import ADA, amend, chosen, claim, session, standing
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.making import known_to

pytestmark = pytest.mark.django_db


def test_learner_adds_and_removes_sessions(signed_in: Client, learner: User, activity: Activity) -> None:
    one, two = session(activity, "08:00-09:00", "Opening"), session(activity, "10:00-11:00", "Lungs")
    made = claim(learner, activity, chosen(one))
    assert "Change what you claim" in signed_in.get(made.get_absolute_url()).content.decode()
    address = made.get_absolute_url() + "change/"
    page = signed_in.get(address).content.decode()
    assert f'id="session_{one.pk}" value="on" checked' in page
    answer = signed_in.post(address, {f"session_{two.pk}": "on", f"part_{two.pk}": "0.50", "attested": "on"})
    assert answer["Location"] == made.get_absolute_url()
    assert "It is changed." in signed_in.get(made.get_absolute_url()).content.decode()
    assert standing(made) == {"ama_pra": "0.50"}
    assert [(row.session_id, str(row.amount)) for row in made.sessions.all()] == [(two.pk, "0.50")]
    page = signed_in.get(made.get_absolute_url()).content.decode()
    first, second = Certificate.objects.order_by("version")
    assert f"Certificate {first.number} was replaced by {second.number}" in page
    assert "You have changed what you claim" in Message.objects.first().text  # type: ignore[union-attr]


def test_amount_is_changed_and_what_is_wrong_is_said(signed_in: Client, learner: User, activity: Activity) -> None:
    made = claim(learner, activity, "5.00")
    address = made.get_absolute_url() + "change/"
    assert 'value="5.00"' in signed_in.get(address).content.decode()
    for amount, words in (("0.1", "Enter 0.25"), ("0", "at least 0.25"), ("99", "At most 18.50")):
        answer = signed_in.post(address, {"amount": amount, "attested": "on"})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    unattested = signed_in.post(address, {"amount": "6.5"})
    assert (unattested.status_code, b"Confirm the statement" in unattested.content) == (422, True)
    assert signed_in.post(address, {"amount": "6.5", "attested": "on"}).status_code == 302
    assert standing(made) == {"ama_pra": "6.50"}
    answer = signed_in.post(address, {"amount": "6.5", "attested": "on"}, follow=True)
    assert "What you are awarded is the same as before." in answer.content.decode()


def test_sum_of_what_is_chosen_is_told_and_nothing_kept(signed_in: Client, learner: User, activity: Activity) -> None:
    one, two = session(activity, "08:00-09:00"), session(activity, "09:00-10:00")
    made = claim(learner, activity, chosen(one))
    address = made.get_absolute_url() + "change/total/"
    total = signed_in.post(address, {f"session_{pk}": "on" for pk in (one.pk, two.pk)}).json()["total"]
    assert "2.00 <em>AMA PRA" in total
    assert standing(made) == {"ama_pra": "1.00"}
    assert signed_in.get(address).status_code == 405
    signed_in.force_login(UserFactory())
    assert signed_in.post(address).status_code == 404


def test_deadline_that_passes_meanwhile_is_said(
    signed_in: Client, learner: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = claim(learner, activity, "5.00")
    answers = iter([True, False])  # open at the door, and over when it is written
    monkeypatch.setattr("credits.services.amending.may_amend", lambda *_: next(answers))
    answer = signed_in.post(made.get_absolute_url() + "change/", {"amount": "6.00", "attested": "on"})
    assert (answer.status_code, b"It can no longer be changed here" in answer.content) == (422, True)
    assert standing(made) == {"ama_pra": "5.00"}


def test_second_tab_does_not_undo_the_first_unseen(signed_in: Client, learner: User, activity: Activity) -> None:
    made = claim(learner, activity, "5.00")
    address = made.get_absolute_url() + "change/"
    seen = {"seen": made.fingerprint, "attested": "on"}
    assert f'value="{made.fingerprint}"' in signed_in.get(address).content.decode()
    assert signed_in.post(address, {"amount": "6.00", **seen}).status_code == 302
    answer = signed_in.post(address, {"amount": "7.00", **seen})
    page = answer.content.decode()
    assert (answer.status_code, "was changed meanwhile" in page, standing(made)) == (422, True, {"ama_pra": "6.00"})
    assert 'value="7.00"' in page
    again = Claim.objects.get().fingerprint
    assert f'value="{again}"' in page
    assert signed_in.post(address, {"amount": "7.00", "seen": again, "attested": "on"}).status_code == 302


def test_session_that_cannot_be_chosen_is_refused_beside_others(
    signed_in: Client, learner: User, activity: Activity
) -> None:
    one, foreign = session(activity, "08:00-09:00"), session(ActivityFactory(), "08:00-09:00")
    made = claim(learner, activity, chosen(one))
    address = made.get_absolute_url() + "change/"
    data = {f"session_{one.pk}": "on", f"session_{foreign.pk}": "on", "attested": "on"}
    answer = signed_in.post(address, data)
    assert (answer.status_code, b"not part of this activity" in answer.content) == (422, True)


def test_sessions_of_codes_are_shown_before_anything_is_changed(
    signed_in: Client, learner: User, activity: Activity
) -> None:
    Activity.objects.update(claim_by="codes")
    one = session(activity, "08:00-09:00", code="7KQ2MD")
    two = session(activity, "09:00-10:00", code="9XWT4B")
    CheckIn.objects.create(learner=learner, activity=activity, session=one, entered_at=timezone.now())
    made = claim(learner, Activity.objects.get(), chosen(one))
    answer = signed_in.post(made.get_absolute_url() + "change/", {"codes": "9XWT4B", "stay": "yes"})
    page = answer.content.decode()
    assert (answer.status_code, f'name="part_{two.pk}"' in page, "There is a problem" in page) == (200, True, False)
    assert standing(made) == {"ama_pra": "1.00"}


def test_closed_says_until_when_and_whom_to_ask(signed_in: Client, learner: User) -> None:
    activity = ActivityFactory(over=True)
    made = claim(learner, activity, "5.00")
    assert "Change what you claim" not in signed_in.get(made.get_absolute_url()).content.decode()
    answer = signed_in.get(made.get_absolute_url() + "change/")
    assert answer.status_code == 403
    assert activity.deadline_in_words in answer.content.decode()
    assert made.reference in answer.content.decode()


def test_late_grant_lets_a_claim_be_amended(signed_in: Client, learner: User) -> None:
    activity = ActivityFactory(over=True)
    made = claim(learner, activity, "5.00")
    until = timezone.now() + timezone.timedelta(days=2)
    LateGrant.objects.create(
        learner=learner, activity=activity, until=until, reason="x", granted_by=learner, granted_at=timezone.now()
    )
    assert signed_in.post(made.get_absolute_url() + "change/", {"amount": "6.00", "attested": "on"}).status_code == 302


class TestCertificates:
    """What was replaced says so, and what was not sent yet is not sent."""

    def test_replaced_certificate_says_by_which(self, client: Client, learner: User, activity: Activity) -> None:
        made = claim(learner, activity)
        runner.drain("certificates")
        amend(made, "6.00")
        first, second = Certificate.objects.order_by("version")
        page = client.get(first.verification_path).content.decode()
        assert f"this certificate was replaced by {second.number}" in page
        assert "This certificate is valid." in client.get(second.verification_path).content.decode()

    def test_replaced_before_it_was_sent_is_never_sent(self, learner: User, activity: Activity) -> None:
        made = claim(learner, activity)
        amend(made, "6.00")
        runner.drain("certificates")
        assert [pdf.certificate.version for pdf in StoredPdf.objects.select_related("certificate")] == [2]
        assert Message.objects.filter(subject__contains="certificate").count() == 1
        assert not Job.objects.filter(kind="certificates.deliver").exclude(state="done").exists()

    def test_replaced_while_it_was_rendered_is_not_sent(
        self, learner: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = claim(learner, activity)

        def make(_certificate: Certificate) -> Made:
            if made.awards.count() == 1:
                amend(made, "6.00")
            return Made(b"%PDF-", "0" * 64)

        monkeypatch.setattr("certificates.tasks.pdf.make", make)
        runner.drain("certificates")
        assert [pdf.certificate.version for pdf in StoredPdf.objects.select_related("certificate")] == [2]


class TestReports:
    """What was reported is taken back and reported anew, in this order."""

    def states(self) -> list[tuple[str, str, str]]:
        rows = Submission.objects.order_by("id")
        return [(row.action, row.completion["points"], row.state) for row in rows]

    def drain(self) -> None:
        Job.objects.filter(state="todo").update(due=timezone.now())
        runner.drain("reporting")

    @pytest.fixture
    def meeting(self) -> Activity:
        made: Activity = ActivityFactory(moc="18.50", pars_id="202200001")
        return made

    def test_not_sent_yet_is_taken_back_before_it_leaves(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        amend(made, "6.00")
        assert self.states() == [("add", "12.25", "withdrawn"), ("add", "6.00", "ready")]
        self.drain()
        assert [record["points"] for record in registry.records.values()] == [6.0]
        assert sum(registry.saves.values()) == 1

    @pytest.mark.parametrize("decided", [True, False])
    def test_sent_is_deleted_and_added(
        self, learner: User, meeting: Activity, registry: Registry, decided: bool
    ) -> None:
        registry.decide_after = 0 if decided else 3600
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        assert self.states()[1:] == [("delete", "12.25", "ready"), ("add", "6.00", "ready")]
        for _ in range(6):
            self.drain()
        registry.decide_after = 0
        self.drain()
        assert [state for _, _, state in self.states()] == ["withdrawn", "accepted", "accepted"]
        assert [(record["CreditID"][-1], record["points"]) for record in registry.records.values()] == [("2", 6.0)]
        told = Message.objects.filter(subject__contains="accepted")
        assert [("6.00" in mail.text, "12.25" in mail.text) for mail in told] == [(True, False)]

    def test_second_amendment_waits_for_the_first_deletion(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        amend(made, "7.00")
        last = Submission.objects.latest("id")
        assert (last.after, last.completion["points"]) == (Submission.objects.get(action="delete"), "7.00")
        for _ in range(6):
            self.drain()
        assert [record["points"] for record in registry.records.values()] == [7.0]

    def test_deletion_whose_answer_was_lost_is_settled_by_asking(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        registry.decide_after = 3600
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        registry.drop_answers = 1
        for _ in range(8):
            self.drain()
        registry.decide_after = 0
        self.drain()
        assert [record["points"] for record in registry.records.values()] == [6.0]
        assert [state for _, _, state in self.states()] == ["withdrawn", "accepted", "accepted"]

    def test_deletion_that_may_have_arrived_is_not_sent_twice(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        registry.decide_after = 3600
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        deletion, registry.drop_answers = Submission.objects.get(action="delete"), 1
        for _ in range(2):
            Job.objects.filter(kind="reporting.send", subject_id=deletion.pk).update(due=timezone.now())
            Job.objects.exclude(subject_id=deletion.pk).update(due=timezone.now() + timezone.timedelta(days=1))
            runner.drain("reporting", limit=1)
        deletion.refresh_from_db()
        assert (deletion.state, registry.saves[deletion.credit_id]) == ("pending", 2)

    def test_withdrawn_credit_is_deleted_at_the_board(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        officer = UserFactory(officer=True)
        correcting.correct(claims=[made], verb="withdraw", amount=None, reason="x", actor=officer, now=timezone.now())
        runner.drain("office")
        for _ in range(3):
            self.drain()
        assert (registry.records, self.states()[-1]) == ({}, ("delete", "12.25", "accepted"))

    def test_refused_deletion_is_asked_for_again(self, learner: User, meeting: Activity, registry: Registry) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        Submission.objects.get(action="delete").move("rejected", reason="No.")
        self.drain()
        amend(made, "7.00")
        for _ in range(6):
            self.drain()
        assert [record["points"] for record in registry.records.values()] == [7.0]

    def test_points_that_stay_the_same_are_not_reported_again(self, learner: User, registry: Registry) -> None:
        meeting = ActivityFactory(moc="5.00", pars_id="202200001")
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        assert [(action, points) for action, points, _ in self.states()] == [("add", "5.00")]

    def test_record_that_the_board_refused_is_deleted_all_the_same(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        unknown = {**ADA, "board_number": "123459"}
        known_to("ABIM", unknown)
        made = claim(learner, meeting, "12.25", unknown)
        self.drain()
        self.drain()
        assert self.states() == [("add", "12.25", "rejected")]
        amend(made, "6.00")
        for _ in range(4):
            self.drain()
        assert [state for _, _, state in self.states()] == ["withdrawn", "accepted", "rejected"]
        assert [record["points"] for record in registry.records.values()] == [6.0]

    def test_refused_deletion_leaves_no_two_successors(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        Submission.objects.filter(action="delete").update(state="sending")
        Submission.objects.get(action="delete").move("rejected", reason="No.")
        amend(made, "3.00")
        for _ in range(8):
            self.drain()
        assert [record["points"] for record in registry.records.values()] == [3.0]

    def test_record_that_never_arrived_needs_no_deletion(self, learner: User, meeting: Activity) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        Submission.objects.update(state="rejected", decided_at=timezone.now(), reason="ABIM does not award Sleep.")
        amend(made, "6.00")
        assert self.states() == [("add", "12.25", "withdrawn"), ("add", "6.00", "ready")]

    def test_addition_waits_for_the_deletion_and_is_held_when_that_fails(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        amend(made, "6.00")
        Submission.objects.filter(action="delete").update(state="sending")
        Submission.objects.get(action="delete").move("rejected", reason="No.")
        self.drain()
        held = Submission.objects.get(state="held")
        assert "would count the credit twice" in held.reason
        assert [record["points"] for record in registry.records.values()] == [12.25]

    def test_deletion_waits_until_the_first_record_has_arrived(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        Submission.objects.update(state="sending")
        amend(made, "6.00")
        add = Job.objects.get(subject_id=Submission.objects.get(action="delete").pk, kind="reporting.send")
        Job.objects.exclude(pk=add.pk).update(state="done", ended_at=timezone.now())
        self.drain()
        add.refresh_from_db()
        assert (add.state, add.error) == ("todo", "It waits for add.")
        assert registry.saves == {}

    def test_taken_back_in_the_moment_of_sending_never_leaves(
        self, learner: User, meeting: Activity, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim(learner, meeting, "12.25", ADA)
        submission, leave = Submission.objects.get(), Submission.leave

        def overtaken(self: Submission) -> bool:
            Submission.objects.filter(pk=submission.pk, state="ready").update(
                state="withdrawn", decided_at=timezone.now()
            )
            return leave(self)

        monkeypatch.setattr(Submission, "leave", overtaken)
        self.drain()
        assert (registry.saves, self.states()) == ({}, [("add", "12.25", "withdrawn")])
        assert not Job.objects.filter(kind="reporting.send", state="todo").exists()

    def test_record_that_is_not_gone_is_asked_for_until_the_clock_runs_out(
        self, learner: User, meeting: Activity, registry: Registry
    ) -> None:
        made = claim(learner, meeting, "12.25", ADA)
        self.drain()
        kept = dict(registry.records)
        amend(made, "6.00")
        self.drain()
        registry.records.update(kept)
        self.drain()
        poll = Job.objects.get(kind="reporting.poll", subject_id=Submission.objects.get(action="delete").pk)
        assert (poll.state, "still has the record" in poll.error) == ("todo", True)
        Submission.objects.filter(action="delete").update(report_by="2020-01-01")
        self.drain()
        deletion = Submission.objects.get(action="delete")
        assert (deletion.state, deletion.fault) == ("rejected", "office")
        assert "still has the record" in deletion.reason


def test_claim_of_another_is_not_there(client: Client, learner: User, activity: Activity) -> None:
    made = claim(learner, activity)
    client.force_login(UserFactory())
    assert client.get(made.get_absolute_url() + "change/").status_code == 404


class TestExplained:
    """The learner's page says how an amount came about, and who changed it."""

    def test_sessions_are_counted_line_by_line(self, signed_in: Client, learner: User, activity: Activity) -> None:
        both = [session(activity, "08:00-09:00", room=room) for room in ("A", "B")]
        page = signed_in.get(claim(learner, activity, chosen(*both)).get_absolute_url()).content.decode()
        assert "2 sessions: 2.00" in page
        assert "less 1.00" in page
        assert "What was awarded and taken back" not in page

    def test_what_the_office_set_is_said_with_its_reason(
        self, signed_in: Client, learner: User, activity: Activity
    ) -> None:
        made = claim(learner, activity, chosen(session(activity, "08:00-09:00")))
        correcting.correct(
            claims=[made], verb="change", amount=Decimal("0.50"), reason="Left early.", actor=UserFactory(officer=True),
            now=timezone.now(),
        )  # fmt: skip
        runner.drain("office")
        page = signed_in.get(made.get_absolute_url()).content.decode()
        assert "The CME office has set this amount. Reason given: Left early." in page
        assert "1 session: 1.00" not in page
        assert page.count("Left early.") == 3  # the reversal and the new row of the ledger as well


def test_claim_is_changed_ten_times_an_hour_and_not_more(signed_in: Client, learner: User, activity: Activity) -> None:
    made = claim(learner, activity, "5.00")
    address = made.get_absolute_url() + "change/"
    amounts = [f"{1 + number}.00" for number in range(11)]
    answers = [signed_in.post(address, {"amount": amount, "attested": "on"}) for amount in amounts]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    page = answers[-1].content.decode()
    assert "Please wait an hour" in page
    assert 'value="11.00"' in page
    assert standing(made) == {"ama_pra": "10.00"}
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        assert signed_in.post(address, {"amount": "11.00", "attested": "on"}).status_code == 302
