"""Reads a table that staff upload, CSV or Excel, into rows of text; what it is decides its content, not its name.

Excel files are read as a stream and are refused when they would unpack to more than a limit.
"""

import csv
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from io import BytesIO, StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from activities.uploads import LARGEST_TABLE, MEGABYTE, check_size

MOST_ROWS = 5000
LARGEST_UNPACKED = 100 * MEGABYTE
Row = dict[str, str]


def read(upload: "File[bytes]") -> list[Row]:
    """Return the table's rows by header (lower case), empty rows left out; raises ValidationError."""
    check_size(upload, LARGEST_TABLE)
    content = upload.read()
    lines = _excel(content) if content.startswith(b"PK") else _csv(content)
    headers = [_header(cell) for cell in next(lines, [])]
    rows: list[Row] = []
    for cells in lines:
        if len(rows) == MOST_ROWS:
            raise ValidationError(f"More than {MOST_ROWS:,} rows. Split the table and import its parts.")
        if any(cells):
            rows.append(dict(zip(headers, cells, strict=False)))
    if not rows:
        raise ValidationError("The table has no rows below its headers.")
    return rows


def _header(cell: str) -> str:
    return re.sub(r"[\s_]+", " ", cell).strip().lower()


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError("This is not a table in UTF-8. Save it as “CSV UTF-8” or as an Excel workbook.") from None
    if "\0" in text:
        raise ValidationError("This file is not a table. Save it as “CSV UTF-8” or as an Excel workbook.")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValidationError(f"The table cannot be read: {error}.") from None


def _excel(content: bytes) -> Iterator[list[str]]:
    wrong = ValidationError("This Excel file cannot be read. Save it again as .xlsx, or as “CSV UTF-8”.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise ValidationError("This Excel file unpacks to too much. Save only the table that is needed.")
        book = load_workbook(BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        for cells in sheet.iter_rows(values_only=True):
            yield [_text(cell) for cell in cells]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError):
        raise wrong from None


def _text(cell: Any) -> str:
    """Return a cell as it would be typed, days and hours in ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    return str(cell).strip()
