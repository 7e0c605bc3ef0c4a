"""Square codes of addresses that differ in a few characters, drawn from parts that are worked out once.

The squares of a code of given size and mask are a linear function of the text's bits: flipping one bit of the text
flips the same squares, whatever the rest of the text is. So the code of an address is that of its blank with the flips
of its bits. A library makes the parts; adding them up takes microseconds where making a code takes a millisecond.
"""

import re
from functools import cache, reduce
from operator import xor

import segno

MASK = 3  # every mask can be read; a fixed one keeps the codes linear
SVG, PDF = "M{0} {1}h{2}v1h-{2}z", "{0} {1} {2} 1 re\n"


class Family:
    """The codes of all addresses `stem + name + tail` whose name has `length` ASCII characters.

    `side` is how many squares wide and high they are.
    """

    def __init__(self, stem: str, length: int, tail: str) -> None:
        self.stem, self.length, self.tail = stem, length, tail
        self.side, self._blank = make(f"{stem}{chr(0) * length}{tail}")
        self._flips_of_letter = cache(self._add_up)
        self._flips_of_bit = cache(self._work_out)
        self._drawn = cache(self._draw)

    def squares(self, name: str) -> int:
        """Return the squares of one address as bits, row by row, dark ones set; raises ValueError for a wrong name."""
        letters = name.encode("ascii")
        if len(letters) != self.length:
            raise ValueError(f"{name!r} has not {self.length} characters.")
        return reduce(xor, map(self._flips_of_letter, range(self.length), letters), self._blank)

    def path(self, name: str, rectangle: str) -> str:
        """Return the dark squares of one address as rectangles, each written as `rectangle` (SVG or PDF) says."""
        size = self.side * self.side
        groups = (self.squares(name) << -size % 8).to_bytes((size + 7) // 8, "big")
        drawn = self._drawn
        return "".join([drawn(place, group, rectangle) for place, group in enumerate(groups)])

    def _add_up(self, place: int, letter: int) -> int:
        return reduce(xor, (self._flips_of_bit(place, bit) for bit in range(8) if letter >> bit & 1), 0)

    def _work_out(self, place: int, bit: int) -> int:
        """Return the squares that differ from the blank when this bit of the character at this place is set."""
        name = "".join(chr(1 << bit) if at == place else chr(0) for at in range(self.length))
        return make(f"{self.stem}{name}{self.tail}")[1] ^ self._blank

    def _draw(self, place: int, group: int, rectangle: str) -> str:
        """Draw eight squares that follow each other; a row may end among them."""
        row, column = divmod(place * 8, self.side)
        rows = [f"{group:08b}"[: self.side - column], f"{group:08b}"[self.side - column :]]
        found = [
            (run.start() + (0 if below else column), row + below, run.end() - run.start())
            for below, text in enumerate(rows)
            for run in re.finditer("1+", text)
        ]
        return "".join(rectangle.format(*run) for run in found)


def make(address: str) -> tuple[int, int]:
    """Return the side of an address's code, and its squares as bits, as the library makes them."""
    code = segno.make(address, error="m", boost_error=False, mask=MASK, mode="byte", micro=False, encoding="latin-1")
    rows = ["".join("1" if square else "0" for square in row) for row in code.matrix]
    return len(rows), int("".join(rows), 2)
