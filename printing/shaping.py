"""Sets a short text in one typeface as the operators of a PDF, glyph by glyph as Pango would.

Only what is one plain line is set: letters that the typeface has, left to right, each where the pen stands. Everything
else raises CannotSet, and the page is laid out in full instead, with whatever fonts it takes.
"""

from collections.abc import Mapping
from functools import lru_cache

import uharfbuzz as hb

UNITS = 1024  # Pango counts in 1,024ths of a pixel


class CannotSet(Exception):
    """The text holds something that this typeface does not draw as one plain line."""


class Typeface:
    """A font at one size, with the glyphs that a prepared page brings along.

    `widths` are the advances of those glyphs in thousandths of the size, `texts` what each stands for: a glyph that
    would be drawn but not be read back as the same letters is not set.
    """

    def __init__(
        self,
        face: hb.Face,
        *,
        name: str,
        size: float,
        features: Mapping[str, int],
        widths: dict[int, int],
        texts: dict[int, str],
    ) -> None:
        self.name, self.size, self.features = name, size, dict(features)
        self._widths, self._texts = widths, texts
        self._font = hb.Font(face)
        self._font.scale = (round(size * UNITS), round(size * UNITS))
        self._shown = lru_cache(maxsize=4096)(self._show)

    def set(self, text: str) -> tuple[str, float]:
        """Return the text as a TJ operator and its width in pixels; raises CannotSet."""
        glyphs, advances = self._shape(text)
        return f"[<{''.join(map(self._shown, glyphs, advances))}>] TJ", sum(advances) / UNITS

    def _show(self, glyph: int, advance: int) -> str:
        """Return a glyph, and how far the pen goes back after it because the next one is kerned."""
        kerning = int(self._widths[glyph] - advance * 1000 / UNITS / self.size)
        return f"{glyph:04x}>{kerning}<" if kerning else f"{glyph:04x}"

    def _shape(self, text: str) -> tuple[list[int], list[int]]:
        if not text:
            raise CannotSet("nothing")
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.language, buffer.script = "ltr", "en", _script(text)
        hb.shape(self._font, buffer, self.features)
        infos = buffer.glyph_infos
        glyphs, places = [info.codepoint for info in infos], [info.cluster for info in infos]
        letters = [text[start:end] for start, end in zip(places, [*places[1:], len(text)], strict=True)]
        if list(map(self._texts.get, glyphs)) != letters:
            raise CannotSet(f"{self._unreadable(glyphs, letters)!r} in {self.name}")
        positions = [position.position for position in buffer.glyph_positions]
        if any([x or y for x, y, _, _ in positions]):  # noqa: C419 (a list is faster than asking one by one)
            raise CannotSet(f"a mark beside its letter in {self.name}")
        return glyphs, [advance for _, _, advance, _ in positions]

    def _unreadable(self, glyphs: list[int], letters: list[str]) -> str:
        return next(part for glyph, part in zip(glyphs, letters, strict=True) if self._texts.get(glyph) != part)


def _script(text: str) -> str:
    """Return the script under which Pango shapes a line of Latin letters, or one without letters."""
    return "Latn" if any(letter.isalpha() for letter in text) else "Zyyy"
