"""What a certificate's PDF costs: laid out in full, filled into prepared stationery, and signed besides.

`python -m benchmarks.certificates KIND COUNT` makes so many in a process of its own and prints the CPU time for each
and the process's peak memory; the group runs it for several sizes.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.environment import without_database

Turns = tuple[Callable[[], None], Callable[[], None], Callable[[], None]]
PLAIN, FAST, SIGNED = "certificate-plain", "certificate-fast", "certificate-signed"
# A large meeting laid out in full takes an hour, and signed half of one; the cost of each is the same as in a thousand.
SIZES = ((PLAIN, 1), (PLAIN, 1000), (FAST, 1), (FAST, 1000), (FAST, 38_000), (SIGNED, 1), (SIGNED, 1000))
KIB = 1024
BATCH = 20
WARM = 1000  # until the parts of square codes and the amounts are known
WORDS: dict[str, Any] = {
    "title": "Certificate of Credit",
    "learner": "",
    "provider": "American Association for Cancer Research (AACR)",
    "action": "has participated in the live activity",
    "activity": "AACR Conference on Cancer Metastasis",
    "format": "live activity",
    "place": "Portland, Oregon",
    "dates": "November 14–17, 2022",
    "award": "",
    "designated": "",
    "credit": "",
    "statements": ["The American Association for Cancer Research (AACR) is accredited to provide education."] * 2,
    "signatories": [{"name": "Dr. Jordan Avery", "title": "Director, Office of CME", "picture": ""}],
    "logo": "",
    "paper": "letter",
    "issued_on": "November 18, 2022",
    "office_email": "cme@society.example",
}


def turns(kind: str) -> Turns:
    """Return turns of BATCH certificates that are made this way, when all is warm, against one laid out in full."""
    from certificates import pdf  # noqa: PLC0415 (needs Django to be set up)

    pdf.PAYS_FROM = 0
    subjects, baselines = _certificates(), _certificates()
    _set_up(FAST)
    _make(pdf.make, subjects, WARM)
    _set_up(kind)
    return lambda: _make(pdf.make, subjects, BATCH), lambda: _make(pdf.make_in_full, baselines, 1), _nothing


def by_size() -> list[dict[str, Any]]:
    """Measure every kind and size in a process of its own; the baseline is the plain one among a thousand."""
    found = []
    for kind, count in SIZES:
        command = [sys.executable, "-m", "benchmarks.certificates", kind, str(count)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (ours)
        found.append({"name": f"{kind}, {count:,} in a run", **json.loads(answer.stdout)})
    plain = next(row["ms"] for row in found if row["name"] == f"{PLAIN}, 1,000 in a run")
    baseline = {"baseline": f"{PLAIN}, CPU", "baseline_ms": plain, "runs": 1}
    return [row | baseline | {"ratio": round(row["ms"] / plain, 4)} for row in found]


def _measure(kind: str, count: int) -> dict[str, float]:
    from certificates import pdf  # noqa: PLC0415

    _set_up(kind)
    make = pdf.make_in_full if kind == PLAIN else pdf.make
    rows = _certificates()
    begin = time.process_time()
    _make(make, rows, count)
    took = (time.process_time() - begin) * 1000
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / KIB  # of this process alone, unlike getrusage's
    return {"ms": round(took / count, 3), "peak_mb": round(peak)}


def _set_up(kind: str) -> None:
    """Let certificates be signed with a developer's key, or not."""
    from django.conf import settings  # noqa: PLC0415

    from cme_portal import keys  # noqa: PLC0415
    from printing import signing  # noqa: PLC0415

    settings.SIGNING_KEY = ""
    if kind == SIGNED:
        folder = Path(settings.VAR_DIR) / "signing"
        keys.ensure_signing(folder)
        settings.SIGNING_KEY, settings.SIGNING_CERTIFICATE = str(folder / "key.pem"), str(folder / "certificate.pem")
        signing.forget()


def _certificates() -> Iterator[Any]:
    """Yield certificates of different people with different amounts, in no database."""
    from certificates.models import Certificate  # noqa: PLC0415

    number = 0
    while True:
        number += 1
        amount = f"{number % 70 / 4 + 1:.2f} AMA PRA Category 1 Credits™"
        words = {"learner": f"Łucja Fjällström-O’Brien the {number}th", "award": f"and is awarded {amount}."}
        yield Certificate(template="classic-1", data={**WORDS, **words, "credit": amount})


def _make(make: Callable[[Any], Any], rows: Iterator[Any], count: int) -> None:
    """Make so many, one after the other, as a worker does."""
    for _ in range(count):
        make(next(rows))


def _nothing() -> None:
    """Nothing lies between two turns."""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cme-bench-") as folder:
        without_database(Path(folder))
        print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))  # noqa: T201
