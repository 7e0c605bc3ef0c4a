"""Lists of attendance and completions: every row reported, unknown people held, undone as a whole, twice is once."""

import csv
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook
from pytest_django import Settings

from accounts.models import User
from activities.models import Activity, Session
from audit.models import Event
from certificates.models import Certificate
from credits import attendance, tasks
from credits import importing as credits_importing
from credits.models import Attendance, AttendanceImport, Claim, ImportedRow, Reminder
from credits.offer import CannotAward
from credits.services import correcting, importing
from credits.services.importing import CannotImport
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from surveys import pathway
from tests.credits.making import amend, claim, session, standing
from tests.credits.test_ledger import at_once
from tests.factories import ActivityFactory, UserFactory

pytestmark = pytest.mark.django_db
DESK = "/admin/credits/attendanceimport/"


def upload(officer: User, *lines: str, kind: str = "attendance", name: str = "list.csv") -> AttendanceImport:
    """Upload a table of these lines and have it checked; completions without a day get the activity's last."""
    if kind == "completion" and "completed on" not in lines[0]:
        last = (timezone.now() - timedelta(days=3)).date().isoformat()
        lines = (f"{lines[0]},completed on", *[f"{line},{last}" for line in lines[1:]])
    content = ContentFile("\n".join(lines).encode(), name=name)
    made = importing.upload(file=content, kind=kind, actor=officer, now=timezone.now())
    runner.drain("office")
    made.refresh_from_db()
    return made


def carry_out(made: AttendanceImport, officer: User, *, doubtful: bool = False) -> AttendanceImport:
    importing.carry_out(source=made, doubtful=doubtful, actor=officer)
    runner.drain("office")
    made.refresh_from_db()
    return made


def undo(made: AttendanceImport, officer: User) -> AttendanceImport:
    importing.undo(source=made, actor=officer)
    runner.drain("office")
    made.refresh_from_db()
    return made


class _Read:
    """Rows as they were read a moment ago, and as they are now."""

    def __init__(self, numbers: list[int], now: object) -> None:
        self.numbers, self.now = numbers, now

    def values_list(self, *_fields: str, **_flat: bool) -> list[int]:
        return self.numbers

    def __getattr__(self, name: str) -> object:
        return getattr(self.now, name)


@contextmanager
def _interrupted(_job: Job) -> Iterator[None]:
    raise KeyboardInterrupt
    yield


def verdicts(made: AttendanceImport) -> list[str]:
    return [f"{row.verdict}: {row.words}".strip(" :") for row in made.rows.all()]


def states(made: AttendanceImport) -> list[str]:
    return [row.state for row in made.rows.all()]


def hours() -> list[tuple[str, str, str]]:
    rows = Attendance.objects.select_related("learner", "session")
    return [(row.learner.email, str(row.session or ""), str(row.amount)) for row in rows]


class TestChecking:
    """Nothing is imported yet, and every row says what it is good for."""

    def test_every_row_is_reported(self, officer: User, learner: User, activity: Activity) -> None:
        User.objects.filter(pk=learner.pk).update(member_number="M-17")
        other, unconfirmed = UserFactory(), UserFactory()
        EmailAddress.objects.filter(user=unconfirmed).update(verified=False)
        Activity.objects.filter(pk=ActivityFactory().pk).update(pars_id="")
        session(activity, "08:00-09:30", "Opening", code="OPEN11")
        session(activity, "10:00-11:00", "Twice")
        session(activity, "11:00-12:00", "Twice", room="B")
        made = upload(
            officer,
            "E-mail,Member number,Name,Activity,Session,Hours",
            f"{learner.email.upper()},,Ada Okafor,{activity.slug},open11,1.25",
            f",M-17,,{activity.code},Opening,1.25",
            f"{other.email},,,{activity.slug.upper()},Opening,",
            f"{learner.email},,Somebody Else,{activity.pars_id},,1",
            f"{learner.email},,,{activity.slug},Opening,2",
            f"new@example.org,,,{activity.slug},,3",
            f"{learner.email},,,no-such-activity,,1",
            f"{learner.email},,,{activity.slug},Closing,1",
            f"{learner.email},,,{activity.slug},Twice,1",
            f"{learner.email},,,{activity.slug},,0.1",
            f"{learner.email},,,{activity.slug},,0",
            f"{learner.email},,,{activity.slug},,many",
            f",,,{activity.slug},,1",
            f"not-an-address,,,{activity.slug},,1",
            f"{other.email},M-17,,{activity.slug},,1",
            f"{other.email},,,,,1",
            f"{other.email},,,{activity.slug},,",
            f"{unconfirmed.email},,,{activity.slug},,1",
            f'{learner.email},,=HYPERLINK("x"),{activity.slug},,1',
            f"new@example.org,,,{activity.slug},,3",
            f"new@example.org,,,{activity.slug},,4",
        )
        assert (made.state, made.total) == ("checked", 21)
        assert verdicts(made) == [
            "ok",
            "repeated: Stands in row 2 already.",
            "ok",
            "doubtful: The name differs: we know Ada Okafor, MD.",
            "refused: Row 2 says 1.25 for the same.",
            "waiting: Nobody has confirmed this address yet; the row joins when somebody does.",
            "refused: No published activity is called “no-such-activity”. Give its address, number, or title.",
            "refused: The activity has no session “Closing”.",
            "refused: Several sessions are called “Twice”. Give the code instead.",
            "refused: “0.1” is not an amount in steps of 0.25.",
            "refused: The hours must be at least 0.25.",
            "refused: “many” is not an amount in steps of 0.25.",
            "refused: The row names nobody.",
            "refused: “not-an-address” is not an e-mail address.",
            "refused: The address belongs to Ada Okafor, MD, the number to Ada Okafor, MD.",
            "refused: The row names no activity.",
            "refused: The hours are missing.",
            "waiting: Nobody has confirmed this address yet; the row joins when somebody does.",
            "refused: A formula stands here. Paste its value instead.",
            "repeated: Stands in row 7 already.",
            "refused: Row 7 says 3.00 for the same.",
        ]
        assert made.rows.get(number=4).amount == Decimal("1.50")
        assert Attendance.objects.count() == 0

    def test_more_hours_than_there_are_is_doubtful(self, officer: User, learner: User, activity: Activity) -> None:
        session(activity, "08:00-09:00", "Opening")
        made = upload(
            officer, "email,activity,session,hours", f"{learner.email},{activity.slug},Opening,1.25",
            f"{learner.email},{activity.slug},,18.75",
        )  # fmt: skip
        assert verdicts(made) == [
            "doubtful: More than the session gives (1.00).",
            "doubtful: More than the activity gives (18.50).",
        ]

    def test_draft_is_not_an_activity_yet(self, officer: User, learner: User) -> None:
        draft = ActivityFactory(draft=True)
        assert verdicts(upload(officer, "email,activity,hours", f"{learner.email},{draft.slug},1"))[0].startswith(
            "refused: No published activity"
        )

    def test_excel_is_read_and_its_formulas_refused(self, officer: User, learner: User, activity: Activity) -> None:
        book, content = Workbook(), BytesIO()
        sheet = book.worksheets[0]
        for row in (["E-mail", "Activity", "Hours"], [learner.email, activity.slug, 2.5], ["=A1", activity.slug, 1]):
            sheet.append(row)
        book.save(content)
        file = ContentFile(content.getvalue(), name="list.xlsx")
        made = importing.upload(file=file, kind="attendance", actor=officer, now=timezone.now())
        runner.drain("office")
        assert verdicts(made) == ["ok", "refused: A formula stands here. Paste its value instead."]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (
                b"name,hours\nAda,1",
                "Columns are missing: e-mail (or member number), activity. The table has: name, hours.",
            ),
            (b"email,activity\na,b", "Columns are missing: hours."),
            ("email,activity,hours\nj\xf6rg@example.org,x,1".encode("latin-1"), "not a table in UTF-8"),
            (b"\x00\x01\x02", "not a table"),
            (b"PK\x03\x04broken", "cannot be read as an Excel workbook"),
            (b"", "The first row is empty. It must hold the names of the columns."),
            (b"email,activity,hours", "no rows below its headers"),
            (b"email,activity,hours,credits\na@b.example,x,1,2", "Several columns are for: hours."),
        ],
    )
    def test_what_is_wrong_with_the_whole_is_said(self, officer: User, content: bytes, words: str) -> None:
        file = ContentFile(content, name="list.csv")
        try:
            made = importing.upload(file=file, kind="attendance", actor=officer, now=timezone.now())
        except ValidationError as refusal:
            said = " ".join(refusal.messages)
        else:
            runner.drain("office")
            made.refresh_from_db()
            assert made.state == "refused"
            said = made.refusal
        assert words in said
        assert ImportedRow.objects.count() == 0

    def test_a_gigabyte_is_refused_before_it_is_read(self, officer: User) -> None:
        file = ContentFile(b"x", name="list.csv")
        file.size = 1024**3
        with pytest.raises(ValidationError, match="larger than 20 MB"):
            importing.upload(file=file, kind="attendance", actor=officer, now=timezone.now())

    def test_too_many_rows_are_refused(
        self, officer: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attendance, "MOST_ROWS", 2)
        lines = [f"a{n}@example.org,{activity.slug},1" for n in range(3)]
        made = upload(officer, "email,activity,hours", *lines)
        assert (made.state, made.refusal[:17]) == ("refused", "More than 2 rows.")

    def test_file_is_kept_no_longer_than_the_check(self, officer: User, learner: User, activity: Activity) -> None:
        made = upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},1")
        assert not made.file.storage.exists(made.file.name)

    def test_rows_have_the_numbers_of_the_table(self, officer: User, activity: Activity) -> None:
        made = upload(officer, "email,activity,hours", "", f"a@b.example,{activity.slug},1", "", "x@y.example,none,1")
        assert [row.number for row in made.rows.all()] == [3, 5]

    def test_number_that_two_activities_have_is_refused(self, officer: User, learner: User, activity: Activity) -> None:
        ActivityFactory(pars_id=activity.pars_id)
        made = upload(officer, "email,activity,hours", f"{learner.email},{activity.pars_id},1")
        assert verdicts(made)[0].startswith("refused: Several activities are called")

    def test_list_that_is_lost_is_asked_for_again(self, officer: User, activity: Activity) -> None:
        made = upload(officer, "email,activity,hours", f"a@b.example,{activity.slug},1")
        AttendanceImport.objects.update(state="checking", total=0)
        Job.objects.filter(kind="credits.check_list").update(state="todo", ended_at=None, due=timezone.now())
        runner.drain("office")
        made.refresh_from_db()
        assert (made.state, "bring it again" in made.refusal) == ("refused", True)

    def test_refused_list_stays_refused_after_a_crash(
        self, officer: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process ends just before the refusal is written down."""
        lines = [f"a{number}@b.example,{activity.slug},1" for number in range(600)]
        table = "\n".join(["email,activity,hours", *lines]).encode() + b"\n\xff,x,1\n"
        content = ContentFile(table, name="l.csv")
        made = importing.upload(file=content, kind="attendance", actor=officer, now=timezone.now())
        with monkeypatch.context() as crash:
            crash.setattr(Job, "finishing", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                runner.drain("office")
        Job.objects.update(due=timezone.now())
        runner.drain("office")
        made.refresh_from_db()
        assert (made.state, "not a table in UTF-8" in made.refusal) == ("refused", True)

    def test_files_that_a_crash_left_behind_are_deleted(
        self, officer: User, activity: Activity, settings: Settings, tmp_path: Path
    ) -> None:
        settings.MEDIA_ROOT = str(tmp_path)
        tasks.forget_lists(timezone.now())  # there is no folder yet
        made = upload(officer, "email,activity,hours", f"a@b.example,{activity.slug},1")
        storage, name = made.file.storage, made.file.name or ""
        storage.save(name, ContentFile(b"left behind"))
        needed = storage.save("lists/needed", ContentFile(b"being checked"))
        AttendanceImport.objects.create(
            name="x", file=needed, sha256="x", uploaded_by=officer, uploaded_at=timezone.now(), state="checking"
        )
        tasks.forget_lists(timezone.now())
        assert storage.exists(name)
        tasks.forget_lists(timezone.now() + timedelta(hours=2))
        assert (storage.exists(name), storage.exists(needed)) == (False, True)

    def test_repeated_check_of_a_checked_list_does_nothing(self, officer: User, activity: Activity) -> None:
        made = upload(officer, "email,activity,hours", f"a@b.example,{activity.slug},1")
        Job.objects.filter(kind="credits.check_list").update(state="todo", ended_at=None, due=timezone.now())
        runner.drain("office")
        assert made.rows.count() == 1

    def test_long_check_goes_on_where_it_stopped(
        self, officer: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tasks, "CHUNK", 2)
        monkeypatch.setattr(tasks, "SECONDS", -1.0)
        lines = [f"a{n}@example.org,{activity.slug},1" for n in range(3)]
        content = ContentFile("\n".join(["email,activity,hours", *lines]).encode(), name="list.csv")
        made = importing.upload(file=content, kind="attendance", actor=officer, now=timezone.now())
        runner.drain("office", limit=1)
        made.refresh_from_db()
        assert (made.state, made.done) == ("checking", 2)
        assert Job.objects.get(kind="credits.check_list").error == "Goes on."
        runner.drain("office")
        made.refresh_from_db()
        assert (made.state, [row.number for row in made.rows.all()]) == ("checked", [2, 3, 4])


class TestImporting:
    """What becomes of the rows."""

    def test_good_rows_are_imported_and_others_left(self, officer: User, learner: User, activity: Activity) -> None:
        lines = [
            "email,name,activity,hours", f"{learner.email},,{activity.slug},2", f"x@example.org,,{activity.slug},2",
            f"{learner.email},Xu,{ActivityFactory().slug},2", f"{learner.email},,nothing,2",
        ]  # fmt: skip
        made = carry_out(upload(officer, *lines), officer)
        assert (made.state, states(made)) == ("imported", ["done", "held", "left", "left"])
        assert hours() == [(learner.email, "", "2.00")]

    def test_doubtful_rows_are_imported_if_staff_say_so(self, officer: User, learner: User, activity: Activity) -> None:
        made = upload(officer, "email,name,activity,hours", f"{learner.email},Xu,{activity.slug},2")
        assert states(carry_out(made, officer, doubtful=True)) == ["done"]

    def test_same_file_twice_changes_nothing(self, officer: User, learner: User, activity: Activity) -> None:
        lines = ["email,activity,hours", f"{learner.email},{activity.slug},2"]
        carry_out(upload(officer, *lines), officer)
        again = upload(officer, *lines)
        assert verdicts(again) == ["same: On record already."]
        carry_out(again, officer)
        assert (hours(), states(again)) == ([(learner.email, "", "2.00")], ["done"])
        undo(again, officer)
        assert hours() == [(learner.email, "", "2.00")]

    @pytest.mark.parametrize("checked_before", [True, False])
    def test_what_two_lists_say_stands_until_both_are_undone(
        self, officer: User, learner: User, activity: Activity, checked_before: bool
    ) -> None:
        row = f"{learner.email},{activity.slug},1"
        first = carry_out(upload(officer, "email,activity,hours", row), officer)
        second = upload(officer, "email,activity,hours,name", f"{row},")
        if checked_before:
            undo(first, officer)
            carry_out(second, officer)
        else:
            carry_out(second, officer)
            undo(first, officer)
        assert hours() == [(learner.email, "", "1.00")]
        undo(second, officer)
        assert hours() == []

    def test_undo_restores_what_stood_before(self, officer: User, learner: User, activity: Activity) -> None:
        first = carry_out(upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},2"), officer)
        second = upload(
            officer, "email,activity,hours", f"{learner.email},{activity.slug},3", f"x@y.example,{activity.slug},1"
        )
        carry_out(second, officer)
        assert hours() == [(learner.email, "", "3.00")]
        undo(second, officer)
        assert (hours(), states(second), second.state) == (
            [(learner.email, "", "2.00")],
            ["undone", "undone"],
            "undone",
        )
        undo(first, officer)
        assert hours() == []

    def test_lists_can_be_undone_in_any_order(self, officer: User, learner: User, activity: Activity) -> None:
        first = carry_out(upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},2"), officer)
        second = carry_out(upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},3"), officer)
        undo(first, officer)
        assert (hours(), states(first)) == ([(learner.email, "", "3.00")], ["undone"])
        undo(second, officer)
        assert hours() == []

    def test_account_that_was_switched_off_meanwhile_is_left_alone(
        self, officer: User, learner: User, activity: Activity
    ) -> None:
        made = upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},2")
        User.objects.filter(pk=learner.pk).update(is_active=False)
        assert (states(carry_out(made, officer)), hours()) == (["failed"], [])

    def test_only_what_is_checked_is_imported_and_only_what_is_imported_undone(
        self, officer: User, learner: User, activity: Activity
    ) -> None:
        made = upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},2")
        with pytest.raises(CannotImport):
            importing.undo(source=made, actor=officer)
        carry_out(made, officer)
        with pytest.raises(CannotImport, match="at the same moment"):
            importing.carry_out(source=made, doubtful=False, actor=officer)

    def test_work_goes_on_after_a_pause_and_a_repeated_job_does_nothing(
        self, officer: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = [UserFactory() for _ in range(3)]
        made = upload(officer, "email,activity,hours", *[f"{row.email},{activity.slug},1" for row in people])
        monkeypatch.setattr(tasks, "SECONDS", -1.0)
        importing.carry_out(source=made, doubtful=False, actor=officer)
        runner.drain("office", limit=1)
        made.refresh_from_db()
        assert (len(hours()), made.done, Job.objects.get(kind="credits.import_list").error) == (1, 1, "Goes on.")
        monkeypatch.setattr(tasks, "BATCH", 1)
        monkeypatch.setattr(tasks, "SECONDS", 20.0)
        runner.drain("office")
        Job.objects.filter(kind__startswith="credits.").update(state="todo", ended_at=None, due=timezone.now())
        runner.drain("office")
        made.refresh_from_db()
        assert (len(hours()), made.done, made.state, states(made)) == (3, 3, "imported", ["done"] * 3)

    def test_attendants_are_reminded_of_the_deadline(self, officer: User, learner: User, activity: Activity) -> None:
        carry_out(upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},2"), officer)
        over = ActivityFactory(over=True)
        carry_out(upload(officer, "email,activity,hours", f"{learner.email},{over.slug},2"), officer)
        assert [job.subject_id for job in Job.objects.filter(kind="credits.remind")] == [activity.pk]
        assert Reminder.objects.count() == 0


@pytest.mark.usefixtures("committed")
def test_two_lists_at_once_take_turns(officer: User) -> None:
    learner, activity = UserFactory(), ActivityFactory()
    lists = [upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},{n}") for n in (1, 2)]
    AttendanceImport.objects.update(state="importing")

    def write(pk: int) -> None:
        with transaction.atomic():
            credits_importing.write(ImportedRow.objects.select_related("source").get(source=pk), timezone.now())

    assert at_once(*[lambda pk=made.pk: write(pk) for made in lists]) == []  # type: ignore[misc]
    assert [hours for _, _, hours in hours()] in (["1.00"], ["2.00"])
    assert [states(made) for made in lists] == [["done"], ["done"]]


class TestPeopleWhoComeLater:
    """Rows about nobody we know wait for an address that is confirmed, or for a number."""

    @pytest.fixture
    def held(self, officer: User, activity: Activity) -> Callable[..., AttendanceImport]:
        def hold(kind: str = "attendance", who: str = "late@example.org,") -> AttendanceImport:
            made = upload(officer, "email,member number,activity,hours", f"{who},{activity.slug},2", kind=kind)
            return carry_out(made, officer)

        return hold

    def sign_up(self, confirmed: bool = True, **facts: str) -> User:
        person: User = UserFactory(email="late@example.org", **facts)
        address = EmailAddress.objects.get(user=person)
        EmailAddress.objects.filter(pk=address.pk).update(verified=confirmed)
        if confirmed:
            email_confirmed.send(EmailAddress, request=None, email_address=address)
        return person

    def test_row_joins_when_the_address_is_confirmed(self, held: Callable[..., AttendanceImport]) -> None:
        made = held()
        person = self.sign_up(confirmed=False)
        person.save()
        assert hours() == []
        EmailAddress.objects.update(verified=True)
        email_confirmed.send(EmailAddress, request=None, email_address=EmailAddress.objects.get(user=person))
        assert (hours(), states(made)) == ([("late@example.org", "", "2.00")], ["done"])

    def test_row_joins_when_the_number_is_given(self, held: Callable[..., AttendanceImport], learner: User) -> None:
        held(who=",M-5")
        learner.member_number = "M-5"
        learner.save()
        assert hours() == [(learner.email, "", "2.00")]

    def test_person_who_came_between_check_and_import_is_found(self, officer: User, activity: Activity) -> None:
        made = upload(officer, "email,activity,hours", f"late@example.org,{activity.slug},2")
        person = self.sign_up()
        assert (states(carry_out(made, officer)), hours()) == (["done"], [(person.email, "", "2.00")])

    def test_person_who_comes_while_the_list_is_imported_is_not_forgotten(
        self, held: Callable[..., AttendanceImport], officer: User
    ) -> None:
        made = held()
        AttendanceImport.objects.update(state="importing")
        Job.objects.filter(kind="credits.import_list").update(state="todo", ended_at=None, due=timezone.now())
        person: User = UserFactory(email="late@example.org")
        assert hours() == []
        runner.drain("office")
        made.refresh_from_db()
        assert (made.state, hours()) == ("imported", [(person.email, "", "2.00")])

    def test_undone_list_joins_nobody(self, held: Callable[..., AttendanceImport], officer: User) -> None:
        undo(held(), officer)
        self.sign_up()
        assert hours() == []

    def test_completion_waits_for_name_and_profession(self, held: Callable[..., AttendanceImport]) -> None:
        made = held("completion")
        person = self.sign_up(profession="")
        assert (Claim.objects.count(), states(made)) == (0, ["held"])
        person.profession = "physician"
        person.save()
        assert standing(Claim.objects.get(learner=person)) == {"ama_pra": "2.00"}

    def test_completion_that_was_claimed_meanwhile_fails_in_words(
        self, held: Callable[..., AttendanceImport], activity: Activity
    ) -> None:
        made = held("completion")
        person: User = UserFactory(email="late@example.org")
        EmailAddress.objects.filter(user=person).update(verified=True)
        claim(person, activity, "5.00")
        person.save()
        assert "Has claimed already: 5.00 AMA PRA" in made.rows.get().words


class TestCompletions:
    """A list that awards credit."""

    def test_each_row_awards_and_certifies(self, officer: User, learner: User, activity: Activity) -> None:
        nurse = UserFactory(nurse=True)
        lines = [f"{row.email},{activity.slug},2" for row in (learner, nurse)]
        made = carry_out(upload(officer, "email,activity,hours", *lines, kind="completion"), officer)
        assert [standing(row) for row in Claim.objects.order_by("pk")] == [
            {"ama_pra": "2.00"},
            {"participation": "2.00"},
        ]
        first = Claim.objects.earliest("pk")
        assert first.attestation == "Completion recorded by the CME office: list.csv, row 2."
        assert made.rows.first().words == first.reference  # type: ignore[union-attr]
        assert first.awards.get().awarded_by == officer
        assert (Certificate.objects.count(), Message.objects.filter(subject__startswith="Credit awarded").count()) == (
            2,
            2,
        )

    def test_what_cannot_be_awarded_fails_row_by_row(self, officer: User, learner: User, activity: Activity) -> None:
        claim(learner, activity, "5.00")
        nurse, narrow = UserFactory(nurse=True), ActivityFactory(credit={"ama_pra": "1.00"})
        uneven = ActivityFactory(credit={"ama_pra": "5.00", "ancc": "1.00"})
        lines = [
            f"{learner.email},{activity.slug},2", f"{nurse.email},{narrow.slug},1",
            f"{UserFactory(nurse=True).email},{uneven.slug},2", f"{UserFactory(newcomer=True).email},{activity.slug},2",
            f"{UserFactory().email},{activity.slug},2",
        ]  # fmt: skip
        made = carry_out(upload(officer, "email,activity,hours", *lines, kind="completion"), officer, doubtful=True)
        assert states(made) == ["left", "failed", "failed", "held", "done"]
        words = [row.words for row in made.rows.all()]
        assert words[0].startswith("Has claimed already: 5.00 AMA PRA")
        assert words[1].startswith("This activity offers no credit to your profession")
        assert words[2] == "At most 1.00 can be claimed for this activity."
        assert words[3] == "Waits until the person has given name and profession."

    def test_same_file_twice_awards_once(self, officer: User, learner: User, activity: Activity) -> None:
        lines = ["email,activity,hours", f"{learner.email},{activity.slug},2"]
        for _ in range(2):
            carry_out(upload(officer, *lines, kind="completion"), officer)
        assert standing(Claim.objects.get()) == {"ama_pra": "2.00"}

    def test_same_completion_twice_is_nothing_new(self, officer: User, learner: User, activity: Activity) -> None:
        row, late = f"{learner.email},{activity.slug},2", f"new@example.org,{activity.slug},3"
        first, second = (
            carry_out(upload(officer, "email,activity,hours", row, late, kind="completion"), officer) for _ in range(2)
        )
        assert verdicts(second)[0].startswith("same: On record already, reference R-")
        assert (states(first), states(second)) == (["done", "held"], ["left", "held"])
        came = UserFactory(email="new@example.org")
        credits_importing.join(came, timezone.now())
        assert sorted(states(first) + states(second)) == ["done", "done", "left", "left"]
        assert Claim.objects.count() == 2

    def test_undo_leaves_what_a_later_list_awarded(self, officer: User, learner: User, activity: Activity) -> None:
        first = carry_out(
            upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},1", kind="completion"), officer
        )
        made = Claim.objects.get()
        correcting.correct(claims=[made], verb="withdraw", amount=None, reason="x", actor=officer, now=timezone.now())
        runner.drain("office")
        carry_out(
            upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},2", kind="completion"), officer
        )
        undo(first, officer)
        assert (standing(made), states(first)) == ({"ama_pra": "2.00"}, ["failed"])

    def test_who_claims_after_an_undone_list_reads_what_was_awarded(
        self, officer: User, learner: User, activity: Activity
    ) -> None:
        row = f"{learner.email},{activity.slug},1"
        undo(carry_out(upload(officer, "email,activity,hours", row, kind="completion"), officer), officer)
        claim(learner, activity, "3.00")
        assert "3.00 AMA PRA" in Message.objects.latest("pk").text

    def test_list_that_is_undone_while_somebody_joins_awards_nothing(
        self, officer: User, activity: Activity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = f"new@example.org,{activity.slug},1"
        made = carry_out(upload(officer, "email,activity,hours", row, kind="completion"), officer)
        came, find = UserFactory(email="new@example.org"), credits_importing._held_for
        numbers = list(find(came).values_list("pk", flat=True))
        undo(made, officer)  # between the reading of the rows and their locking
        monkeypatch.setattr(
            credits_importing,
            "_held_for",
            lambda user: _Read(numbers, find(user)),  # type: ignore[arg-type]
        )
        credits_importing.join(came, timezone.now())
        assert (states(made), Claim.objects.exists()) == (["undone"], False)

    @pytest.mark.parametrize("kind", ["attendance", "completion"])
    def test_what_has_not_begun_is_refused(self, officer: User, learner: User, kind: str) -> None:
        today = timezone.now().date()
        later = {"starts_on": today + timedelta(days=9), "ends_on": today + timedelta(days=9)}
        coming = ActivityFactory(claim_until_day=today + timedelta(days=20), **later)
        made = upload(officer, "email,activity,hours", f"{learner.email},{coming.slug},2", kind=kind)
        assert verdicts(made) == ["refused: The activity has not begun yet."]

    def test_session_that_is_not_over_is_refused(self, officer: User, learner: User, activity: Activity) -> None:
        running = session(activity, "08:00-09:00", "Opening")
        Session.objects.filter(pk=running.pk).update(ends_at=timezone.now() + timedelta(hours=1))
        made = upload(officer, "email,activity,session,hours", f"{learner.email},{activity.slug},Opening,1")
        assert verdicts(made) == ["refused: “Opening” is not over yet."]

    def test_completion_above_the_maximum_is_refused(self, officer: User, learner: User, activity: Activity) -> None:
        made = upload(officer, "email,activity,hours", f"{learner.email},{activity.slug},99", kind="completion")
        assert verdicts(made) == ["refused: More than the activity gives (18.50)."]

    def test_undo_withdraws_what_the_list_awarded(self, officer: User, learner: User, activity: Activity) -> None:
        other = UserFactory()
        lines = [f"{row.email},{activity.slug},2" for row in (learner, other)]
        made = carry_out(upload(officer, "email,activity,hours", *lines, kind="completion"), officer)
        with pytest.raises(CannotAward):
            amend(Claim.objects.get(learner=other), "18.50")
        theirs = Claim.objects.get(learner=other)
        correcting.correct(
            claims=[theirs], verb="change", amount=Decimal(3), reason="x", actor=officer, now=timezone.now()
        )
        runner.drain("office")
        undoer = UserFactory(officer=True)
        undo(made, undoer)
        assert states(made) == ["undone", "failed"]
        assert standing(Claim.objects.get(learner=learner)) == {}
        assert Claim.objects.get(learner=learner).awards.last().awarded_by == undoer  # type: ignore[union-attr]
        assert standing(theirs) == {"ama_pra": "3.00"}
        assert "recorded this completion by mistake" in Message.objects.filter(to=learner.email).first().text  # type: ignore[union-attr]

    def test_after_the_undo_it_can_be_imported_again_and_claimed(
        self, officer: User, learner: User, activity: Activity
    ) -> None:
        table = ("email,activity,hours", f"{learner.email},{activity.slug},2")
        undo(carry_out(upload(officer, *table, kind="completion"), officer), officer)
        step = pathway.step("request", activity=activity, learner=learner, now=timezone.now())
        assert step.state == "open"
        again = carry_out(upload(officer, *table, kind="completion"), officer)
        assert standing(Claim.objects.get()) == {"ama_pra": "2.00"}
        undo(again, officer)
        made = claim(learner, activity, "5.00")
        assert (standing(made), made.by_office, Claim.objects.count()) == ({"ama_pra": "5.00"}, False, 1)
        assert str(amend(made, "6.00").awards[0]) == "6.00 AMA PRA Category 1 Credits™"

    def test_session_makes_no_sense_for_a_completion(self, officer: User, learner: User, activity: Activity) -> None:
        made = upload(
            officer, "email,activity,session,hours", f"{learner.email},{activity.slug},A,1", kind="completion"
        )
        assert verdicts(made) == ["refused: A completion is of the whole activity: leave the session out."]


class TestDesk:
    """The office's pages."""

    @pytest.fixture
    def desk(self, client: Client, officer: User) -> Client:
        client.force_login(officer)
        return client

    def post(self, desk: Client, *lines: str, kind: str = "attendance") -> str:
        file = SimpleUploadedFile("list.csv", "\n".join(lines).encode())
        address: str = desk.post(f"{DESK}add/", {"kind": kind, "file": file})["Location"]
        runner.drain("office")
        return address

    def test_upload_look_import_and_undo(self, desk: Client, learner: User, activity: Activity) -> None:
        assert "e-mail address" in desk.get(f"{DESK}add/").content.decode()
        address = self.post(
            desk, "email,activity,hours", f"{learner.email},{activity.slug},2", f"x@y.example,{activity.slug},1"
        )
        page = desk.get(address).content.decode()
        for words in ("Checked; nothing is imported yet", "Ok: 1", "Waiting for the person: 1"):
            assert words in page
        assert "x@y.example" not in desk.get(f"{address}?verdict=ok").content.decode()
        desk.post(address, {})
        assert "Being imported" in desk.get(address).content.decode()
        runner.drain("office")
        assert "Undo the whole list" in desk.get(address).content.decode()
        table = b"".join(desk.get(address.replace("change/", "rows.csv")).streaming_content).decode()  # type: ignore[attr-defined]
        assert [row["now"] for row in csv.DictReader(StringIO(table))] == ["imported", "waits for the person"]
        assert Event.objects.filter(action="downloaded a list's rows").count() == 1
        assert "Somebody else" in desk.post(address, {}, follow=True).content.decode()
        assert "tick that you are sure" in desk.post(address, {"verb": "undo"}, follow=True).content.decode()
        desk.post(address, {"verb": "undo", "sure": "yes"})
        runner.drain("office")
        assert hours() == []
        again = self.post(
            desk, "email,activity,hours", f"{learner.email},{activity.slug},2", f"x@y.example,{activity.slug},1"
        )
        assert "The same file was uploaded before" in desk.get(again).content.decode()
        assert "list.csv" in desk.get(DESK).content.decode()
        assert desk.get("/admin/credits/attendance/").status_code == 200

    def test_doubtful_rows_are_left_out_one_by_one(self, desk: Client, learner: User, activity: Activity) -> None:
        other = UserFactory()
        lines = [f"{row.email},Somebody Else,{activity.slug},2" for row in (learner, other)]
        address = self.post(desk, "email,name,activity,hours", *lines, f"{learner.email},,nothing,1")
        first, second, refused = ImportedRow.objects.all()
        assert desk.get(address).content.decode().count("leave out</label>") == 2
        page = desk.post(address, {"verb": "leave out", "rows": [refused.pk, "9" * 40]}, follow=True).content.decode()
        assert "Tick at least one doubtful row." in page
        page = desk.post(f"{address}?verdict=doubtful", {"verb": "leave out", "rows": [first.pk]}, follow=True)
        assert "Left out: 1." in page.content.decode()
        desk.post(address, {"doubtful": "yes"})
        runner.drain("office")
        assert hours() == [(other.email, "", "2.00")]
        assert "The name differs" in ImportedRow.objects.get(pk=second.pk).words
        page = desk.post(address, {"verb": "leave out", "rows": [second.pk]}, follow=True).content.decode()
        assert ("The list is imported already." in page, "all 1 rows that were imported" in page) == (True, True)

    def test_saved_table_has_what_was_uploaded(self, desk: Client, activity: Activity) -> None:
        address = self.post(desk, "email,activity,hours", "x@y.example,no-such-thing,many")
        table = b"".join(desk.get(address.replace("change/", "rows.csv")).streaming_content).decode()  # type: ignore[attr-defined]
        (row,) = csv.DictReader(StringIO(table))
        assert (row["activity"], row["hours"], row["result"]) == ("no-such-thing", "many", "refused")

    def test_missing_columns_are_named_on_the_form(self, desk: Client) -> None:
        file = SimpleUploadedFile("list.csv", b"email,hours\na,1")
        answer = desk.post(f"{DESK}add/", {"kind": "attendance", "file": file})
        assert (answer.status_code, "Columns are missing: activity." in answer.content.decode()) == (422, True)
        assert "Choose a file." in desk.post(f"{DESK}add/", {"kind": "attendance"}).content.decode()

    def test_cells_of_the_saved_table_are_no_formulas(self, desk: Client, activity: Activity) -> None:
        address = self.post(desk, "email,name,activity,hours", f"x@y.example,=1+1,{activity.slug},1")
        table = b"".join(desk.get(address.replace("change/", "rows.csv")).streaming_content).decode()  # type: ignore[attr-defined]
        assert "'=1+1" in table

    def test_only_who_may_import_enters(self, client: Client, learner: User) -> None:
        client.force_login(UserFactory(is_staff=True))
        assert client.get(f"{DESK}add/").status_code == 403
        assert client.get(f"{DESK}1/change/").status_code == 403
        assert client.get(f"{DESK}1/rows.csv").status_code == 403

    def test_lists_and_attendance_are_not_written_by_hand(
        self, desk: Client, learner: User, activity: Activity
    ) -> None:
        self.post(desk, "email,activity,hours", f"{learner.email},{activity.slug},2")
        row = Attendance.objects.create(learner=learner, activity=activity, amount=Decimal(1))
        for verb in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/"):
            assert desk.post(f"/admin/credits/attendance/{verb}", {}).status_code == 403
        assert desk.post(f"{DESK}{AttendanceImport.objects.get().pk}/delete/", {}).status_code == 403


def test_rows_are_judged_in_bounded_memory(officer: User, activity: Activity) -> None:
    """Ten times the rows take no more memory at a time."""
    peaks = []
    for count in (500, 5000):
        lines = [f"a{n}@example.org,{activity.slug},1" for n in range(count)]
        content = ContentFile("\n".join(["email,activity,hours", *lines]).encode(), name="list.csv")
        made = importing.upload(file=content, kind="attendance", actor=officer, now=timezone.now() - timedelta(days=1))
        tracemalloc.start()
        runner.drain("office")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        made.refresh_from_db()
        assert (made.state, made.total) == ("checked", count)
    assert peaks[1] < 2 * peaks[0]
