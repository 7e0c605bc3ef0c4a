"""Sets a short text in one typeface as the operators of a PDF, glyph by glyph as Pango would.

Only what is one plain line is set: letters that the typeface has, left to right, each where the pen stands. Everything
else raises CannotSet, and the page is laid out in full instead, with whatever fonts it takes.
"""

from collections.abc import Mapping

import uharfbuzz as hb

UNITS = 1024  # Pango counts in 1,024ths of a pixel


class CannotSet(Exception):
    """The text holds something that this typeface does not draw as one plain line."""


class Typeface:
    """A font at one size, with the glyphs that a prepared page brings along.

    `widths` are the advances of those glyphs in thousandths of the size, `texts` what each stands for: a glyph that
    would be drawn but not be read back as the same letters is not set.
    """

    def __init__(  # noqa: PLR0913 (a typeface has this many parts)
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
        self._thousandths = 1000 / UNITS / size

    def set(self, text: str) -> tuple[str, float]:
        """Return the text as a TJ operator and its width in pixels; raises CannotSet."""
        glyphs, advances = self._shape(text)
        shown, total, widths = ["[<"], 0, self._widths
        for glyph, advance in zip(glyphs, advances, strict=True):
            shown.append(f"{glyph:04x}")
            total += advance
            kerning = int(widths[glyph] - advance * self._thousandths)
            if kerning:
                shown.append(f">{kerning}<")
        return "".join([*shown, ">] TJ"]), total / UNITS

    def _shape(self, text: str) -> tuple[list[int], list[int]]:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.language, buffer.script = "ltr", "en", _script(text)
        hb.shape(self._font, buffer, self.features)
        glyphs = [info.codepoint for info in buffer.glyph_infos]
        places = [*[info.cluster for info in buffer.glyph_infos], len(text)]
        for at, glyph in enumerate(glyphs):
            if self._texts.get(glyph) != text[places[at] : places[at + 1]]:
                raise CannotSet(f"{text[places[at] : places[at + 1]]!r} in {self.name}")
        positions = [position.position for position in buffer.glyph_positions]
        if any(x or y for x, y, _, _ in positions):
            raise CannotSet(f"a mark beside its letter in {self.name}")
        return glyphs, [advance for _, _, advance, _ in positions]


def _script(text: str) -> str:
    """Return the script under which Pango shapes a line of Latin letters, or one without letters."""
    return "Latn" if any(letter.isalpha() for letter in text) else "Zyyy"
