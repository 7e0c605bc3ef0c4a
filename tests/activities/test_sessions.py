"""Sessions: instants and credit out of local hours, and tables of them with a report for every row."""

import zipfile
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from accounts.models import User
from activities import sheets, uploads, watching
from activities.models import Activity, Session, SessionImport
from activities.models.programme import give_codes, hours_covered
from activities.services import programme
from audit.models import Event
from tests.factories import ActivityFactory, UserFactory, make_sessions

pytestmark = pytest.mark.django_db

HEADER = "Title,Day,Begins,Ends,Track,Room,Credit,For\n"


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


@pytest.fixture
def meeting() -> Activity:
    activity: Activity = ActivityFactory(
        starts_on=date(2022, 1, 24), ends_on=date(2022, 1, 27), claim_until_day=date(2022, 2, 23)
    )
    return activity


def make(activity: Activity, **facts: Any) -> Session:
    facts = {"title": "A", "day": date(2022, 1, 24), "begins": time(8), "ends": time(9)} | facts
    return Session.objects.create(activity=activity, **facts)


class TestSession:
    """One item of the programme."""

    def test_hours_are_those_of_the_activitys_zone(self, meeting: Activity) -> None:
        session = make(meeting)
        assert session.starts_at.isoformat() == "2022-01-24T16:00:00+00:00"

    def test_end_before_the_begin_is_on_the_next_day(self, meeting: Activity) -> None:
        session = make(meeting, begins=time(23), ends=time(0, 30))
        assert (session.ends_at - session.starts_at).total_seconds() == 5400

    @pytest.mark.parametrize(
        ("ends", "credit"), [(time(9), "1.00"), (time(8, 50), "0.75"), (time(8, 53), "1.00"), (time(8, 7), "0.00")]
    )
    def test_credit_is_computed_to_the_nearest_quarter(self, meeting: Activity, ends: time, credit: str) -> None:
        assert str(make(meeting, ends=ends).credit) == credit

    def test_credit_may_be_set_and_zero_is_none(self, meeting: Activity) -> None:
        assert make(meeting, credit_set=Decimal("0.50")).credit == Decimal("0.50")
        assert make(meeting, title="Lunch", credit_set=Decimal(0)).credit == 0

    def test_day_outside_the_activity_is_refused(self, meeting: Activity) -> None:
        with pytest.raises(ValidationError, match="Outside the activity's days, January 24–27, 2022"):
            Session(activity=meeting, day=date(2022, 2, 1), begins=time(8), ends=time(9)).clean()
        assert Session(activity=meeting).clean() is None  # type: ignore[func-returns-value]

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"begins": time(15), "ends": time(14)}, "It ends before it begins"),
            ({"begins": time(20), "ends": time(20)}, "It ends before it begins"),
            ({"credit_set": Decimal("1.25")}, r"this session gives at most 1\.00"),
        ],
    )
    def test_hours_and_credit_that_cannot_be_meant(self, meeting: Activity, facts: dict[str, Any], words: str) -> None:
        usual = {"day": date(2022, 1, 24), "begins": time(8), "ends": time(9)}
        with pytest.raises(ValidationError, match=words):
            Session(activity=meeting, **usual | facts).clean()

    def test_night_on_which_the_clocks_change(self) -> None:
        days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "claim_until_day": date(2026, 12, 31)}
        year = ActivityFactory(**days)
        with pytest.raises(ValidationError, match="does not exist on this day"):
            Session(activity=year, day=date(2026, 3, 8), begins=time(2, 30), ends=time(3)).clean()
        autumn = Session(activity=year, day=date(2026, 11, 1), begins=time(0, 30), ends=time(1, 30))
        autumn.compute()
        assert autumn.credit == Decimal("1.00")

    def test_postponed_activity_takes_its_sessions_along(self, meeting: Activity) -> None:
        for day in range(24, 28):
            make(meeting, title="Lunch", day=date(2022, 1, day))
        week = timedelta(days=1)
        meeting.starts_on, meeting.ends_on = meeting.starts_on + week, meeting.ends_on + week
        meeting.save()
        assert [row.day.day for row in meeting.sessions.all()] == [25, 26, 27, 28]
        assert meeting.sessions.earliest("starts_at").starts_at.isoformat() == "2022-01-25T16:00:00+00:00"
        meeting.ends_on += week
        meeting.save()
        assert [row.day.day for row in meeting.sessions.all()] == [25, 26, 27, 28]

    def test_same_session_twice_is_refused_by_the_database(self, meeting: Activity) -> None:
        make(meeting)
        with pytest.raises(IntegrityError):
            make(meeting)

    def test_simultaneous_sessions_count_once(self, meeting: Activity) -> None:
        rows = [
            make(meeting, title="A", begins=time(8), ends=time(10)),
            make(meeting, title="B", begins=time(9), ends=time(9, 30)),
            make(meeting, title="C", begins=time(9, 30), ends=time(11)),
            make(meeting, title="Lunch", begins=time(11), ends=time(12), credit_set=Decimal(0)),
        ]
        assert hours_covered(rows) == Decimal("3.00")
        assert hours_covered([]) == 0

    def test_change_of_zone_moves_the_sessions(self, meeting: Activity) -> None:
        session = make(meeting)
        meeting.time_zone = "America/New_York"
        meeting.save()
        session.refresh_from_db()
        assert session.starts_at.isoformat() == "2022-01-24T13:00:00+00:00"


class TestReading:
    """CSV and Excel, judged by content."""

    def read(self, content: bytes | str, name: str = "table.csv") -> sheets.Table:
        return sheets.read(ContentFile(content if isinstance(content, bytes) else content.encode(), name=name))

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_csv_with_any_delimiter_and_a_byte_order_mark(self, delimiter: str) -> None:
        text = "\ufeffSession_Title,Day\nA,2022-01-24\n\n".replace(",", delimiter)
        assert self.read(text) == sheets.Table(["session title", "day"], [["A", "2022-01-24"]])

    def test_excel_gives_days_hours_and_numbers_as_typed(self) -> None:
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append(["Title", "Day", "Begins", "Ends", "Credit", "Room"])
        sheet.append(
            ["A", date(2022, 1, 24), time(8), timezone.now().replace(tzinfo=None, hour=9, minute=5), 1.0, None]
        )
        content = BytesIO()
        book.save(content)
        title, day, begins, ends, credit, room = self.read(content.getvalue(), "anything.csv").rows[0]
        assert (title, day, begins, ends[-5:], credit, room) == ("A", "2022-01-24", "08:00", "09:05", "1", "")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("Title\n", "no rows below its headers"),
            (b"", "no rows below its headers"),
            (b"Title\n\xff\xfe", "not a table in UTF-8"),
            (b"Title\n\0", "This file is not a table"),
            (b"PK not a workbook", "cannot be read as an Excel workbook"),
            (f"Title\n{'x' * 200_000}", "The table cannot be read"),
            ("Title\n" + "x\n" * 5001, "More than 5,000 rows"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_the_way_out(self, content: bytes | str, words: str) -> None:
        with pytest.raises(ValidationError, match=words):
            self.read(content)

    @pytest.mark.parametrize("damage", [b"", b"<worksheet><broken", b"not xml at all"])
    def test_broken_workbook_is_refused(self, damage: bytes) -> None:
        book, whole, content = Workbook(), BytesIO(), BytesIO()
        book.save(whole)
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(content, "w") as new:
            for entry in old.namelist():
                new.writestr(entry, damage if "sheet1" in entry else old.read(entry))
        with pytest.raises(ValidationError, match=r"cannot be read as an Excel workbook|no rows below its headers"):
            self.read(content.getvalue())

    def test_far_away_row_costs_nothing(self) -> None:
        book, content = Workbook(), BytesIO()
        book.worksheets[0].append(["Title"])
        book.worksheets[0].cell(1_000_000, 1, "far")
        book.save(content)
        with pytest.raises(ValidationError, match="More than 5,000 rows"):
            self.read(content.getvalue())

    def test_short_rows_are_filled_up(self) -> None:
        assert self.read("Title,Room\nA\n").rows == [["A", ""]]

    def test_workbook_with_endless_texts_is_refused_before_they_are_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        book, whole = BytesIO(), BytesIO()
        Workbook().save(book)
        with zipfile.ZipFile(book) as small, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as bomb:
            for entry in set(small.namelist()) - {sheets.SHARED_TEXTS}:
                bomb.writestr(entry, small.read(entry))
            bomb.writestr(sheets.SHARED_TEXTS, b"<sst>" + b"<si/>" * (sheets.MOST_TEXTS + 9) + b"</sst>")
        monkeypatch.setattr(sheets, "load_workbook", None)
        with pytest.raises(ValidationError, match="unpacks to too much"):
            sheets.read(ContentFile(whole.getvalue(), name="s.xlsx"))

    def test_workbook_that_unpacks_to_too_much_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        content = BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("sheet.xml", b"0" * 2_000_000)
        monkeypatch.setattr(sheets, "LARGEST_UNPACKED", 1_000_000)
        with pytest.raises(ValidationError, match="unpacks to too much"):
            self.read(content.getvalue())

    def test_file_over_the_limit_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheets, "LARGEST_TABLE", 3)
        with pytest.raises(ValidationError, match="larger than"):
            self.read("Title\nA\n")
        assert uploads.LARGEST_TABLE == 5_242_880


class TestImport:
    """Shown row by row, carried out once, the same table twice changes nothing."""

    def upload(self, activity: Activity, officer: User, rows: str) -> SessionImport:
        file = ContentFile((HEADER + rows).encode(), name="programme.csv")
        return programme.upload(activity=activity, file=file, actor=officer, now=timezone.now())

    def apply(self, wanted: SessionImport, officer: User) -> SessionImport:
        return programme.apply(wanted=wanted, actor=officer, now=timezone.now())

    def verdicts(self, found: SessionImport) -> list[str]:
        return [row["verdict"] for row in found.rows]

    def test_good_rows_are_added_and_bad_ones_left_out(self, meeting: Activity, officer: User) -> None:
        found = self.upload(
            meeting,
            officer,
            "Opening,2022-01-24,08:00,09:30,Plenary,Hall A,,\n"
            "Lunch,01/24/2022,12 PM,1:00 pm,,,0,\n"
            "Nurses,2022-01-25,08:00,09:00,,,0.5,ancc; acpe\n"
            "Opening,2022-01-24,08:00,09:30,,Hall A,,\n"
            "Late,2022-02-24,08:00,09:00,,,,\n"
            "No day,soon,08:00,09:00,,,,\n"
            "No hour,2022-01-24,early,09:00,,,,\n"
            "No end,2022-01-24,08:00,,,,,\n"
            "Odd,2022-01-24,08:00,09:00,,,0.3,\n"
            "Types,2022-01-24,08:00,09:00,,,,everybody\n"
            "=1+1,2022-01-24,08:00,09:00,,,,\n"
            ",2022-01-24,08:00,09:00,,,,\n",
        )
        assert self.verdicts(found) == ["add"] * 3 + ["refused"] * 9
        assert [row["words"] for row in found.rows[3:]] == [
            "The same session stands in an earlier row.",
            "day: Outside the activity's days, January 24–27, 2022.",
            "day: “soon” is not a day. Write 2026-06-01 or 06/01/2026.",
            "begins: “early” is not an hour. Write 08:30 or 8:30 AM.",
            "ends: “” is not an hour. Write 08:30 or 8:30 AM.",
            "credit: 0.3 is not in steps of 0.25.",
            "for: “everybody” is not known. Write ama_pra, ancc, acpe, acpe_technician, aapa, ipce, participation.",
            "A formula stands here. Paste its value instead.",
            "title: This field cannot be blank.",
        ]
        assert not Session.objects.exists()
        self.apply(found, officer)
        assert [(row.title, str(row.credit)) for row in Session.objects.all()] == [
            ("Opening", "1.50"), ("Lunch", "0.00"), ("Nurses", "0.50"),
        ]  # fmt: skip
        assert Session.objects.get(title="Nurses").credit_types == ["ancc", "acpe"]
        event = Event.objects.get(action="imported sessions")
        assert event.after == {"file": "programme.csv", "add": 3, "change": 0, "unchanged": 0, "refused": 9}
        assert str(found) == "programme.csv"

    def test_same_table_twice_changes_nothing_and_a_changed_row_changes_one(
        self, meeting: Activity, officer: User
    ) -> None:
        rows = "Opening,2022-01-24,08:00,09:30,Plenary,Hall A,,\n"
        first = self.apply(self.upload(meeting, officer, rows), officer)
        assert self.verdicts(self.upload(meeting, officer, rows)) == ["unchanged"]
        assert self.verdicts(self.apply(first, officer)) == ["add"]
        changed = self.apply(self.upload(meeting, officer, rows.replace("09:30", "10:00")), officer)
        assert self.verdicts(changed) == ["change"]
        assert [(row.title, str(row.credit)) for row in Session.objects.all()] == [("Opening", "2.00")]

    def test_column_that_the_table_lacks_leaves_what_is_there(self, meeting: Activity, officer: User) -> None:
        self.apply(self.upload(meeting, officer, "Lunch,2022-01-24,12:00,13:00,T1,Hall,0,ama\n"), officer)
        file = ContentFile(b"Title,Day,Begins,Ends,Room\nLunch,2022-01-24,12:00,13:30,Hall\n", name="x.csv")
        found = programme.upload(activity=meeting, file=file, actor=officer, now=timezone.now())
        assert [(row["verdict"], row["words"]) for row in found.rows] == [("change", "end; 0.00 credits")]
        self.apply(found, officer)
        lunch = Session.objects.get()
        assert (lunch.track, lunch.credit, lunch.credit_types, lunch.ends) == ("T1", 0, ["ama_pra"], time(13, 30))

    def test_days_and_hours_that_do_not_exist(self, meeting: Activity, officer: User) -> None:
        found = self.upload(meeting, officer, "A,2022-01-24junk,8,9,,,,\nB,2022-01-24,2022-02-30 10:00,9,,,,\n")
        assert self.verdicts(found) == ["refused", "refused"]

    def test_rows_are_judged_again_when_they_are_carried_out(self, meeting: Activity, officer: User) -> None:
        rows = "Opening,2022-01-24,08:00,09:30,,Hall A,,\n"
        found = self.upload(meeting, officer, rows)
        self.apply(self.upload(meeting, officer, rows), officer)
        assert self.verdicts(self.apply(found, officer)) == ["unchanged"]
        assert Session.objects.count() == 1

    def test_missing_columns_are_named(self, meeting: Activity, officer: User) -> None:
        file = ContentFile(b"Name,Date\nA,2022-01-24\n", name="x.csv")
        with pytest.raises(ValidationError, match=r"Columns are missing: begins, ends. The table has: name, date"):
            programme.upload(activity=meeting, file=file, actor=officer, now=timezone.now())

    def test_dates_with_hours_from_excel_are_understood(self, meeting: Activity, officer: User) -> None:
        found = self.upload(meeting, officer, "A,2022-01-24 00:00,2022-01-24T08:00,2022-01-24 09:00,,,,\n")
        assert self.verdicts(found) == ["add"]

    @pytest.mark.parametrize("count", [1, 1000])
    def test_costs_the_same_with_one_row_and_with_a_thousand(
        self,
        meeting: Activity,
        officer: User,
        count: int,
        django_assert_num_queries: Any,
        django_assert_max_num_queries: Any,
    ) -> None:
        rows = "".join(f"S{n},2022-01-24,08:00,09:00,,,,\n" for n in range(count))
        watching.check_pages(Activity.objects.filter(pk=meeting.pk), timezone.now())
        with django_assert_num_queries(2):
            found = self.upload(meeting, officer, rows)
        with django_assert_max_num_queries(62):  # SQLite takes some hundred rows at a time
            self.apply(found, officer)
        assert Session.objects.count() == count

    def test_desk(self, client: Client, meeting: Activity, officer: User) -> None:
        client.force_login(officer)
        desk = f"/admin/activities/activity/{meeting.pk}/sessions/"
        assert client.get(desk).status_code == 200
        assert client.post(desk, {}).status_code == 422
        broken = client.post(desk, {"file": ContentFile(b"Title\nA\n", name="x.csv")})
        assert (broken.status_code, b"Columns are missing" in broken.content) == (422, True)
        rows = (HEADER + "A,2022-01-24,08:00,09:00,,,,\nB,never,,,,,,\n").encode()
        answer = client.post(desk, {"file": ContentFile(rows, name="x.csv")}, follow=True)
        assert b"Nothing is changed yet" in answer.content
        address = answer.redirect_chain[-1][0]
        done = client.post(address, follow=True)
        assert b"Rows that were refused changed nothing" in done.content
        assert b"x.csv" in client.get(desk).content
        assert [row.title for row in Session.objects.all()] == ["A"]


def test_a_thousand_sessions_stay_quick_to_edit(
    client: Client, officer: User, django_assert_max_num_queries: Any
) -> None:
    activity = ActivityFactory()
    make_sessions(activity, 1000)
    client.force_login(officer)
    row = activity.sessions.first()
    assert row is not None
    for address in ("", f"?activity__id__exact={activity.pk}", f"{row.pk}/change/", "add/"):
        with django_assert_max_num_queries(30):
            assert client.get(f"/admin/activities/session/{address}").status_code == 200


def test_code_that_is_taken_is_given_anew() -> None:
    rows = [Session(code="SAME22"), Session(code="SAME22"), Session(code="TAKEN2")]
    give_codes(rows, ["TAKEN2"])
    assert rows[0].code == "SAME22"
    assert len({row.code for row in rows} | {"TAKEN2"}) == 4
