"""Reads a registry's table by columns that staff have named: who, which activity, how much, what was decided.

The usual headers of PARS's download, of its batch results and of CPE Monitor's results are found by themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.files.base import File

from activities import sheets
from activities.uploads import MEGABYTE
from printing import sheet
from reporting.states import State

MOST_ROWS = 100_000
LARGEST = 20 * MEGABYTE
FIELDS = {
    "number": ("Learner's number", ("learner id", "certifying board id", "e-profile id", "board id", "id")),
    "activity_id": ("Activity ID or UAN", ("accme activity id", "activity id", "uan", "activity")),
    "status": ("Status or result", ("status", "result")),
    "reason": ("Reason", ("reason", "message", "error", "error message", "comments")),
    "board": ("Board", ("board", "certifying board")),
    "kind": ("Kind of credit", ("credit type", "type of credit")),
    "amount": ("Credit", ("credits awarded for credit type", "total board credits", "credits awarded", "credits")),
    "completed": ("Completed on", ("completion date", "completion", "participation date")),
    "credit_id": ("CreditID", ("creditid", "credit id")),
    "action": ("Add or delete", ("record action", "action")),
}
NEEDED = ("number", "activity_id", "status")
ACTIVITY = re.compile(r"(?:Activity ID:?\s*)([0-9]{9})")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
DECISIONS = {
    "accepted": State.ACCEPTED, "recorded": State.ACCEPTED, "success": State.ACCEPTED,
    "rejected": State.REJECTED, "error": State.REJECTED, "failed": State.REJECTED,
    "pending": State.PENDING, "submitted": State.PENDING,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the table in our words; what it does not say is empty or None."""

    place: int
    number: str
    activity_id: str
    decision: State | None
    reason: str = ""
    board: str = ""
    kind: str = ""
    amount: Decimal | None = None
    completed: date | None = None
    credit_id: str = ""
    deletes: bool = False


def headers(upload: "File[bytes]") -> list[str]:
    """Return the table's headers; raises ValidationError with what to do."""
    return _opened(upload)[0]


def _opened(upload: "File[bytes]") -> tuple[list[str], Iterator[sheets.Row]]:
    """Return headers and rows; PARS's own layout has a row of guidance above the headers."""
    first, lines = sheets.stream(upload, most=MOST_ROWS, largest=LARGEST)
    if len(guess(first)) >= len(NEEDED):
        return first, lines
    second, below = sheets.stream(upload, most=MOST_ROWS, largest=LARGEST, above=1)
    if len(guess(second)) > len(guess(first)):
        return second, below
    return sheets.stream(upload, most=MOST_ROWS, largest=LARGEST)  # from the beginning again


def guess(found: list[str]) -> dict[str, int]:
    """Return where the fields are, as far as the headers tell."""
    return {
        name: next(found.index(alias) for alias in aliases if alias in found)
        for name, (_, aliases) in FIELDS.items()
        if any(alias in found for alias in aliases)
    }


def rows(upload: "File[bytes]", columns: dict[str, int]) -> Iterator[Row]:
    """Return the rows; raises ValidationError with what to do."""
    _, lines = _opened(upload)
    for place, cells in lines:
        yield _row(place, {name: sheet.without_guard(cells[at]) for name, at in columns.items() if at < len(cells)})


def _row(place: int, cells: dict[str, str]) -> Row:
    activity = cells.get("activity_id", "")
    named = ACTIVITY.search(activity)
    return Row(
        place,
        cells.get("number", ""),
        named[1] if named else activity,
        DECISIONS.get(cells.get("status", "").lower()),
        cells.get("reason", ""),
        cells.get("board", ""),
        cells.get("kind", ""),
        _amount(cells.get("amount", "")),
        sheets.day(cells.get("completed", "")),
        cells.get("credit_id", ""),
        cells.get("action", "").lower() == "delete",
    )


def _amount(text: str) -> Decimal | None:
    found = NUMBER.search(text)
    return Decimal(found[0]) if found else None
