"""A page laid out once with empty places, into which each person's texts are filled.

A filled page is the stationery's own bytes, unchanged, followed by one incremental update (ISO 32000-1, 7.5.6) that
gives the empty places their content. So thousands of pages share one file, and each is kept as its last few bytes.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from printing.shaping import CannotSet, Typeface

Line = tuple[tuple[str, str], ...]  # the runs of one line as (mark, text); the mark is "" or "em"
SHORT = 1024
SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}  # of the free room, how much stands on the left
TRAILER = re.compile(rb"trailer\n<<\n(.*)/ID \[(\S+) \S+\]\n>>\nstartxref\n(\d+)\n%%EOF\n\Z", re.DOTALL)


@dataclass(frozen=True)
class Run:
    """One run of a line: the number of the object that shows it, its typeface, its pen's height and font operator."""

    number: int
    mark: str
    typeface: Typeface
    height: str
    font: str


class Place:
    """Where one line goes: from `left`, `width` pixels wide, aligned left, center or right."""

    def __init__(self, left: float, width: float, align: str, runs: tuple[Run, ...]) -> None:
        self.left, self.width, self.align, self.runs = left, width, align, runs
        self.set = lru_cache(maxsize=128)(self._set)

    def _set(self, line: Line) -> list[tuple[int, bytes]]:
        """Return what each run's object shows; raises CannotSet, also where the line is too long."""
        if [mark for mark, _ in line] != [run.mark for run in self.runs]:
            raise CannotSet("a line of other runs")
        shown = [run.typeface.set(text) for run, (_, text) in zip(self.runs, line, strict=True)]
        room = self.width - sum(width for _, width in shown)
        if room < 0:
            raise CannotSet("a line that is too long")
        pen, contents = self.left + room * SHARE[self.align], []
        for run, (operator, width) in zip(self.runs, shown, strict=True):
            text = f"1 0 0 -1 {pen:.6f} {run.height} Tm\n{run.font}\n{operator}"
            contents.append((run.number, text.encode("ascii")))
            pen += width
        return contents


class Stationery:
    """A prepared PDF. `content` is its bytes, `drawing` the number of the object into which the drawing goes."""

    def __init__(self, content: bytes, places: Mapping[str, Place], drawing: int) -> None:
        self.content, self.places, self.drawing = content, places, drawing
        self._digest = hashlib.sha256(content)
        self.sha256 = self._digest.hexdigest()
        found = TRAILER.search(content)
        assert found  # noqa: S101 (pydyf wrote it a moment ago)
        self._trailer, self._id, self._previous = found.groups()

    def fill(self, lines: Mapping[str, Line], drawing: str) -> bytes:
        """Return the bytes that, after `content`, make the page with these lines; raises CannotSet."""
        filled = [part for name, place in self.places.items() for part in place.set(lines[name])]
        filled.append((self.drawing, drawing.encode("ascii")))
        return self._update(sorted(filled))

    def sha256_with(self, update: bytes) -> str:
        """Return the digest of the whole page that ends with `update`."""
        digest = self._digest.copy()
        digest.update(update)
        return digest.hexdigest()

    def _update(self, filled: list[tuple[int, bytes]]) -> bytes:
        """Write the numbered streams, which follow each other, with their cross-references."""
        body, table, at = [], [], len(self.content)
        for number, content in filled:
            body.append(_stream(number, content))
            table.append(b"%010d 00000 n \n" % at)
            at += len(body[-1])
        written = b"".join(body)
        own = hashlib.sha256(written).hexdigest()[:32].encode()
        return b"%bxref\n%d %d\n%btrailer\n<<\n%b/ID [%b <%b>]\n/Prev %b\n>>\nstartxref\n%d\n%%%%EOF\n" % (
            written, filled[0][0], len(filled), b"".join(table), self._trailer, self._id, own, self._previous, at,
        )  # fmt: skip


def _stream(number: int, content: bytes) -> bytes:
    """Return a numbered stream; short ones cost more to pack than they save."""
    packing = b""
    if len(content) > SHORT:
        content, packing = zlib.compress(content), b" /Filter /FlateDecode"
    return b"%d 0 obj\n<< /Length %d%b >>\nstream\n%b\nendstream\nendobj\n" % (number, len(content), packing, content)
