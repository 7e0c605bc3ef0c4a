"""A registry's table against our reports: only the differences, each with something to do about it."""

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from pytest_django import Settings

from accounts.models import User
from jobs import runner
from jobs.models import Job
from office import registry_tables
from office.models import Difference, Reconciliation
from office.services import reconciling
from office.tasks import forget_orphans, forget_tables
from outbox.models import Message
from reporting import batches
from reporting.models import Batch, Submission
from reporting.sandbox.server import Registry
from reporting.services import batching, correcting
from reporting.services.deciding import CannotDecide, delete_again
from reporting.services.queueing import take_back
from tests.factories import UserFactory
from tests.reporting.making import ada, report, run

pytestmark = pytest.mark.django_db
ADD = "/admin/office/reconciliation/add/"
HEADERS = "Board,Name,DOB,Learner ID,Activity,Completion,Submission,Credits Awarded,Status,Reason\n"
PROGRESS = "Progress in Examples (Activity ID: 202200001)"


def row(number: str, status: str, credit: str = "12.25 AMA PRA Category 1 Credit(TM)", reason: str = "") -> str:
    """Return a row as PARS's download has it."""
    return f'ABIM,"Okafor, Ada",2/29,{number},{PROGRESS},1/27/22,,{credit},{status},{reason}\n'


def pending(number: str, reference: str) -> Submission:
    """Return a report that the registry took."""
    credit_id = f"ccid:society.example:{reference}-ABIM-MK-1"
    submission = report(UserFactory(), number, credit_id=credit_id, reference=reference)
    Submission.objects.filter(pk=submission.pk).update(state="pending", taken_at=timezone.now())
    return submission


@pytest.fixture(autouse=True)
def _officer(client: Client, db: None) -> None:
    client.force_login(UserFactory(officer=True))


def bring(client: Client, content: str | bytes, kind: str = "download", name: str = "learners.csv") -> Reconciliation:
    """Upload a table, keep the columns that were guessed, and have it compared."""
    data = content.encode() if isinstance(content, str) else content
    answer = client.post(ADD, {"kind": kind, "file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    found = Reconciliation.objects.get()
    guessed = {name: str(place) for name, place in found.columns.items()}
    client.post(answer["Location"], {"verb": "compare", **guessed})
    runner.drain("office")
    found.refresh_from_db()
    return found


def page(client: Client, found: Reconciliation) -> str:
    return client.get(f"/admin/office/reconciliation/{found.pk}/change/").content.decode()


def post(client: Client, found: Reconciliation, verb: str, *rows: Difference, reason: str = "") -> str:
    data = {"verb": verb, "reason": reason, "rows": [row.pk for row in rows]}
    answer = client.post(f"/admin/office/reconciliation/{found.pk}/change/", data, follow=True).content.decode()
    Job.objects.filter(kind="office.take_over").update(due=timezone.now())
    runner.drain("office")
    return answer


def test_only_differences_are_kept_and_the_table_is_deleted(
    client: Client, learner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables: list[Path] = []
    rows = registry_tables.rows
    monkeypatch.setattr(
        registry_tables, "rows", lambda file, columns: tables.append(Path(file.path)) or rows(file, columns)
    )
    for number, reference in (("100001", "R-1"), ("100002", "R-2"), ("100003", "R-3"), ("100004", "R-4")):
        pending(number, reference)
    content = HEADERS + row("100001", "Pending") + row("100002", "Accepted")
    content += row("100003", "Accepted", credit="5.0 points") + row("100005", "Accepted")
    found = bring(client, content)
    assert (found.state, found.total, found.same, found.file.name) == ("compared", 4, 1, "")
    kinds = [(one.kind, one.row, one.submission and one.submission.reference) for one in found.differences.all()]
    assert kinds == [
        ("decision", 3, "R-2"),
        ("amount", 4, "R-3"),
        ("unknown", 5, None),
        ("missing", None, "R-4"),
    ]
    text = page(client, found)
    for words in ("1 say what we say", "5.0 there, 12.25 here", "ABIM 100005, 202200001", "Take over 1 decision"):
        assert words in text
    assert tables
    assert not any(path.exists() for path in tables)


def test_decisions_are_taken_over_with_their_reasons_and_mails(client: Client) -> None:
    good, bad = pending("100001", "R-1"), pending("100002", "R-2")
    content = HEADERS + row("100001", "Accepted") + row("100002", "Rejected", reason="ABIM ID was not found.")
    found = bring(client, content)
    assert "2 decisions are being taken over" in post(client, found, "take over")
    for submission, state in ((good, "accepted"), (bad, "rejected")):
        submission.refresh_from_db()
        assert submission.state == state
    assert (bad.reason, bad.fault) == ("ABIM ID was not found.", "learner")
    assert Message.objects.count() == 2
    assert "0 decisions are being taken over" in post(client, found, "take over")
    assert {one.done for one in found.differences.all()} == {"taken over"}


def test_refusals_are_told_and_leave_the_difference_open(client: Client) -> None:
    submission = pending("100001", "R-1")
    found = bring(client, HEADERS + row("999999", "Accepted"))
    Submission.objects.filter(pk=submission.pk).update(state="withdrawn", decided_at=timezone.now())
    missing = found.differences.get(kind="missing")
    assert "is not sent any more" in post(client, found, "ask again", missing, reason="Not there.")
    missing.refresh_from_db()
    assert missing.done == ""


def test_row_that_fits_several_reports_settles_none(client: Client, learner: User) -> None:
    for kind in ("MK", "PS"):
        report(learner, "100001", credit_id=f"ccid:society.example:R-1-ABIM-{kind}-1")
    Submission.objects.update(state="pending", taken_at=timezone.now())
    found = bring(client, HEADERS + row("100001", "Accepted") + row("100001", "Rejected"))
    assert [one.kind for one in found.differences.all()] == ["ambiguous", "ambiguous"]
    assert "It fits ccid:society.example:R-1-ABIM-MK-1, ccid:society.example:R-1-ABIM-PS-1." in page(client, found)


def test_later_word_of_the_registry_is_taken_over(client: Client) -> None:
    submission = pending("100001", "R-1")
    Submission.objects.update(state="accepted", decided_at=timezone.now())
    found = bring(client, HEADERS + row("100001", "Rejected", reason="ABIM ID was not found."))
    post(client, found, "take over")
    submission.refresh_from_db()
    assert submission.state == "rejected"


def test_long_work_goes_on_a_moment_later(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pending("100001", "R-1")
    found = bring(client, HEADERS + row("100001", "Accepted"))
    monkeypatch.setattr("office.tasks.SECONDS", -1.0)
    post(client, found, "take over")
    job = Job.objects.get(kind="office.take_over")
    assert (job.state, job.error) == ("done", "") if job.state == "done" else ("todo", "More decisions follow.")
    assert found.differences.get().done == "taken over"


def test_tables_that_nobody_went_on_with_are_forgotten(client: Client) -> None:
    client.post(ADD, {"kind": "results", "file": SimpleUploadedFile("t.csv", HEADERS.encode())})
    found = Reconciliation.objects.get()
    kept = Path(found.file.path)
    forget_tables(timezone.now())
    assert kept.exists()
    forget_tables(timezone.now() + timedelta(days=8))
    found.refresh_from_db()
    assert (kept.exists(), found.state, found.file.name) == (False, "refused", "")


def test_table_that_is_lost_is_asked_for_again(client: Client) -> None:
    answer = client.post(ADD, {"kind": "results", "file": SimpleUploadedFile("t.csv", HEADERS.encode())})
    found = Reconciliation.objects.get()
    Path(found.file.path).unlink()
    columns = {name: str(place) for name, place in found.columns.items()}
    client.post(answer["Location"], {"verb": "compare", **columns})
    runner.drain("office")
    assert "bring it again" in page(client, found)


def test_settling_needs_the_permission_for_reports(client: Client) -> None:
    pending("100001", "R-1")
    found = bring(client, HEADERS + row("100001", "Accepted"))
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="office"))
    client.force_login(clerk)
    address = f"/admin/office/reconciliation/{found.pk}/change/"
    assert client.post(address, {"verb": "take over"}).status_code == 403


def test_decision_about_what_is_past_it_is_left(client: Client) -> None:
    submission = pending("100001", "R-1")
    found = bring(client, HEADERS + row("100001", "Accepted"))
    Submission.objects.filter(pk=submission.pk).update(state="withdrawn", decided_at=timezone.now())
    post(client, found, "take over")
    assert found.differences.get().done == "left: our report is taken back"


def test_what_is_not_there_is_asked_about_again(client: Client, registry: Registry, learner: User) -> None:
    settled = run(report(learner, "100002", credit_id="ccid:society.example:R-2-ABIM-MK-1", reference="R-2"), times=3)
    assert settled.state == "accepted"
    lost = run(report(learner, "100001"))
    found = bring(client, HEADERS + row("999999", "Accepted"))
    missing = list(found.differences.filter(kind="missing"))
    unknown = found.differences.get(kind="unknown")
    assert "Say why" in post(client, found, "ask again", *missing, unknown)
    assert {one.done for one in found.differences.all()} == {""}
    answer = post(client, found, "ask again", *missing, unknown, reason="Not in the download.")
    assert "asked again about" in answer
    assert {one.done for one in found.differences.filter(kind="missing")} == {"asked again"}
    registry.records.pop(settled.credit_id)
    run(lost, times=3)
    settled.refresh_from_db()
    assert (lost.refresh_from_db(), lost.state, settled.state) == (None, "accepted", "accepted")
    assert registry.saves == {lost.credit_id: 1, settled.credit_id: 2}
    assert found.differences.get(kind="unknown").done == ""


def test_tables_that_a_crash_left_behind_are_deleted(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    storage = Reconciliation.file.field.storage
    kept = client.post(ADD, {"kind": "download", "file": SimpleUploadedFile("t.csv", HEADERS.encode())})
    left = storage.save("registries/left", ContentFile(b"names"))
    forget_orphans(timezone.now())
    assert storage.exists(left)
    forget_orphans(timezone.now() + timedelta(hours=2))
    assert (storage.exists(left), kept.status_code) == (False, 302)
    assert storage.exists(Reconciliation.objects.get().file.name)


def test_other_amount_is_deleted_there_and_reported_again_as_ours(
    client: Client, registry: Registry, learner: User
) -> None:
    accepted = run(report(learner, "100001", reference="R-1"), times=3)
    waiting = pending("100002", "R-2")
    found = bring(client, HEADERS + row("100001", "Accepted", "5.0 points") + row("100002", "Pending", "5.0 points"))
    both = list(found.differences.filter(kind="amount"))
    assert "Say why" in post(client, found, "report again", *both)
    answer = post(client, found, "report again", *both, reason="The ledger says 12.25.")
    assert "reported again with our amount: 1 of them" in answer
    assert f"{waiting.credit_id}: Only a report that was accepted" in answer
    run(accepted, times=6)
    successor = Submission.objects.get(reference="R-1", credit_id__endswith="-MK-2")
    assert (accepted.state, successor.state) == ("corrected", "accepted")
    assert list(registry.records) == [successor.credit_id]
    assert {one.done for one in both if not one.refresh_from_db()} == {"reported again", ""}


def test_numbers_that_no_database_has_are_left_out(client: Client) -> None:
    found = bring(client, HEADERS + row("100005", "Accepted"))
    data = {"verb": "set aside", "reason": "x", "rows": ["9" * 40, "²", "-1"]}
    answer = client.post(f"/admin/office/reconciliation/{found.pk}/change/", data, follow=True)
    assert "Tick at least one difference." in answer.content.decode()


def test_deletions_in_a_file_of_pars_are_settled_by_its_results(
    client: Client, registry: Registry, learner: User
) -> None:
    """PARS's own layout: guidance above the headers, and a row that deletes beside the row that replaces it."""
    rejected = run(report(learner, "100009"), times=3)
    corrected = correcting.correct(
        submission=rejected, identity=ada("100001"), actor=learner, reason="A digit.", now=timezone.now()
    )
    officer = UserFactory(officer=True)
    (first,) = batching.write(kind=Batch.Kind.PARS, actor=officer, now=timezone.now())
    book = load_workbook(io.BytesIO(batches.content(first)))
    sheet = book["Sheet1"]
    assert [sheet.cell(3, 1).value, sheet.max_row] == ["Delete", 3]
    sheet.cell(2, 15, "Status")
    sheet.cell(3, 15, "Accepted")
    content = io.BytesIO()
    book.save(content)
    found = bring(client, content.getvalue(), "results", "results.xlsx")
    assert [(one.kind, one.row) for one in found.differences.all()] == [("decision", 3)]
    post(client, found, "take over")
    assert run(corrected, times=3).state == "accepted"
    assert [row.state for row in Submission.objects.order_by("pk")] == ["corrected", "accepted", "accepted"]


def test_what_was_taken_back_and_is_still_there_is_deleted_again(
    client: Client, registry: Registry, learner: User
) -> None:
    accepted = run(report(learner, "100001", reference="R-1"), times=3)
    there = dict(registry.records)
    with transaction.atomic():
        take_back(submission=accepted, now=timezone.now())
    run(accepted, times=4)
    assert (accepted.state, registry.records) == ("withdrawn", {})
    registry.records.update(there)  # it came back from a backup of theirs
    found = bring(client, HEADERS + row("100001", "Accepted"))
    (difference,) = found.differences.all()
    assert (difference.kind, difference.submission) == ("leftover", accepted)
    assert "None of those that were ticked" in post(client, found, "report again", difference, reason="x")
    assert "told again to delete 1 of them" in post(client, found, "delete again", difference, reason="Still there.")
    run(accepted, times=4)
    assert registry.records == {}
    unknown = pending("100002", "R-2")
    with pytest.raises(CannotDecide, match="Only what was taken back"):
        delete_again(submission=unknown, actor=learner, reason="x", now=timezone.now())


def test_rejected_record_of_what_was_taken_back_is_no_difference(client: Client) -> None:
    submission = pending("100001", "R-1")
    Submission.objects.filter(pk=submission.pk).update(state="withdrawn", decided_at=timezone.now())
    assert bring(client, HEADERS + row("100001", "Rejected")).differences.count() == 0


def test_differences_are_set_aside_with_a_word(client: Client) -> None:
    found = bring(client, HEADERS + row("100005", "Accepted"))
    one = found.differences.get()
    assert "Tick at least one difference." in post(client, found, "set aside", reason="x")
    assert "Say why" in post(client, found, "set aside", one)
    post(client, found, "set aside", one, reason="Reported by the hospital.")
    one.refresh_from_db()
    assert (one.done, str(one)) == ("Reported by the hospital.", "not ours")


def test_results_of_cpe_monitor_are_read_by_their_columns(client: Client, learner: User) -> None:
    uan = "0000-0000-26-001-L01-P"
    submission = report(learner, "0123456", registry="CPE", board="NABP", activity_id=uan, credit_type="ACPE")
    Submission.objects.update(state="sending")
    table = "e-Profile ID,Date of Birth (MMDD),UAN,Participation Date,Result,Reason\n"
    found = bring(client, f"{table}0123456,0229,{uan},01/27/2022,Accepted,\n", "results")
    post(client, found, "take over")
    submission.refresh_from_db()
    assert submission.state == "accepted"


def test_excel_is_read_as_well(client: Client) -> None:
    pending("100001", "R-1")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["CreditID", "Certifying Board ID", "ACCME Activity ID", "Status", "Credit Type"])
    sheet.append(["ccid:society.example:R-1-ABIM-MK-1", "100001", "202200001", "Accepted", "Medical Knowledge"])
    sheet.append(["ccid:society.example:R-1-ABIM-MK-1", "100001", "202200001", "Accepted", "Patient Safety"])
    out = io.BytesIO()
    book.save(out)
    found = bring(client, out.getvalue(), name="results.xlsx")
    assert [one.kind for one in found.differences.all()] == ["decision", "unknown"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\xff\xfe binary", "not a table"),
        (b"\n", "no headers"),
        (b"PK not a workbook", "cannot be read"),
        (b"", "empty"),
    ],
)
def test_what_is_no_table_is_refused(client: Client, content: bytes, words: str) -> None:
    answer = client.post(ADD, {"kind": "results", "file": SimpleUploadedFile("table.csv", content)})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Reconciliation.objects.exists()


def test_table_without_needed_columns_is_not_compared(client: Client) -> None:
    answer = client.post(ADD, {"kind": "results", "file": SimpleUploadedFile("t.csv", b"a,b\n1,2\n")})
    found = Reconciliation.objects.get()
    assert "not in the table" in page(client, found)
    refused = client.post(answer["Location"], {"verb": "compare", "number": "0"}, follow=True).content.decode()
    assert "Choose the columns for: Activity ID or UAN, Status or result." in refused
    Reconciliation.objects.update(state="comparing")
    with pytest.raises(reconciling.CannotReconcile, match="compared already"):
        reconciling.compare(reconciliation=found, columns={"number": 0, "activity_id": 1, "status": 1})
    assert "It takes some seconds" in page(client, found)


def test_table_that_breaks_off_is_refused_in_words(client: Client) -> None:
    found = bring(client, HEADERS.encode() + b"ABIM,\0,,1,,,,,,\n")
    assert (found.state, "not a table" in page(client, found)) == ("refused", True)
    Job.objects.update(state="todo", ended_at=None, due=timezone.now())
    runner.drain("office")
    assert Job.objects.get().state == "done"
    found.refresh_from_db()
    assert found.state == "refused"


def test_many_differences_have_pages(client: Client) -> None:
    found = bring(client, HEADERS + "".join(row(str(number), "Accepted") for number in range(200000, 200120)))
    assert "Page 1 of 2" in page(client, found)
    second = client.get(f"/admin/office/reconciliation/{found.pk}/change/?page=2").content.decode()
    assert "Previous" in second


def test_cells_are_read_as_they_are_meant() -> None:
    table = SimpleUploadedFile(
        "t.csv", b"a,b,c,d,e\n1,202200001,Accepted,none,2026-01-27\n2,x,?,1.5,1/27/26\n3,x,?,,soon\n"
    )
    columns = {"number": 0, "activity_id": 1, "status": 2, "amount": 3, "completed": 4, "reason": 9}
    rows = list(registry_tables.rows(table, columns))
    assert [one.amount for one in rows] == [None, Decimal("1.5"), None]
    assert [one.completed and one.completed.isoformat() for one in rows] == ["2026-01-27", "2026-01-27", None]
    assert [one.decision for one in rows] == ["accepted", None, None]


def test_nothing_differs(client: Client) -> None:
    pending("100001", "R-1")
    found = bring(client, HEADERS + row("100001", "Pending"), "results")
    assert "Nothing differs." in page(client, found)


def test_others_see_none_of_it(client: Client) -> None:
    found = bring(client, HEADERS + row("100001", "Pending"), "results")
    client.force_login(UserFactory(is_staff=True))
    assert client.get(ADD).status_code == 403
    assert client.get(f"/admin/office/reconciliation/{found.pk}/change/").status_code == 403
    assert client.get("/admin/office/reconciliation/").status_code == 403


def test_list_of_tables(client: Client) -> None:
    bring(client, HEADERS + row("100001", "Pending"), "results")
    assert "learners.csv" in client.get("/admin/office/reconciliation/").content.decode()
