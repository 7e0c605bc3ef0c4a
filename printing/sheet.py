"""Writes a table as CSV whose cells no spreadsheet takes for formulas."""

import csv
from collections.abc import Iterable, Iterator

MARK = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """Hands back what a CSV writer writes."""

    def write(self, line: str) -> str:
        return line


def lines(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return the lines of a table, one at a time; the first begins with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield MARK + writer.writerow(headers)
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row])


def without_guard(text: str) -> str:
    """Return a cell of such a table as it was, without the apostrophe in front of what would be a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def _harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
