"""Certificates that are filled into prepared stationery look, read and stay like those that are laid out in full."""

import base64
import hashlib
import io
import subprocess
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import ClassVar

import pytest
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader
from weasyprint.pdf.fonts import Font

from certificates import designs, pdf
from printing import pdf as plain
from printing import preparing, qr
from printing.preparing import Page
from printing.shaping import CannotSet, Typeface
from printing.stationery import Line
from tests.certificates.making import unsaved
from tests.environment import SERVERS

FIRST = [
    "Ada", "José María", "Łukasz", "Anne-Sophie", "Björk", "Zoë", "Siobhán", "Jürgen", "Çağla", "Nguyễn Thị",
    "Françoise", "Tjörvi", "Fiona", "Sofie-Fleur", "Gaffney", "Thaddeus", "Quýnh", "Ștefan", "Ørjan", "Ĥelena",
]  # fmt: skip
LAST = [
    "Okafor, MD", "Offinger-Thöl, PhD", "O’Brien, RN", "d'Artagnan", "Żółć-Wąsik", "Ffrench, PharmD", "Şahin Yildiz",
    "van der Waals, MD, PhD", "Featherstonehaugh-Cholmondeley, MD, MPH, FACP", "Müller (née Fjällström), PA-C",
]  # fmt: skip
NAMES = [f"{first} {last}" for first, last in product(FIRST, LAST)]
FAMILY = qr.Family("https://cme.example/verify/", 22, "/")
RELEASED = {"classic-1": "5b20f1c20ed015b7", "modern-1": "3c4c70aa0f034fa5"}
OTHERS = [
    "محمد الأحمد", "王小明", "Ada 🙂 Okafor", "Иван Петров", "Ἀριστοτέλης", "A\u0301da\u0323 Okafor", "दीपा शर्मा",
    "Ada\u200f Okafor", "Maximilian " * 9,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _prepared_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the first certificate have stationery."""
    monkeypatch.setattr(pdf, "PAYS_FROM", 0)
    pdf.forget()
    yield
    pdf.forget()


def pictures(made: list[pdf.Made], folder: Path) -> list[Image.Image]:
    """Rasterise each PDF at 150 dpi."""
    folder.mkdir()
    paths = [folder / f"{number}.pdf" for number in range(len(made))]
    for path, row in zip(paths, made, strict=True):
        path.write_bytes(row.whole)
    together = folder / "together.pdf"
    run("qpdf", "--empty", "--pages", *paths, "--", together)
    run("pdftoppm", "-r", "150", "-gray", together, folder / "page")
    return [Image.open(path) for path in sorted(folder.glob("page-*.pgm"))]


def run(*command: object) -> str:
    done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def words_of(content: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


@pytest.mark.parametrize("part", range(4))
def test_two_hundred_names_look_exactly_alike(tmp_path: Path, part: int) -> None:
    assert len(NAMES) == 200
    names = NAMES[part::4][: 3 if SERVERS else None]  # no database has a part in it: all of them once is enough
    certificates = [unsaved(number, learner=name) for number, name in enumerate(names)]
    fast = [pdf.make(certificate) for certificate in certificates]
    assert all(made.stationery for made in fast)
    full = [pdf.make_in_full(certificate) for certificate in certificates]
    pages = zip(pictures(fast, tmp_path / "fast"), pictures(full, tmp_path / "full"), strict=True)
    differing = [
        name for name, (a, b) in zip(names, pages, strict=True) if ImageChops.difference(a, b).getextrema() != (0, 0)
    ]
    assert differing == []
    texts = [run("pdftotext", tmp_path / way / "together.pdf", "-") for way in ("fast", "full")]
    assert texts[0] == texts[1]
    assert all(name in page for name, page in zip(names, texts[0].split("\f"), strict=False))


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_stationery_cannot_set_is_laid_out_in_full(name: str) -> None:
    made = pdf.make(unsaved(learner=name))
    assert made.stationery is None
    assert made.content.startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["王小明", "山田 太郎", "김민준", "محمد", "דוד כהן", "Иван", "สมชาย"])
def test_other_scripts_are_printed_in_a_face_that_has_their_letters(tmp_path: Path, name: str) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf.make(unsaved(learner=name)).whole)
    text = unicodedata.normalize("NFKC", run("pdftotext", "-raw", file, "-"))
    assert set(name) - {" "} <= set(text)
    assert "\ufffd" not in text


@pytest.mark.parametrize(("words", "template"), [
    ({"paper": "a4"}, "classic-1"),
    ({}, "modern-1"),
    ({"place": "", "dates": "Completed February 1, 2022"}, "modern-1"),
    ({"award": "for 3.00 hours of participation.", "designated": "The activity was designated for 18.50 AMA PRA "
      "Category 1 Credit(s)™."}, "classic-1"),
])  # fmt: skip
def test_every_design_is_filled_alike(tmp_path: Path, words: dict[str, str], template: str) -> None:
    certificate = unsaved(template=template, **words)
    fast, full = pdf.make(certificate), pdf.make_in_full(certificate)
    assert fast.stationery
    (a,), (b,) = pictures([fast], tmp_path / "fast"), pictures([full], tmp_path / "full")
    assert ImageChops.difference(a, b).getextrema() == (0, 0)
    assert words_of(fast.whole) == words_of(full.whole)


def test_thousands_share_the_bytes_they_begin_with_and_add_little() -> None:
    made = [
        pdf.make(unsaved(number, award=f"and is awarded {number}.25 AMA PRA Category 1 Credits™."))
        for number in range(3)
    ]
    (sheet,) = {row.stationery.sha256 for row in made if row.stationery}
    assert all(len(row.content) < 5000 for row in made)
    assert len({row.whole for row in made}) == 3
    assert all(hashlib.sha256(row.whole).hexdigest() == row.sha256 for row in made)
    pdf.forget()
    again = pdf.make(unsaved(1, award="and is awarded 1.25 AMA PRA Category 1 Credits™."))
    assert again.stationery
    assert (again.stationery.sha256, again.whole) == (sheet, made[1].whole)


def test_filled_certificate_is_a_sound_tagged_pdf(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf.make(unsaved(learner="Łukasz Fjällström, MD")).whole)
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file)
    fonts = run("pdffonts", file).splitlines()[2:]
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)  # embedded, subset, readable
    assert "Łukasz Fjällström, MD" in run("pdftotext", file, "-")
    facts = run("pdfinfo", file)
    assert "Tagged:          yes" in facts
    assert "Certificate of Credit: Progress in Examples" in facts
    assert "Łukasz Fjällström, MD" in run("pdfinfo", "-struct-text", file)
    root = PdfReader(file).trailer["/Root"]
    assert root["/Lang"] == "en"


def test_stationery_is_made_only_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PAYS_FROM", 2)
    assert [bool(pdf.make(unsaved(number)).stationery) for number in range(4)] == [False, False, True, True]


def test_stationery_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "KEPT", 1)
    monkeypatch.setattr(pdf, "MOST_COUNTED", 0)
    for activity in ("A", "B", "A"):
        assert pdf.make(unsaved(activity=activity)).stationery
    assert len(pdf._sheets) == 1
    assert len(pdf._wanted) <= 1


def test_page_of_which_no_stationery_can_be_made_is_laid_out_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in the page's own words that takes two lines cannot be a place."""
    monkeypatch.setattr("printing.preparing._stand_in", lambda _text: "Name " * 60)
    assert [pdf.make(unsaved(number)).stationery for number in range(2)] == [None, None]


class TestPreparing:
    """What cannot be prepared says why."""

    LINES: ClassVar[dict[str, Line]] = {"name": (("", "Ada"),)}

    def page(self, css: str, end: str = "") -> Page:
        square = '<path d="{}"/>'

        def made(lines: Mapping[str, Line], path: str) -> str:
            svg = base64.b64encode(
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30">{square.format(path)}</svg>'.encode()
            ).decode()
            line = "".join(text for _, text in lines["name"])
            return (
                f'<html lang="en"><style>p {{ {css} }}</style><title>T</title><p data-line="name">{line}</p>'
                f'<img alt="q" src="data:image/svg+xml;base64,{svg}">{end}</html>'
            )

        return made

    @pytest.mark.parametrize("align", ["left", "right", "center", "start", "end"])
    def test_lines_may_stand_anywhere(self, tmp_path: Path, align: str) -> None:
        page = self.page(f"text-align: {align}")
        stationery = preparing.prepare(page, self.LINES, ())
        path = (3, 4, 5)
        update = stationery.fill({"name": (("", "Grace Hopper"),)}, qr.PDF.format(*path))
        fast = pdf.Made(update, "", stationery)
        full = pdf.Made(plain.render(page({"name": (("", "Grace Hopper"),)}, qr.SVG.format(*path))), "")
        (a,), (b,) = pictures([fast], tmp_path / "fast"), pictures([full], tmp_path / "full")
        assert ImageChops.difference(a, b).getextrema() == (0, 0)

    def test_page_that_runs_over(self) -> None:
        with pytest.raises(CannotSet, match="runs over"):
            preparing.prepare(self.page("", '<p style="break-before: page">More</p>'), self.LINES, ())

    def test_letters_that_are_spaced_are_not_set_alike(self) -> None:
        with pytest.raises(CannotSet, match="otherwise"):
            preparing.prepare(self.page("letter-spacing: 3px"), self.LINES, ())

    def test_face_that_is_one_of_many_in_its_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original = Font.__init__

        def init(self: Font, *args: object) -> None:
            original(self, *args)
            self.variations = {"wght": 500.0}

        monkeypatch.setattr(Font, "__init__", init)
        with pytest.raises(CannotSet, match="one of many"):
            preparing.prepare(self.page(""), self.LINES, ())

    def test_mark_beside_its_letter_is_not_set(self) -> None:
        """A face that moves marks to their letters; every glyph is known here, so that only its place is against it."""
        face = hb.Face(hb.Blob.from_file_path(run("fc-match", "-f", "%{file}", "Noto Sans")))
        text, buffer = "q\u0323", hb.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.script, buffer.language = "ltr", "Latn", "en"
        hb.shape(hb.Font(face), buffer, {})
        first, second = (info.codepoint for info in buffer.glyph_infos)
        known = {"widths": {first: 1, second: 1}, "texts": {first: "", second: text}}
        with pytest.raises(CannotSet, match="a mark beside"):
            Typeface(face, name="X", size=20, features={}, **known).set(text)  # type: ignore[arg-type]

    def test_line_of_other_runs_is_not_filled(self) -> None:
        stationery = preparing.prepare(self.page(""), self.LINES, ())
        with pytest.raises(CannotSet, match="other runs"):
            stationery.fill({"name": (("", "Ada "), ("em", "Okafor"))}, "")
        with pytest.raises(CannotSet, match="too long"):
            stationery.fill({"name": (("", "Ada " * 100),)}, "")
        with pytest.raises(CannotSet, match="'Ł'"):
            stationery.fill({"name": (("", "Łukasz"),)}, "")


@settings(deadline=None)
@given(st.text("ABCxyz019-_", min_size=22, max_size=22))
def test_square_codes_are_those_of_the_library(name: str) -> None:
    assert (FAMILY.side, FAMILY.squares(name)) == qr.make(f"https://cme.example/verify/{name}/")


def test_name_of_another_length_has_no_square_code() -> None:
    with pytest.raises(ValueError, match="has not 22 characters"):
        FAMILY.squares("short")


def test_released_designs_never_change() -> None:
    """A better design is a file with the next number: certificates name the one by which they were printed."""
    folder = Path(pdf.__file__).parent.parent / "templates/certificates/designs"
    found = {file.stem: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in folder.iterdir()}
    assert found == RELEASED
    assert set(found) == set(designs.DESIGNS)
