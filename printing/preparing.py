"""Lays a page out once with WeasyPrint and makes stationery of it.

A page marks each place with `data-line`: an element that holds one line. The page is laid out with stand-ins in these
lines, and once more with every letter that may come, so that the fonts bring them along. Where the stand-ins stood in
the content of the page, it is cut.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pydyf
import uharfbuzz as hb

from printing import pdf
from printing.shaping import CannotSet, Typeface
from printing.stationery import Line, Place, Run, Stationery
from printing.weasy import BlockBox, TextBox, font_features, get_hb_object_data

Page = Callable[[Mapping[str, Line], str], str]  # lines and the path of the drawing to HTML
DRAWING, DRAWN = "M7 5h3v1h-3z", b"7 5 m\n10 5 l\n10 6 l\n7 6 l\nh\n"
TEXT = re.compile(rb"1 0 0 -1 (\S+) (\S+) Tm\n(/\w+ \S+ Tf)\n(\[[^\]]*\] TJ)\nET")
SIGNS = [0x2010, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x2122]  # dashes, quotes, … and ™
ASCII = [*range(0x20, 0x7F)]
MORE = [0x18F, 0x1A0, 0x1A1, 0x1AF, 0x1B0, 0x259, 0x2BB, 0x2BC, 0x2011]  # schwa, o and u with horn, okina, and others
LATIN = [*ASCII, *range(0xA1, 0xAD), *range(0xAE, 0x180), *range(0x218, 0x21C), *range(0x1E00, 0x1F00), *MORE]
SMALL = "abcdefghijklmnopqrstuvwxyz"
# Letters of which some faces make one glyph, and signs that some faces draw higher beside capitals and figures.
TOGETHER = [f"{start}{letter}" for start in ("f", "ff", "T", "Q", "c", "s", "g", "j") for letter in SMALL]
BESIDE = [f"{start}{sign}{end}" for sign in "-–:./()@+'’·" for start in "2Aa" for end in "2Aa"]
COMMON = " ".join([*map(chr, [*ASCII, *SIGNS]), *TOGETHER, *BESIDE])
NAMES = " ".join([COMMON, *map(chr, LATIN), *[f"f{letter}" for letter in "äåæéèêëíìîïóòöøúùûü"]])
UNBROKEN = "[data-line] { white-space: nowrap }"
FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps",
    "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip


def prepare(page: Page, lines: Mapping[str, Line], names: Container[str]) -> Stationery:
    """Return stationery for pages whose lines have the same runs as `lines`; raises CannotSet when it cannot be made.

    Those of the lines that are in `names` can take any Latin letters, the others plain English. What the lines say
    makes no difference: the same page gives the same bytes.
    """
    blank = {name: tuple((mark, _stand_in(text)) for mark, text in line) for name, line in lines.items()}
    every = {
        name: tuple((mark, NAMES if name in names else COMMON) for mark, _ in line) for name, line in lines.items()
    }
    with pdf.one_at_a_time:
        paper, sheet = pdf.lay_out(page(blank, DRAWING)), pdf.lay_out(page(every, DRAWING), UNBROKEN)
        paper.write_pdf(**pdf.VARIANT)
        sheet.write_pdf(**pdf.VARIANT)
        for key, font in paper.fonts.items():
            font.to_unicode |= {g: t for g, t in sheet.fonts[key].to_unicode.items() if g not in font.to_unicode}
            font.widths |= {g: w for g, w in sheet.fonts[key].widths.items() if g not in font.widths}
        cutter = _Cutter(lines)
        content = paper.write_pdf(finisher=cutter.cut, uncompressed_pdf=True, **pdf.VARIANT)
    return Stationery(content, cutter.places, cutter.drawing)


def _stand_in(text: str) -> str:
    """Return a word that keeps the spaces at its ends, which stand beside another run."""
    return f"{' ' * text.startswith(' ')}Name{' ' * text.endswith(' ')}"


@dataclass
class _Text:
    """A run as WeasyPrint laid it out, and where in the page's content it is shown."""

    box: Any
    shown: re.Match[bytes]
    number: int = 0


class _Cutter:
    """Takes the stand-ins out of the content of a page that WeasyPrint has just drawn."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self.lines, self.places, self.drawing = lines, dict[str, Place](), 0

    def cut(self, document: Any, made: pydyf.PDF) -> None:
        """Replace the page's one content by pieces with empty objects between them, and note the places."""
        page = _only_page(made)
        stream = made.objects[int(page["Contents"].split()[0])]
        content = b"\n".join(_bytes(part) for part in stream.stream)
        elements = _elements(document)
        texts = {name: _texts(elements[name], content) for name in self.lines}
        start = content.index(DRAWN)
        spots = {(start, start + len(DRAWN)): _Text(None, re.match(b"", b""))}  # type: ignore[arg-type]
        spots |= {text.shown.span(): text for row in texts.values() for text in row}
        for text in spots.values():
            text.number = _add(made, b"")
        self.drawing = spots[start, start + len(DRAWN)].number
        page["Contents"] = pydyf.Array(_woven(made, content, {span: text.number for span, text in spots.items()}))
        stream.stream = []
        for row in made.objects:
            row.compress = isinstance(row, pydyf.Stream) and any(row.stream)
        for name, row in texts.items():
            self.places[name] = _place(elements[name], self.lines[name], row, document.fonts)


def _only_page(made: pydyf.PDF) -> pydyf.Dictionary:
    pages = [row for row in made.objects if isinstance(row, pydyf.Dictionary) and row.get("Type") == "/Page"]
    if len(pages) != 1:
        raise CannotSet("a page that runs over")
    return pages[0]


def _bytes(part: Any) -> bytes:
    if isinstance(part, pydyf.Object):
        return bytes(part.data)
    return part if isinstance(part, bytes) else str(part).encode("ascii")


def _elements(document: Any) -> dict[str, Any]:
    """Return the boxes of the elements that hold a line, by their names."""
    found = {}
    for box in document.pages[0]._page_box.descendants(placeholders=True):  # noqa: SLF001 (nothing public says where a line stands)
        name = box.element.get("data-line") if getattr(box, "element", None) is not None else None
        if name and isinstance(box, BlockBox):
            found[name] = box
    return found


def _texts(box: Any, content: bytes) -> list[_Text]:
    """Return the runs of an element's line with the operators that show them; raises CannotSet for several lines."""
    if len(box.children) != 1:
        raise CannotSet("a stand-in of several lines")
    shown = {(_near(found[1]), _near(found[2])): found for found in TEXT.finditer(content)}
    boxes = [row for row in box.descendants() if isinstance(row, TextBox)]
    return [_Text(row, shown[_near(row.position_x), _near(row.position_y + row.baseline)]) for row in boxes]


def _near(pixels: Any) -> int:
    return round(float(pixels) * 1000)


def _add(made: pydyf.PDF, content: bytes) -> int:
    made.add_object(pydyf.Stream([content]))
    return len(made.objects) - 1


def _woven(made: pydyf.PDF, content: bytes, spots: dict[tuple[int, int], int]) -> Iterator[bytes]:
    """Yield references to the pieces of the content, and between them to the objects in the place of the spots."""
    end = 0
    for (start, after), number in sorted(spots.items()):
        yield b"%d 0 R" % _add(made, content[end:start])
        yield b"%d 0 R" % number
        end = after
    yield b"%d 0 R" % _add(made, content[end:])


def _place(box: Any, line: Line, texts: list[_Text], fonts: dict[Any, Any]) -> Place:
    """Return where a line stands, with the typefaces of its runs; raises CannotSet if they would not set it alike."""
    runs = []
    for text, (mark, _) in zip(texts, line, strict=True):
        _, height, font, operator = text.shown.groups()
        typeface = _typeface(text.box, fonts, *font.decode("ascii")[1:].split()[:2])
        runs.append(Run(text.number, mark, typeface, height.decode("ascii"), font.decode("ascii")))
        if _plain(typeface.set(text.box.text)[0]) != _plain(operator.decode("ascii")):
            raise CannotSet(f"WeasyPrint sets {typeface.name} otherwise")
    align = {"start": "left", "end": "right"}.get(box.style["text_align_all"], box.style["text_align_all"])
    return Place(box.content_box_x(), box.width, align, tuple(runs))


def _typeface(box: Any, fonts: dict[Any, Any], name: str, size: str) -> Typeface:
    """Return the typeface in which a run is set, made of the very file that WeasyPrint took."""
    font = next(font for font in fonts.values() if font.hash == name)
    if font.variations:
        raise CannotSet(f"{name} is one of many faces in its file")
    face = _face(get_hb_object_data(font.hb_face), font.index)
    features = font_features(*[box.style[name] for name in FEATURES])
    return Typeface(face, name=name, size=float(size), features=features, widths=font.widths, texts=font.to_unicode)


def _plain(operator: str) -> str:
    """Return a TJ operator without adjustments by nothing."""
    return operator.replace(">0<", "").replace(">0]", ">]").replace(">]", "]")


@lru_cache(maxsize=16)
def _face(content: bytes, index: int) -> hb.Face:
    """Return the face of a font file, read once for all sheets."""
    return hb.Face(content, index)
