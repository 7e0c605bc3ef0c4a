"""Results as an Excel workbook, written row by row so that fifty thousand free texts need little memory."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference

from surveys.models import Question
from surveys.results import Gain, Results

CHUNK = 2000
LONGEST_CELL = 32_767  # in UTF-16 units, as Excel counts
NOT_CHARACTERS = re.compile("[\ufffe\uffff\ud800-\udfff]")


def workbook(found: Results, gained: list[Gain]) -> bytes:
    """Return the workbook: counts, free texts, and the gain per objective with its chart."""
    book = Workbook(write_only=True)
    _fill(book.create_sheet("About"), _about(found))
    _fill(book.create_sheet("Answers"), _counts(found))
    _fill(book.create_sheet("Free text"), _texts(found))
    if gained:
        sheet = book.create_sheet("Gain")
        _fill(sheet, _gains(gained))
        sheet.add_chart(_chart(sheet, len(gained)), "F2")
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _fill(sheet: Any, rows: Iterator[list[Any]]) -> None:
    sheet.freeze_panes = "A2"
    for column, width in zip("ABC", (60, 40, 40), strict=True):
        sheet.column_dimensions[column].width = width
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any) -> Any:
    """A text stays a text, whatever it begins with: no formula comes out of what somebody typed."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=_printable(value))
    cell.data_type = "s"
    return cell


def _printable(text: str) -> str:
    """Return the text without what no workbook can hold, and no longer than a cell can be."""
    kept = NOT_CHARACTERS.sub("", ILLEGAL_CHARACTERS_RE.sub("", text))
    return kept.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")


def _about(found: Results) -> Iterator[list[Any]]:
    yield ["Survey", str(found.survey)]
    yield ["Version", found.survey.version]
    yield ["Submitted", found.submitted]


def _counts(found: Results) -> Iterator[list[Any]]:
    yield ["Question", "Row", "Answer", "Count", "Percent", "Mean", "Answered"]
    for result in found.questions:
        for part in result.distributions:
            for bar in part.bars:
                yield [result.question.text, part.title, bar.text, bar.count, bar.share, part.mean, result.answered]
        for name in ("mean", "least", "most", "first", "last"):
            if result.numbers.get(name) is not None:
                yield [result.question.text, "", name, result.numbers[name], None, None, result.answered]


def _texts(found: Results) -> Iterator[list[Any]]:
    yield ["Question", "Answer"]
    for result in found.questions:
        if result.question.kind in Question.WRITTEN:
            for text in found.texts(result.question).iterator(chunk_size=CHUNK):
                yield [result.question.text, text]


def _gains(gained: list[Gain]) -> Iterator[list[Any]]:
    yield ["Objective", "Before, % right", "After, % right", "Gain"]
    for row in gained:
        yield [row.objective, row.before, row.after, row.gain]


def _chart(sheet: Any, count: int) -> BarChart:
    chart = BarChart()
    chart.type, chart.title = "bar", "Right answers before and after, in percent"
    chart.add_data(Reference(sheet, min_col=2, max_col=3, min_row=1, max_row=count + 1), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=count + 1))
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
    return chart
