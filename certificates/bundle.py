"""Many certificates in one ZIP, made while it is sent: one PDF at a time is in memory."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from certificates.models import Certificate, CertificateQuerySet, StoredPdf

MISSING = "not-made-yet.txt"


class _Pipe(io.RawIOBase):
    """A file that can only be written to, and hands on what it was given."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, part: Any) -> int:
        """Keep a part until it is taken."""
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


def zipped(certificates: CertificateQuerySet) -> Iterator[bytes]:
    """Yield the parts of a ZIP with these certificates' PDFs, and a list of the numbers that are not made yet."""
    pipe, missing = _Pipe(), []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for pk, number, name in certificates.order_by("pk").values_list("pk", "number", "data__learner").iterator():
            stored = StoredPdf.objects.select_related("sheet").filter(certificate=pk).first()
            if stored is None:
                missing.append(number)
                continue
            archive.writestr(f"{_file_name(name)}-{number}.pdf", stored.read())
            yield pipe.take()
        if missing:
            archive.writestr(MISSING, "\n".join(missing) + "\n")
    yield pipe.take()


def _file_name(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name).split()) or "certificate"


def of_references(references: Any) -> CertificateQuerySet:
    """Return the standing certificates of claims, given as a query of their references."""
    return Certificate.objects.standing().filter(reference__in=references)
