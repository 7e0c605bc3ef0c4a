"""The lines of a certificate that differ from person to person; everything else on it is the same for thousands."""

import html
import re
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from certificates.models import Certificate
from printing.stationery import Line

RUN = re.compile(r"<em>(?P<em>.*?)</em>|(?P<text>[^<]+)", re.DOTALL)
SIZES = ((30, ""), (44, "long"))  # letters of a name, and the class it is printed in


def lines(certificate: Certificate, address: str) -> dict[str, Line]:
    """Return the personal lines of a certificate, whose public page is at `address`."""
    words = certificate.data
    found = {
        "learner": plain(words["learner"]),
        "award": marked(words["award"]),
        "issued": plain(f"Issued {words['issued_on']}"),
        "number": plain(f"No. {certificate.number}"),
        "address": plain(f"Verify at {address}"),
    }
    return found | ({} if words["place"] else {"dates": plain(words["dates"])})


def shared(words: dict[str, Any]) -> dict[str, Any]:
    """Return what is printed alike on the certificates of everybody: the words without the personal ones."""
    personal = {"learner", "award", "credit", "issued_on", "format", "office_email"}  # the last two are not printed
    personal |= set() if words["place"] else {"dates"}
    rest = {name: value for name, value in words.items() if name not in personal}
    size = next((size for most, size in SIZES if len(words["learner"]) <= most), "longer")
    return rest | {"name_size": size}


def plain(text: str) -> Line:
    """Return a line of one run."""
    return (("", " ".join(text.split())),)


@lru_cache(maxsize=1024)
def marked(text: str) -> Line:
    """Return a line whose regulated words are runs of their own."""
    page = render_to_string("certificates/regulated.html", {"text": " ".join(text.split())})
    return tuple(
        (str(run.lastgroup).replace("text", ""), html.unescape(run[run.lastgroup or 0])) for run in RUN.finditer(page)
    )


def as_html(line: Line) -> SafeString:
    """Return a line as HTML."""
    return mark_safe("".join(f"<{mark}>{escape(text)}</{mark}>" if mark else escape(text) for mark, text in line))  # noqa: S308 (escaped here)
