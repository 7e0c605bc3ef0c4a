"""Many certificates in one ZIP, made while it is sent: one PDF at a time is in memory."""

import io
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import Any

from certificates.models import Certificate, CertificateQuerySet, Damaged, StoredPdf
from printing import sheet

TABLE = "certificates.csv"
LONGEST_NAME = 60  # a file system takes 255 bytes, and a letter up to four
HEADERS = ("number", "name", "activity", "credit", "issued", "file")


class _Pipe(io.RawIOBase):
    """A file that can only be written to, and hands on what it was given."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: Any) -> int:
        """Keep a part until it is taken."""
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


def zipped(certificates: CertificateQuerySet) -> Iterator[bytes]:
    """Yield the parts of a ZIP with these certificates' PDFs and a table of them; one not made yet has no file."""
    pipe, table = _Pipe(), []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for certificate in certificates.order_by("pk").iterator():
            words = certificate.data
            stored = StoredPdf.objects.select_related("sheet").filter(certificate=certificate).first()
            content, name = _content(stored)
            name = name or f"{_file_name(words['learner'])}-{certificate.number}.pdf"
            facts = (certificate.number, *(words[key] for key in ("learner", "activity", "credit", "issued_on")), name)
            table.append(facts)
            if content:
                archive.writestr(name, content)
                yield pipe.take()
        archive.writestr(TABLE, "".join(sheet.lines(HEADERS, table)))
    yield pipe.take()


def _content(stored: StoredPdf | None) -> tuple[bytes, str]:
    """Return the bytes of a PDF, or none and why; one that is damaged stops no other."""
    try:
        return (stored.read(), "") if stored else (b"", "not made yet")
    except Damaged:
        return b"", "damaged"


def _file_name(name: str) -> str:
    letters = unicodedata.normalize("NFC", name)[:LONGEST_NAME]
    words = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in letters).split()
    return "-".join(words) or "certificate"


def of_references(references: Any) -> CertificateQuerySet:
    """Return the standing certificates of claims, given as a query of their references."""
    return Certificate.objects.standing().filter(reference__in=references)
