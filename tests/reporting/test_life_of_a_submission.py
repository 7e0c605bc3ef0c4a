"""From ready to the board's answer, against a real server that counts what it is sent."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from jobs.models import Job
from office import activity_records
from outbox.models import Message
from reporting import identities, pars, tasks
from reporting.models import Exchange, IdentityCheck, Line, Submission
from reporting.pars import documents
from reporting.sandbox.server import Registry
from tests.factories import ActivityFactory, UserFactory
from tests.reporting.canned import answering
from tests.reporting.making import CREDIT_ID, Make, ada, run

pytestmark = pytest.mark.django_db


def test_completion_is_accepted_for_processing_and_then_by_the_board(ready: Make, registry: Registry) -> None:
    submission = ready()
    assert run(submission).state == "pending"
    assert run(submission).state == "accepted"
    assert submission.decided_at is not None
    assert submission.report_by == (timezone.now() + timedelta(days=30)).date()
    assert registry.saves == {CREDIT_ID: 1}
    assert [row.operation for row in submission.exchanges.all()] == ["save", "status"]
    message = Message.objects.get()
    assert message.subject == "ABIM accepted your MOC points: Progress in Examples"
    assert "12.25 Medical Knowledge MOC points" in message.text
    assert str(submission) == "ABIM: 12.25 Medical Knowledge, R-1"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("123459", "ABIM ID 123459 was not found."),
        ("123458", "Name and birth date do not match the record of ABIM ID 123458."),
    ],
)
def test_board_that_refuses_gives_its_reason_to_the_learner(
    ready: Make, registry: Registry, number: str, reason: str
) -> None:
    submission = ready(number)
    run(submission)
    assert run(submission).state == "rejected"
    assert submission.reason == reason
    message = Message.objects.get()
    assert message.subject == "Please check your ABIM details: Progress in Examples"
    assert reason in message.text
    assert message.reply_to == "cme@society.example"


def test_board_that_has_not_answered_is_asked_again_without_end(ready: Make, registry: Registry) -> None:
    registry.decide_after = 3600
    submission = ready()
    for _ in range(4):
        run(submission)
    assert submission.state == "pending"
    assert Job.objects.get(kind="reporting.poll").attempts == 0
    assert registry.saves == {CREDIT_ID: 1}
    assert not Message.objects.exists()


def test_lost_answer_is_unknown_until_the_registry_was_asked_and_nothing_is_sent_twice(
    ready: Make, registry: Registry
) -> None:
    registry.faults.set("dropped", 1)
    submission = ready()
    assert run(submission).state == "unknown"
    assert run(submission).state == "pending"
    assert registry.saves == {CREDIT_ID: 1}
    assert [(row.operation, row.status) for row in submission.exchanges.all()] == [("save", None), ("status", 200)]


def test_runner_that_was_overtaken_leaves_the_successors_state_alone(
    ready: Make, registry: Registry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    submission = ready()
    save = tasks.pars.save

    def freeze_while_a_successor_finishes(frozen: Submission, request: pars.Request) -> pars.Answer:
        answer = save(frozen, request)
        Job.objects.update(token=99)
        Submission.objects.update(state="pending")
        raise pars.NoAnswer("The registry did not answer: ReadTimeout", answer)

    monkeypatch.setattr(pars, "save", freeze_while_a_successor_finishes)
    assert run(submission).state == "pending"
    assert not submission.exchanges.exists()
    assert "was taken over by another runner" in caplog.text


def test_lost_request_is_sent_again_after_the_registry_denied_knowing_it(ready: Make, registry: Registry) -> None:
    submission = ready()
    Submission.objects.update(state="unknown")
    assert run(submission).state == "ready"
    assert run(submission).state == "pending"
    assert registry.saves == {CREDIT_ID: 1}


def test_registry_that_is_down_keeps_an_unknown_record_unknown(ready: Make, registry: Registry) -> None:
    submission = ready()
    Submission.objects.update(state="unknown")
    registry.faults.set("closed", 1)
    assert run(submission).state == "unknown"
    registry.password = "changed"
    assert run(submission).state == "unknown"
    assert registry.saves == {}


def test_closed_registry_has_taken_nothing_and_gets_it_again(ready: Make, registry: Registry) -> None:
    registry.faults.set("closed", 1)
    submission = ready()
    assert run(submission).state == "ready"
    assert run(submission).state == "pending"
    assert registry.saves == {CREDIT_ID: 1}


def test_busy_registry_is_left_alone_for_a_moment_without_counting(ready: Make, registry: Registry) -> None:
    registry.faults.set("busy", 1)
    assert run(ready()).state == "ready"
    job = Job.objects.get()
    assert (job.attempts, job.error) == (0, "The registry is busy.")
    assert Line.objects.get().free_at > timezone.now()


def test_registry_that_cannot_be_reached_leaves_the_record_ready(
    ready: Make, settings: Settings, unused_port: Callable[[], int]
) -> None:
    settings.PARS = {**settings.PARS, "url": f"http://127.0.0.1:{unused_port()}"}
    submission = run(ready())
    assert submission.state == "ready"
    assert "cannot be reached" in submission.reason
    assert Job.objects.get().state == "todo"


def test_wrong_credentials_leave_the_record_ready_and_are_never_kept(ready: Make, registry: Registry) -> None:
    registry.password = "changed"
    submission = run(ready())
    assert (submission.state, submission.reason) == ("ready", "The registry does not accept our credentials.")
    assert "a password for tests" not in str([row.sent for row in Exchange.objects.all()])


def test_record_that_the_registry_calls_wrong_is_rejected_at_once_and_is_the_offices_to_read(
    ready: Make, registry: Registry
) -> None:
    submission = run(ready(credit_type="Sleep"))
    assert (submission.state, submission.fault) == ("rejected", "office")
    assert submission.reason == "ABIM does not award Sleep."
    assert Job.objects.get(kind="reporting.send").state == "done"
    assert not Message.objects.exists()


def test_poll_of_a_registry_that_is_down_or_has_forgotten_goes_on(
    ready: Make, registry: Registry, settings: Settings
) -> None:
    submission = ready()
    run(submission)
    registry.faults.set("closed", 1)
    assert run(submission).state == "pending"
    registry.records.clear()
    settings.PARS = {**settings.PARS, "settle": timedelta(days=1)}
    assert run(submission).state == "pending"
    assert "does not know the record" in Job.objects.get(kind="reporting.poll").error
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert [run(submission).state for _ in range(3)] == ["unknown", "ready", "pending"]
    assert registry.saves == {CREDIT_ID: 2}


def test_decision_is_final_but_for_a_board_that_thinks_better(ready: Make, registry: Registry) -> None:
    submission = ready()
    Submission.objects.update(state="sending")
    assert submission.move(Submission.State.REJECTED, reason="no")
    assert not submission.move(Submission.State.PENDING)
    assert (submission.state, submission.reason) == ("rejected", "no")
    assert submission.move(Submission.State.ACCEPTED)


def test_second_submission_with_the_same_credit_is_refused(ready: Make) -> None:
    ready()
    with pytest.raises(IntegrityError):
        ready()


def test_identity_and_evidence_are_unreadable_in_the_database(ready: Make, registry: Registry) -> None:
    run(ready())
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity FROM reporting_submission")
        rows = str(cursor.fetchall())
        cursor.execute("SELECT sent, answered FROM reporting_exchange")
        rows += str(cursor.fetchall())
    assert "123456" not in rows
    assert "Okafor" not in rows


def test_report_has_dates_without_hours_and_a_leap_year_in_place_of_the_birth_year(ready: Make) -> None:
    (row,) = documents.report(ready())["ACCMELearnerReports"]["ActivityReports"]["ActivityReport"]
    assert row["Member"]["PersonalInfo"]["BirthDate"] == "2000-02-29"
    assert row["Activity"]["Module"]["CompletedDateTime"] == "2022-01-27T00:00:00"
    assert row["Activity"]["ProviderOrganization"] == "0000123"
    assert row["XtensibleInfo"] == {"LearnerRecordAction": "add"}
    assert row["Activity"]["Module"]["CreditCertificate"] == [
        {
            "UniqueID": [{"value": "123456", "domain": "ABIM"}],
            "CreditReceived": {
                "activityCertification": "Medical Knowledge",
                "creditUnit": "Point",
                "numberOfCredits": 12.25,
            },
            "CreditID": CREDIT_ID,
        }
    ]


ECHO = b'{"ACCMELearnerReports": {"ActivityReports": {"ActivityReport": []}}}'
OWN = b'{"code": 400, "message": "Module/Status must be Completed."}'


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (201, b"<html>welcome</html>", pars.NoAnswer),
        (201, ECHO, pars.NoAnswer),
        (201, b'["something else"]', pars.NoAnswer),
        (201, b"x" * 1_000_001, pars.NoAnswer),
        (302, b"", pars.NoAnswer),
        (404, b'{"code": 404, "message": "There is no such resource."}', pars.NoAnswer),
        (500, b"", pars.NoAnswer),
        (429, b"", pars.NotTaken),
        (400, b"no JSON", pars.NoAnswer),
        (400, b'["no object"]', pars.NoAnswer),
        (400, b'{"message": "Bad Request"}', pars.NoAnswer),
        (400, b'{"code": 400, "message": ""}', pars.NoAnswer),
        (400, OWN, pars.Refused),
    ],
)
def test_answers_that_are_not_the_schemas_are_told_apart(
    ready: Make, settings: Settings, status: int, body: bytes, error: type[pars.ParsError]
) -> None:
    submission = ready()
    with answering(settings, status, body, Location="http://127.0.0.1:1/"), pytest.raises(error):
        pars.save(submission, pars.prepared(submission))
    understood = error is not pars.NoAnswer
    assert Line.objects.filter(faults__gt=0).exists() is not understood


@pytest.mark.parametrize(
    "body",
    [
        b'{"not": "a list"}',
        b"[]",
        b'["x"]',
        b'[{"CreditID": "%s", "BoardStatus": "Perhaps"}]' % CREDIT_ID.encode(),
        b'[{"CreditID": "%s", "BoardStatus": "Pending", "BoardStatus": "Accepted"}]' % CREDIT_ID.encode(),
    ],
)
def test_status_that_says_nothing_is_no_answer(ready: Make, settings: Settings, body: bytes) -> None:
    submission = ready()
    with answering(settings, 200, body), pytest.raises(pars.NoAnswer):
        pars.status(submission)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>404</html>", b'{"message": "no Route matched"}', b'{"code": 5}'])
def test_not_found_that_is_not_the_registrys_own_is_no_answer(ready: Make, settings: Settings, body: bytes) -> None:
    submission = ready()
    with answering(settings, 404, body):
        with pytest.raises(pars.NoAnswer):
            pars.status(submission)
        with pytest.raises(pars.NoAnswer):
            pars.match("ABIM", submission.identity)


def test_registry_without_the_question_knows_nothing_of_anybody(ready: Make, settings: Settings) -> None:
    """The draft has no identity check: its own 404 says nothing of the number."""
    with answering(settings, 404, b'{"code": 404, "message": "There is no such resource."}') as asked:
        with pytest.raises(pars.NotTaken):
            pars.match("ABIM", ready().identity)
        assert identities.ask("ABIM", ada("123450")) is None
    assert asked == ["/learner-activities/match"] * 2
    assert not IdentityCheck.objects.filter(verdict="not_found").exists()


@pytest.mark.parametrize(
    "headers",
    [{"Content_Encoding": "gzip"}, {"Content_Encoding": "deflate, br"}, {"Content_Encoding": "x-unknown"}],
)
def test_packed_answers_are_not_unpacked(ready: Make, settings: Settings, headers: dict[str, str]) -> None:
    submission = ready()
    body = b'[{"CreditID": "%s", "BoardStatus": "Accepted"}]' % CREDIT_ID.encode()
    with answering(settings, 200, body, **headers), pytest.raises(pars.NoAnswer, match="not its own"):
        pars.status(submission)


def test_office_sees_submissions_with_their_exchanges_and_changes_none(
    client: Client, ready: Make, registry: Registry
) -> None:
    submission = run(ready())
    client.force_login(UserFactory(officer=True))
    address = f"/admin/reporting/submission/{submission.pk}/change/"
    assert "accepted for processing" in client.get("/admin/reporting/submission/").content.decode()
    page = client.get(address).content.decode()
    for words in ("Ada Okafor", "123456", "February 29", "12.25 Medical Knowledge", "CreditReceived"):
        assert words in page
    assert "Progress in Examples" in client.get("/admin/reporting/submission/?q=progress").content.decode()
    assert "/admin/certificates/certificate/?q=R-1" in page
    assert client.post(address, {"reason": "x"}).status_code == 403
    assert client.post(address.replace("change", "delete")).status_code == 403
    assert client.get("/admin/reporting/submission/add/").status_code == 403
    assert date.today() < submission.report_by  # noqa: DTZ011 (a date is enough)
    assert str(submission.exchanges.get()) == "save: 201"


def test_office_reads_since_when_nobody_knows(client: Client, ready: Make, registry: Registry) -> None:
    submission = ready()
    Submission.objects.update(state="unknown", attempted_at=datetime(2026, 3, 4, 17, 5, tzinfo=UTC))
    client.force_login(UserFactory(officer=True))
    assert "unknown since March 4, 5:05 p.m. UTC; asking" in client.get("/admin/reporting/submission/").content.decode()
    page = client.get(f"/admin/reporting/submission/{submission.pk}/change/").content.decode()
    assert "Last sent at" in page
    assert "Last seen at" in page


def test_answer_that_neither_matches_nor_does_not_is_not_understood(ready: Make, settings: Settings) -> None:
    with answering(settings, 200, b'{"LearnerMatch": {"Match": "perhaps"}}'), pytest.raises(pars.NoAnswer):
        pars.match("ABIM", ready().identity)


def test_activity_that_is_taken_without_a_number_is_not_understood(settings: Settings) -> None:
    facts = activity_records.facts(ActivityFactory(pars_id=""), close=False)
    with answering(settings, 201, b"{}"), pytest.raises(pars.NoAnswer):
        pars.save_activity(facts)


def test_deletion_of_what_is_gone_is_taken(ready: Make, settings: Settings) -> None:
    submission = ready()
    submission.action = Submission.Action.DELETE
    with answering(settings, 400, b'{"code": 400, "message": "The record does not exist."}'):
        assert pars.save(submission, pars.prepared(submission)).status == 400
