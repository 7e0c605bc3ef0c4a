"""Reads a table that staff upload, CSV or Excel, into rows of text; what it is decides its content, not its name.

Excel files are read as a stream and are refused when they would unpack to more than a limit. What is read is what a
person sees: the first sheet that is shown, the values of formulas, numbers as they are written, and no hidden row.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from io import TextIOWrapper
from itertools import chain, islice
from typing import Any
from xml.etree.ElementTree import ParseError

from django.core.exceptions import ValidationError
from django.core.files.base import File
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from activities.uploads import LARGEST_TABLE, MEGABYTE, check_size

DAYS = (
    "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%d %b %Y",
)  # fmt: skip
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HIDDEN = re.compile(rb"""<(?:\w+:)?row\b[^>]*\shidden=["'](?:1|true)["']""")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
LONGEST_TAG = 1000
MOST_ROWS = 5000
Row = tuple[int, list[str]]  # its number in the table, the headers being row 1, and its cells
LARGEST_UNPACKED = 100 * MEGABYTE
MOST_COLUMNS = 100
MOST_TEXTS = 300_000
SHARED_TEXTS = "xl/sharedStrings.xml"
# All that openpyxl lets through of broken, encrypted or foreign files.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
)


@dataclass(frozen=True)
class Table:
    """Headers in lower case, and rows of as many cells; empty rows are left out."""

    headers: list[str]
    rows: list[list[str]]


def read(upload: "File[bytes]") -> Table:
    """Return the whole of a small table; raises ValidationError with what to do."""
    headers, lines = stream(upload, most=MOST_ROWS, largest=LARGEST_TABLE)
    rows = [cells for _, cells in lines]
    if not rows:
        raise ValidationError("The table has no rows below its headers.")
    return Table(headers, rows)


def stream(upload: "File[bytes]", *, most: int, largest: int, above: int = 0) -> tuple[list[str], Iterator[Row]]:
    """Return headers and an iterator of rows with their numbers, so that a long table is never in memory as a whole.

    The `above` rows before the headers are guidance. Both this and the iterator raise ValidationError with what to do.
    """
    check_size(upload, largest)
    upload.seek(0)
    packed = upload.read(2) == b"PK"
    upload.seek(0)
    lines = _excel(upload, most) if packed else _csv(upload)
    headers = [_header(cell) for cell in next(islice(lines, above, None), [])[:MOST_COLUMNS]]
    while headers and not headers[-1]:
        headers.pop()
    return headers, _rows(lines, len(headers), most, first=2 + above)


def _rows(lines: Iterator[list[str]], width: int, most: int, first: int) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=first):
        if number > most + 1:
            raise ValidationError(f"More than {most:,} rows. Split the table and import its parts.")
        if any(cells):
            yield number, (cells + [""] * width)[:width]


def _header(cell: str) -> str:
    return re.sub(r"[\s_]+", " ", cell).strip().lower()


def _csv(upload: "File[bytes]") -> Iterator[list[str]]:
    text = TextIOWrapper(upload, "utf-8-sig", newline="")
    try:
        first = text.readline()
        delimiter = max(",;\t", key=first.count)
        for cells in csv.reader(chain([first], text), delimiter=delimiter):
            if any("\0" in cell for cell in cells):
                raise ValidationError("This file is not a table. Save it as “CSV UTF-8” or as an Excel workbook.")
            yield [_clean(cell) for cell in cells]
    except UnicodeDecodeError:
        raise ValidationError("This is not a table in UTF-8. Save it as “CSV UTF-8” or as an Excel workbook.") from None
    except csv.Error as error:
        raise ValidationError(f"The table cannot be read: {error}.") from None
    finally:
        with suppress(ValueError):  # the file was closed meanwhile
            text.detach()


def _excel(upload: "File[bytes]", most: int) -> Iterator[list[str]]:
    wrong = ValidationError("This file cannot be read as an Excel workbook. Save it again as .xlsx, or as “CSV UTF-8”.")
    try:
        with zipfile.ZipFile(upload) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED or _texts(packed) > MOST_TEXTS:
                raise ValidationError("This Excel file unpacks to too much. Save only the table that is needed.")
            sheet = _shown(load_workbook(upload, read_only=True, data_only=True))
            formulas = _check_rows(packed, sheet._worksheet_path)  # noqa: SLF001 (it has no public name)
            rows = _cells(sheet, most)
            if formulas:
                written = _cells(_shown(load_workbook(upload, read_only=True)), most)
                rows = (tuple(map(_or_formula, *both)) for both in zip(rows, written, strict=True))
            for cells in rows:
                yield [_text(cell) for cell in cells]
    except UNREADABLE:
        raise wrong from None


def _shown(book: Workbook) -> Any:
    """Return the first sheet that a person sees."""
    sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
    if sheet is None:
        raise ValidationError("Every sheet of this workbook is hidden. Show the one that is meant.")
    sheet.reset_dimensions()  # what the file says of its size is not believed
    return sheet


def _cells(sheet: Any, most: int) -> Iterator[tuple[Any, ...]]:
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_row=most + 2, max_col=MOST_COLUMNS)
    return rows


def _check_rows(packed: zipfile.ZipFile, path: str) -> bool:
    """Return whether the sheet has formulas; raises ValidationError for rows that nobody sees."""
    formulas, end = False, b""
    with packed.open(path) as sheet:
        for part in iter(lambda: sheet.read(MEGABYTE), b""):
            window = end + part
            if HIDDEN.search(window):
                raise ValidationError("Some rows are hidden. Show or delete them, so that you see what is imported.")
            formulas, end = formulas or FORMULA.search(window) is not None, window[-LONGEST_TAG:]
    return formulas


def _or_formula(cell: Any, written: Any) -> Any:
    """Return the cell with its formula's value, or with the formula itself where Excel has stored no value."""
    return written if cell.value is None and written.value is not None else cell


def _texts(packed: zipfile.ZipFile) -> int:
    """Return how many texts the workbook shares among its cells: all of them are read before the first row is."""
    if SHARED_TEXTS not in packed.namelist():
        return 0
    with packed.open(SHARED_TEXTS) as texts:
        return sum(part.count(b"<si") for part in iter(lambda: texts.read(MEGABYTE), b""))


def _text(cell: Any) -> str:
    """Return a cell as it would be typed: days and hours in ISO form, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.10g}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        padded = cell.number_format if set(cell.number_format) == {"0"} else ""
        return str(int(value)).zfill(len(padded))
    return _clean(str(value))


def _clean(text: str) -> str:
    return CONTROLS.sub("", text).strip()


def is_formula(text: str) -> bool:
    """Whether a cell holds a formula in place of its value."""
    return text.startswith("=")


def day(text: str) -> date | None:
    """Return a day as people and programs write it, American order; None for anything else. An hour is left out."""
    for words in dict.fromkeys((text, text.partition(" ")[0], text.partition("T")[0])):
        for form in DAYS:
            with suppress(ValueError):
                return datetime.strptime(words, form).date()  # noqa: DTZ007 (a date has no zone)
    return None
