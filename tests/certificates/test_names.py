"""Names stand whole on the page, in a face that sets them, or the office is told before anything is printed."""

import io
import unicodedata
from datetime import timedelta

import pytest
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from activities.models import Activity
from certificates import designs, emails, lines, pdf
from certificates.models import Certificate, StoredPdf
from credits import rules
from jobs import runner
from jobs.models import Job
from outbox.models import Message
from tests.activities.making import edit, perfect
from tests.certificates.making import make, unsaved
from tests.printing.reading import starts_of_lines

pytestmark = pytest.mark.django_db
NOBODY_HAS = "\U00016fe4"
LONG = "The Society of Examples is accredited by the Accreditation Council for Continuing Medical Education. " * 20


def edges(content: bytes) -> tuple[float, float]:
    """Return where the line with the name begins on paper, and the width of the paper."""
    page = PdfReader(io.BytesIO(content)).pages[0]
    return min(starts_of_lines(page)), float(page.mediabox.width)


@pytest.mark.parametrize("template", list(designs.DESIGNS))
@pytest.mark.parametrize("paper", list(designs.PAPERS))
@pytest.mark.parametrize(
    "name",
    ["MUHAMMADNURULHUDAWIDYANINGRUM", "ANDRIANAMPOINIMERINATOMPOKOINDRINDRA, MD", "X" * 120, "Maximiliane " * 9],
)
def test_long_name_stays_on_the_page(name: str, paper: str, template: str) -> None:
    made = pdf.make(unsaved(learner=name, template=template, paper=paper)).whole
    left, right = edges(made)
    assert 0 < left < right
    text = "".join(PdfReader(io.BytesIO(made)).pages[0].extract_text().split())
    assert "".join(name.split()) in text


@pytest.mark.parametrize(
    ("name", "size", "styled"),
    [
        ("Ada Okafor, MD", "", False),
        ("Nguyễn Thị Thơ, MD", "", False),
        ("MUHAMMADNURULHUDAWIDYANINGRUM", "long", False),
        ("Featherstonehaugh-Cholmondeley, MD", "long", False),
        ("Ọlá Ẹ̀kọ́, MD", "", True),
        ("王小明", "", True),
        ("X" * 120, "longer", True),
    ],
)
def test_name_is_as_large_as_its_line_has_room_for(name: str, size: str, styled: bool) -> None:
    found = lines.name_of(name, "classic-1", "letter")
    assert (found.size, bool(found.style)) == (size, styled)


def test_accents_are_set_by_a_face_that_can(learner: User) -> None:
    name = unicodedata.normalize("NFC", "Ọlá Ẹ̀kọ́")
    page = pdf.page(unsaved(learner=name))
    assert "font-family: &#x27;Noto Serif&#x27;" in page
    reader = PdfReader(io.BytesIO(pdf.make(unsaved(learner=name)).whole))
    fonts = {str(font["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert any("Noto-Serif" in font or "NotoSerif" in font for font in fonts)


def test_office_is_told_of_a_letter_that_no_font_has_and_nothing_is_printed(
    learner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make(learner, learner=f"Ada {NOBODY_HAS}, MD")
    for _ in range(2):
        Job.objects.filter(kind="certificates.deliver").update(due=timezone.now())
        runner.drain("certificates", limit=1)
    certificate.refresh_from_db()
    assert (certificate.state, StoredPdf.objects.exists()) == ("issued", False)
    mail = Message.objects.get()
    assert (mail.to, "U+16FE4" in mail.text, certificate.number in mail.text) == ("cme@society.example", True, True)
    job = Job.objects.get(kind="certificates.deliver")
    assert job.state == "todo"
    assert timedelta(hours=23) < job.due - timezone.now() <= timedelta(days=1)
    monkeypatch.setattr("printing.measuring._installed", lambda _letter: True)  # as if a font came
    Job.objects.filter(pk=job.pk).update(due=timezone.now())
    runner.drain("certificates", limit=1)
    assert Certificate.objects.get().state == "delivered"


def test_office_is_told_anew_when_the_corrected_name_cannot_be_printed_either(learner: User) -> None:
    first = make(learner, learner=f"Ada {NOBODY_HAS}")
    emails.cannot_be_printed(first, [NOBODY_HAS])
    make(learner, kind="ipce", learner=f"Ada {NOBODY_HAS}{NOBODY_HAS}")
    for certificate in Certificate.objects.all():
        emails.cannot_be_printed(certificate, [NOBODY_HAS])
    assert Message.objects.count() == 2


class TestStatements:
    """What has no room on the paper is an error at the gate."""

    def test_long_words_by_hand_are_refused(self) -> None:
        activity = perfect()
        edit("accreditation", LONG)(activity)
        found = list(rules.printable(Activity.objects.with_everything().get(pk=activity.pk), timezone.now()))
        assert {row.code for row in found} == {"statements-too-long"}
        assert "shorten those edited by hand" in found[0].words

    def test_what_is_long_and_has_room_is_not(self) -> None:
        activity = perfect()
        edit("accreditation", LONG[: rules.LONG])(activity)
        assert list(rules.printable(Activity.objects.with_everything().get(pk=activity.pk), timezone.now())) == []

    def test_ordinary_words_are_not_laid_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("certificates.pdf.runs_over", lambda _certificate: pytest.fail("laid out"))
        activity = perfect()
        assert list(rules.printable(Activity.objects.with_everything().get(pk=activity.pk), timezone.now())) == []
