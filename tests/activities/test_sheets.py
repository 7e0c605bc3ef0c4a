"""Tables as spreadsheets leave them: what is read is what a person sees."""

import re
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from openpyxl import Workbook

from activities import sheets


def workbook(*rows: list[object], change: Callable[[Workbook], None] | None = None) -> bytes:
    book, content = Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    if change:
        change(book)
    book.save(content)
    return content.getvalue()


def patched(content: bytes, pattern: str, replacement: str) -> bytes:
    """Return a workbook whose first sheet is written otherwise than openpyxl writes it."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                changed, count = re.subn(pattern, replacement, part.decode())
                assert count
                part = changed.encode()
            new.writestr(name, part)
    return made.getvalue()


def read(content: bytes) -> list[list[str]]:
    return sheets.read(ContentFile(content, name="table.xlsx")).rows


def test_whole_numbers_have_no_point_however_they_are_stored() -> None:
    stored = patched(workbook(["number", "name"], [237357, "Ada"]), "<v>237357</v>", "<v>237357.0</v>")
    assert read(stored) == [["237357", "Ada"]]
    assert read(workbook(["a", "b"], [1e5, 2.5])) == [["100000", "2.5"]]


def test_zeros_in_front_that_the_format_shows_are_read() -> None:
    def pad(book: Workbook) -> None:
        book.worksheets[0]["A2"].number_format = "00000"

    assert read(workbook(["number"], [123], change=pad)) == [["00123"]]


def test_hidden_sheet_is_not_read() -> None:
    def hide(book: Workbook) -> None:
        book.worksheets[0].sheet_state = "hidden"
        shown = book.create_sheet("Roster")
        shown.append(["hours"])
        shown.append([1.5])

    assert read(workbook(["hours"], [9], change=hide)) == [["1.5"]]


def test_workbook_without_a_shown_sheet_is_refused() -> None:
    content = workbook(["hours"], [9])
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'state="visible"', b'state="hidden"'))
    with pytest.raises(ValidationError, match="Show the one that is meant"):
        read(made.getvalue())


def test_hidden_row_is_refused_because_nobody_saw_it() -> None:
    def hide(book: Workbook) -> None:
        book.worksheets[0].row_dimensions[3].hidden = True

    with pytest.raises(ValidationError, match="Some rows are hidden"):
        read(workbook(["hours"], [1], [2], [3], change=hide))


def test_value_of_a_formula_is_read_and_a_formula_without_value_is_shown() -> None:
    content = workbook(["hours", "more"], ["=3/2", "=A2"])
    valued = patched(content, r"<f>3/2</f><v ?/>|<f>3/2</f><v></v>", "<f>3/2</f><v>1.5</v>")
    assert read(valued) == [["1.5", "=A2"]]
    assert sheets.is_formula("=A2")


def test_control_characters_are_dropped() -> None:
    table = sheets.read(ContentFile(b"name\nHeart\x0bFailure\n", name="t.csv"))
    assert table.rows == [["HeartFailure"]]


@pytest.mark.parametrize(
    "written",
    ["2026-06-01", "6/1/2026", "06/01/26", "June 1, 2026", "Jun 1, 2026", "1-Jun-2026", "1-Jun-26", "1 June 2026",
     "2026-06-01 14:30", "2026-06-01T14:30:00Z", "06/01/2026 2:30 PM"],
)  # fmt: skip
def test_day_is_read_as_people_write_it(written: str) -> None:
    assert sheets.day(written) == date(2026, 6, 1)


@pytest.mark.parametrize("written", ["", "soon", "31/12/2026", "2026", "13/45/2026"])
def test_what_is_no_day_is_none(written: str) -> None:
    assert sheets.day(written) is None


def test_dates_of_excel_are_days() -> None:
    assert read(workbook(["day"], [date(2026, 6, 1)])) == [["2026-06-01"]]
