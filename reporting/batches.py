"""Writes submissions into the files that registries take by upload; a file is never kept, it is made anew.

PARS: ACCME's Excel learner batch template (917_20240125): on `Sheet1` a row of guidance, a row of headers, data from
the third row; birthdays, numbers and IDs are text cells, because Excel turns 09/10 into a date and drops zeros. Further
pairs of credit types have headers that are not known, so each kind of credit has a row of its own. CPE Monitor: a CSV
with e-Profile ID, MMDD, UAN and date of participation; the same as a workbook for whoever looks at it in Excel, which
drops the zeros of a CSV when it saves it.
"""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from accounts.names import for_registries
from accounts.states import STATES
from reporting.models import Batch, Submission
from reporting.snapshots import Completion, Identity

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "Sheet1"
GUIDANCE = (
    "Add or Delete",
    "9 digits, from PARS",
    "Date of completion",
    "As the board has it",
    "As the board has it",
    "MM/DD",
    "CME only: full name of the state",
    "CME only",
    "CME only: steps of 0.25",
    "Acronym of the board",
    "The learner's number with the board",
    "Steps of 0.25",
    "As the board names it",
    "Steps of 0.25",
)
HEADERS = (
    "Record Action",
    "ACCME Activity ID",
    "Completion Date",
    "First Name",
    "Last Name",
    "Date of Birth",
    "Licensing State",
    "Licensing ID or NPI",
    "Number of CME Credits",
    "Certifying Board",
    "Certifying Board ID",
    "Total Board Credits",
    "Credit Type ",  # with the space that the template has
    "Credits Awarded for Credit Type",
)
PHARMACY_HEADERS = ("e-Profile ID", "Date of Birth (MMDD)", "UAN", "Participation Date")
TEXT, DAY, NUMBER = "@", "mm/dd/yyyy", "0.00"
Value = str | int | Decimal | date


def extensions(batch: Batch) -> list[str]:
    """Return as which files a batch can be had; the first is the one to upload."""
    return list(FILES[Batch.Kind(batch.kind)])


def content(batch: Batch, extension: str = "") -> bytes:
    """Return the file of a batch; the same rows whenever it is asked for."""
    written = FILES[Batch.Kind(batch.kind)][extension or extensions(batch)[0]]
    return written(batch.submissions.order_by("pk").iterator(chunk_size=1000))


def name(batch: Batch, extension: str = "") -> str:
    """Return what the file is called."""
    return f"{STEMS[Batch.Kind(batch.kind)]}-{batch.pk}.{extension or extensions(batch)[0]}"


def pars(submissions: Iterable[Submission]) -> bytes:
    """Return the workbook of these completions and deletions."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append(GUIDANCE)
    sheet.append(HEADERS)
    for submission in submissions:
        sheet.append(_cells(sheet, submission))
    return _saved(book)


def _cells(sheet: WriteOnlyWorksheet, submission: Submission) -> list[Cell]:
    person: Identity = submission.identity
    done: Completion = submission.completion
    values: list[tuple[Value, str]] = [
        (submission.get_action_display().title(), TEXT),
        (done["activity_id"], TEXT),
        (date.fromisoformat(done["completed_on"]), DAY),
        (for_registries(person["given_name"]), TEXT),
        (for_registries(person["family_name"]), TEXT),
        (f"{person['birth_month']:02}/{person['birth_day']:02}", TEXT),
        *(_for_state(submission) if submission.is_for_state else _for_board(submission)),
    ]
    return [cell(sheet, value, form) for value, form in values]


def _for_state(submission: Submission) -> list[tuple[Value, str]]:
    """Return columns 7 to 9, for CME alone, and the board's columns empty."""
    person, points = submission.identity, Decimal(submission.completion["points"])
    known: list[tuple[Value, str]] = [(STATES.get(person.get("state", ""), ""), TEXT), (person["board_number"], TEXT)]
    return [*known, (points, NUMBER), *[("", TEXT)] * 5]


def _for_board(submission: Submission) -> list[tuple[Value, str]]:
    """Return the columns for CME empty, and columns 10 to 14 for the board."""
    done, points = submission.completion, Decimal(submission.completion["points"])
    number = (submission.identity["board_number"], TEXT)
    board: list[tuple[Value, str]] = [(submission.board, TEXT), number, (points, NUMBER)]
    return [*[("", TEXT)] * 3, *board, (done["credit_type"], TEXT), (points, NUMBER)]


def cell(sheet: WriteOnlyWorksheet, value: Value, form: str) -> Cell:
    """Return a cell for a template; words stay words, whatever they begin with."""
    words = isinstance(value, str)
    made: Cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value) if words else value)  # type: ignore[arg-type]
    if words:
        made.data_type = "s"  # never a formula
    made.number_format = form
    return made


def cpe_monitor(submissions: Iterable[Submission]) -> bytes:
    """Return the CSV of these completions."""
    out = io.StringIO()
    csv.writer(out).writerows([PHARMACY_HEADERS, *map(_pharmacists, submissions)])
    return out.getvalue().encode()


def cpe_monitor_as_text(submissions: Iterable[Submission]) -> bytes:
    """Return the workbook of these completions, whose cells are all text: Excel drops no zero and turns no date."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append(PHARMACY_HEADERS)
    for submission in submissions:
        sheet.append([cell(sheet, value, TEXT) for value in _pharmacists(submission)])
    return _saved(book)


def _pharmacists(submission: Submission) -> tuple[str, str, str, str]:
    person, done = submission.identity, submission.completion
    birthday = f"{person['birth_month']:02}{person['birth_day']:02}"
    day = date.fromisoformat(done["completed_on"]).strftime("%m/%d/%Y")
    return person["board_number"], birthday, done["activity_id"], day


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FILES: dict[Batch.Kind, dict[str, Callable[[Iterable[Submission]], bytes]]] = {  # by kind and extension, default first
    Batch.Kind.PARS: {"xlsx": pars},
    Batch.Kind.CPE: {"csv": cpe_monitor, "xlsx": cpe_monitor_as_text},
}
STEMS = {Batch.Kind.PARS: "pars-learners", Batch.Kind.CPE: "cpe-monitor"}
CONTENT_TYPES = {"xlsx": EXCEL, "csv": "text/csv; charset=utf-8"}
