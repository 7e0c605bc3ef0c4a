"""Measures a line in the fonts of this machine: its width, whether its accents stand, which letters no font has."""

import subprocess
from collections.abc import Iterator, Sequence
from functools import lru_cache

import uharfbuzz as hb


@lru_cache(maxsize=64)
def _font(family: str) -> hb.Font:
    """Return the upright face that fontconfig gives for a family, as WeasyPrint asks for it; scaled to 1,000 units."""
    file, index = _ask("fc-match", "-f", "%{file}\n%{index}", family).split("\n")
    font = hb.Font(hb.Face(hb.Blob.from_file_path(file), int(index)))
    font.scale = (1000, 1000)
    return font


@lru_cache(maxsize=4096)
def _installed(letter: str) -> bool:
    """Whether any font of this machine has a letter."""
    return bool(_ask("fc-list", f":charset={ord(letter):x}", "file").strip())


def _ask(*command: str) -> str:
    """Ask one of fontconfig's programs, which come with Pango."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (nothing of it was typed)
    return done.stdout


def unprintable(text: str, families: Sequence[str]) -> list[str]:
    """Return the letters that would be printed as a box, each once and in their order."""
    letters = (letter for letter in dict.fromkeys(text) if letter.isprintable())
    return [
        letter for letter in letters if not any(_has(family, letter) for family in families) and not _installed(letter)
    ]


def _has(family: str, letter: str) -> bool:
    return _font(family).get_nominal_glyph(ord(letter)) is not None


def width(text: str, families: Sequence[str]) -> float:
    """Return the width of a text on one line, in sizes of its letters; each letter in the first family that has it."""
    return sum(advance for family, part in _runs(text, families) for _, advance, _ in _shape(part, family)) / 1000


def sets_accents(text: str, family: str) -> bool:
    """Whether a family has all letters, and sets each accent on its letter and not beside it."""
    glyphs = _shape(text, family)
    if any(glyph == 0 for glyph, _, _ in glyphs):
        return False
    return not any(follows and moved == (0, 0) for follows, moved in _followers(text, family))


def _followers(text: str, family: str) -> Iterator[tuple[bool, tuple[int, int]]]:
    """Yield for each glyph whether it follows another of the same letter, and how far it is moved."""
    before = None
    buffer = _buffer(text, family)
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
        yield info.cluster == before, (place.x_offset, place.y_offset)
        before = info.cluster


def _shape(text: str, family: str) -> list[tuple[int, int, int]]:
    """Return the glyphs of a text as (number, advance, place in the text)."""
    buffer = _buffer(text, family)
    rows = zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True)
    return [(info.codepoint, place.x_advance, info.cluster) for info, place in rows]


def _buffer(text: str, family: str) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(family), buffer, {})
    return buffer


def _runs(text: str, families: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Cut a text into parts that stand in one family; what none has counts as the last one's empty glyph."""
    part, current = "", families[0]
    for letter in text:
        has = [family for family in families if _has(family, letter)]
        family = current if current in has or letter == " " else has[0] if has else families[-1]
        if family != current and part:
            yield current, part
            part = ""
        current, part = family, part + letter
    if part:
        yield current, part
