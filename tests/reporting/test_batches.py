"""Files for PARS and CPE Monitor: their exact layout, and how reports leave in them and come back."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import Settings

from accounts.models import User
from audit.models import Event
from jobs.models import Job
from outbox.models import Message
from reporting import batches, tasks
from reporting.models import Batch, Submission
from reporting.sandbox import cpe
from reporting.sandbox.server import Registry
from reporting.services import batching, deciding
from reporting.services.batching import CannotBatch, Result
from reporting.services.queueing import take_back
from reporting.states import State
from tests.factories import UserFactory
from tests.reporting.making import CREDIT_ID, Make, ada, report, run

pytestmark = pytest.mark.django_db
UAN = "0000-0000-26-001-L01-P"
# The header row of ACCME's learner template 917_20240125, with the space after "Credit Type".
GOLDEN_HEADERS = [
    "Record Action", "ACCME Activity ID", "Completion Date", "First Name", "Last Name", "Date of Birth",
    "Licensing State", "Licensing ID or NPI", "Number of CME Credits", "Certifying Board", "Certifying Board ID",
    "Total Board Credits", "Credit Type ", "Credits Awarded for Credit Type",
]  # fmt: skip
GOLDEN_ROW = [
    "Add", "202200001", datetime(2022, 1, 27), "=Ada", "Okafor", "02/09", None, None, None, "ABIM", "012345", 12.25,  # noqa: DTZ001
    "Medical Knowledge", 12.25,
]  # fmt: skip


def pharmacist(learner: User, number: str = "1234567", **more: Any) -> Submission:
    """Queue ACPE credit for CPE Monitor."""
    more = {"activity_id": UAN, "completed_on": timezone.now().date().isoformat(), "board": "NABP"} | more
    return report(learner, number, registry="CPE", credit_type="ACPE contact hours", **more)


def write(kind: str, actor: User | None = None) -> list[Batch]:
    actor = actor or UserFactory(officer=True)
    return batching.write(kind=Batch.Kind(kind), actor=actor, now=timezone.now())


def test_pars_workbook_has_the_templates_layout(ready: Make) -> None:
    ready(identity={**ada("012345", 2, 9), "given_name": "=Ada"})
    (batch,) = write("pars")
    sheet = load_workbook(io.BytesIO(batches.content(batch)))["Sheet1"]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 3
    assert list(rows[1]) == GOLDEN_HEADERS
    assert list(rows[2]) == GOLDEN_ROW
    cells = sheet[3]
    assert [cells[place].data_type for place in (1, 3, 5, 10)] == ["s"] * 4
    assert cells[5].number_format == "@"
    assert batches.content(batch)[:2] == b"PK"
    assert batches.name(batch) == f"pars-learners-{batch.pk}.xlsx"


def test_thirty_days_are_for_points_alone(ready: Make, learner: User) -> None:
    day = timezone.now().date() + timedelta(days=60)
    assert [name for name, _ in ready(clocks=[("PARS", day)]).clocks] == ["30 days after the claim", "PARS"]
    credit = pharmacist(learner, clocks=[("CPE Monitor", day)], credit_id="ccid:society.example:R-2-NABP-Ach-1")
    assert (credit.clocks, credit.report_by) == ([["CPE Monitor", day.isoformat()]], day)


def test_what_became_incomplete_is_not_written(learner: User) -> None:
    second = {"credit_id": "ccid:society.example:R-2-NABP-Ach-1", "number": "7654321"}
    good, late = pharmacist(learner), pharmacist(UserFactory(), **second)
    completion = {**late.completion, "completed_on": "2022-01-27"}
    Submission.objects.filter(pk=late.pk).update(completion=completion)
    (batch,) = write("cpe")
    late.refresh_from_db()
    assert list(batch.submissions.all()) == [good]
    assert (late.state, "60 days ago" in late.reason) == ("draft", True)


def test_deletion_is_a_row_as_well(ready: Make, registry: Registry) -> None:
    deletion = take_back(submission=run(ready(), times=3), now=timezone.now())
    assert deletion is not None
    Submission.objects.filter(pk=deletion.pk).update(after=None)
    (batch,) = write("pars")
    sheet = load_workbook(io.BytesIO(batches.content(batch)))["Sheet1"]
    assert sheet["A3"].value == "Delete"


def test_cpe_monitors_file_is_what_its_sandbox_takes(learner: User) -> None:
    pharmacist(learner, "0123456")
    pharmacist(UserFactory(), "1234569", credit_id="ccid:society.example:R-2-NABP-Ach-1")
    (batch,) = write("cpe")
    content = batches.content(batch)
    rows = list(csv.reader(io.StringIO(content.decode())))
    day = timezone.now().strftime("%m/%d/%Y")
    assert rows == [
        ["e-Profile ID", "Date of Birth (MMDD)", "UAN", "Participation Date"],
        ["0123456", "0229", UAN, day],
        ["1234569", "0229", UAN, day],
    ]
    judged = list(csv.reader(io.StringIO(cpe.judge(content, set(), timezone.now().date()).decode())))
    assert [row[-2:] for row in judged[1:]] == [["Accepted", ""], ["Rejected", "e-Profile ID not found."]]


def test_what_leaves_in_a_file_does_not_leave_by_the_service_as_well(ready: Make, registry: Registry) -> None:
    submission = ready()
    write("pars")
    assert run(submission).state == "sending"
    assert registry.saves == {}
    with pytest.raises(CannotBatch, match="Nothing is ready"):
        write("pars")


def test_file_that_was_never_uploaded_is_taken_back(ready: Make, registry: Registry) -> None:
    submission = ready()
    (batch,) = write("pars")
    run(submission)
    actor = UserFactory(officer=True)
    with pytest.raises(CannotBatch, match="Say why"):
        batching.take_back(batch=batch, actor=actor, reason=" ", now=timezone.now())
    assert batching.take_back(batch=batch, actor=actor, reason="The service works again.", now=timezone.now()) == 1
    assert run(submission, times=3).state == "accepted"
    assert registry.registered == {CREDIT_ID: 1}


def test_what_was_withdrawn_meanwhile_does_not_leave_after_all(ready: Make, registry: Registry) -> None:
    submission = ready()
    (batch,) = write("pars")
    deletion = take_back(submission=submission, now=timezone.now())
    assert deletion is not None
    batching.take_back(batch=batch, actor=UserFactory(officer=True), reason="Never uploaded.", now=timezone.now())
    assert run(submission, times=4).state == "withdrawn"
    deletion.refresh_from_db()
    assert (deletion.state, registry.saves) == ("accepted", {})


def test_worker_that_read_a_report_does_not_send_what_a_file_took(
    ready: Make, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission, is_moot = ready(), tasks._is_moot

    def between(job: Job, read: Submission) -> bool:
        write("pars")
        return is_moot(job, read)

    monkeypatch.setattr(tasks, "_is_moot", between)
    assert run(submission).batch is not None
    assert registry.saves == {}


def test_large_files_are_split(learner: User, settings: Settings) -> None:
    settings.BATCH_ROWS = 2
    for number in range(5):
        report(learner, credit_id=f"ccid:society.example:R-{number}-ABIM-MK-1")
    assert [batch.submissions.count() for batch in write("pars")] == [2, 2, 1]


def test_what_waits_is_due_complete_and_waits_for_nothing(learner: User, ready: Make) -> None:
    later = timezone.now() + timedelta(days=1)
    ready(send_at=later)
    report(learner, "12", credit_id="ccid:society.example:R-2-ABIM-MK-1")
    with pytest.raises(CannotBatch):
        write("pars")


def test_cpe_monitor_is_untold_by_hand_and_told_anew_afterwards(learner: User) -> None:
    first = pharmacist(learner)
    write("cpe")
    actor = UserFactory(officer=True)
    batching.settle(results=[Result(first, State.ACCEPTED)], actor=actor)
    deletion = take_back(submission=first, now=timezone.now())
    assert deletion is not None
    assert (deletion.state, "Take the credit out there" in deletion.reason) == ("held", True)
    second = pharmacist(learner, credit_id="ccid:society.example:R-1-NABP-Ach-2", after=deletion)
    with pytest.raises(CannotBatch):
        write("cpe")
    deciding.settle_elsewhere(submission=deletion, actor=actor, reason="Deleted by telephone.")
    (batch,) = write("cpe")
    assert list(batch.submissions.all()) == [second]


def test_results_settle_reports_and_write_to_learners(learner: User) -> None:
    good = pharmacist(learner)
    bad = pharmacist(UserFactory(), "7654321", credit_id="ccid:society.example:R-2-NABP-Ach-1")
    points = report(UserFactory(), credit_id="ccid:society.example:R-3-ABIM-MK-1")
    write("cpe")
    write("pars")
    results = [
        Result(good, State.ACCEPTED),
        Result(bad, State.REJECTED, "e-Profile ID not found."),
        Result(points, State.ACCEPTED),
    ]
    actor = UserFactory(officer=True)
    assert batching.settle(results=results, actor=actor) == {"accepted": 2, "rejected": 1}
    assert batching.settle(results=results, actor=actor) == {}
    states = list(Submission.objects.order_by("pk").values_list("state", "fault"))
    assert states == [("accepted", ""), ("rejected", "learner"), ("accepted", "")]
    subjects = sorted(Message.objects.values_list("subject", flat=True))
    assert subjects == [
        "ABIM accepted your MOC points: Progress in Examples",
        "CPE Monitor recorded your credit: Progress in Examples",
        "Please check your NABP details: Progress in Examples",
    ]
    assert "Your ACPE credit" in Message.objects.get(subject__contains="NABP").text
    recorded = Message.objects.get(subject__contains="recorded").text
    assert "CPE Monitor has recorded 12.25 ACPE contact hours for" in recorded
    assert "You find the credit in your NABP e-Profile." in recorded


class TestDesk:
    """The office's pages."""

    @pytest.fixture(autouse=True)
    def _officer(self, client: Client, db: None) -> None:
        client.force_login(UserFactory(officer=True))

    def test_files_are_written_downloaded_and_taken_back(self, client: Client, ready: Make) -> None:
        ready()
        address = "/admin/reporting/batch/write/"
        assert "Write 1 report into a file" in client.get(address).content.decode()
        page = client.post(address, {"kind": "pars"}, follow=True)
        assert "1 file to download and upload." in page.content.decode()
        batch = Batch.objects.get()
        file = client.get(f"/admin/reporting/batch/{batch.pk}/file/")
        assert (file.content[:2], "no-store" in file["Cache-Control"]) == (b"PK", True)
        assert Event.objects.filter(action="downloaded a batch").count() == 1
        back = f"/admin/reporting/batch/{batch.pk}/change/"
        assert "Say why" in client.post(back, {"reason": ""}, follow=True).content.decode()
        assert "Ready to send again: 1." in client.post(back, {"reason": "Not used."}, follow=True).content.decode()
        assert "PARS learners (Excel)" in client.get("/admin/reporting/batch/").content.decode()

    def test_nothing_to_write_and_nothing_chosen(self, client: Client, db: None) -> None:
        address = "/admin/reporting/batch/write/"
        assert "Nothing is ready" in client.post(address, {"kind": "cpe"}, follow=True).content.decode()
        assert "Choose PARS" in client.post(address, {"kind": "x"}, follow=True).content.decode()

    def test_csv_is_served_as_such(self, client: Client, learner: User) -> None:
        pharmacist(learner)
        (batch,) = write("cpe")
        file = client.get(f"/admin/reporting/batch/{batch.pk}/file/")
        assert file["Content-Type"] == "text/csv; charset=utf-8"
        assert f"cpe-monitor-{batch.pk}.csv" in file["Content-Disposition"]

    def test_same_is_had_as_a_workbook_whose_zeros_stay(self, client: Client, learner: User) -> None:
        pharmacist(learner, "0123456")
        (batch,) = write("cpe")
        page = client.get(f"/admin/reporting/batch/{batch.pk}/change/").content.decode()
        assert "when Excel saves a CSV file, numbers and birthdays lose the zeros" in page
        address = f"/admin/reporting/batch/{batch.pk}/file/?as="
        file = client.get(f"{address}xlsx")
        assert f"cpe-monitor-{batch.pk}.xlsx" in file["Content-Disposition"]
        rows = list(load_workbook(io.BytesIO(file.content))["Sheet1"].iter_rows())
        assert [cell.value for cell in rows[1]] == ["0123456", "0229", UAN, timezone.now().strftime("%m/%d/%Y")]
        assert {(cell.data_type, cell.number_format) for cell in rows[1]} == {("s", "@")}
        assert client.get(f"{address}exe").status_code == 404

    def test_others_see_none_of_it(self, client: Client, ready: Make) -> None:
        ready()
        (batch,) = write("pars")
        client.force_login(UserFactory(is_staff=True))
        for path in ("write/", f"{batch.pk}/change/", f"{batch.pk}/file/"):
            assert client.get(f"/admin/reporting/batch/{path}").status_code == 403


def test_job_of_a_file_alone_is_not_written(learner: User) -> None:
    pharmacist(learner)
    assert not Job.objects.exists()
