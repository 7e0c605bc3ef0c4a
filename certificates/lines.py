"""The lines of a certificate that differ from person to person; everything else on it is the same for thousands."""

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from certificates.designs import NAMES, ROOM, SERIF, SMALLEST
from certificates.models import Certificate
from printing.measuring import sets_accents, width
from printing.stationery import Line

LETTERS = ((30, ""), (44, "long"))  # of a name, and the class it is printed in if it is not too wide
NOTO = SERIF[SERIF.index("Noto Serif") :]
TALL = 1.35  # lines of other scripts reach higher and lower than Latin ones
RUN = re.compile(r"<em>(?P<em>.*?)</em>|(?P<text>[^<]+)", re.DOTALL)


@dataclass(frozen=True)
class Name:
    """How a name is printed: the class of its element, and a style of its own where no class will do."""

    size: str
    style: str = ""


@lru_cache(maxsize=4096)
def name_of(text: str, template: str, paper: str) -> Name:
    """Return how a name is printed whole: in a face that sets its accents, as large as its line has room for."""
    latin = sets_accents(text, SERIF[0])
    families = SERIF if latin else NOTO
    wide = width(text, families)
    usual = next((size for most, size in LETTERS if len(text) <= most), "longer")
    sizes = NAMES[template]
    fitting = [(points, name) for points, name in sizes if wide * points <= ROOM[paper]]
    allowed = sizes[[name for _, name in sizes].index(usual) :]
    points, size = next((row for row in allowed if row in fitting), (0, usual))
    if points and latin:
        return Name(size)
    style = {"font-family": ", ".join(f"'{family}'" for family in families)} if not latin else {}
    style |= {"line-height": str(TALL)} if not latin else {}
    if not points:
        points = max(SMALLEST, int(ROOM[paper] / wide))
        style |= {"font-size": f"{points}pt", "overflow-wrap": "anywhere"}
    return Name(size, "; ".join(f"{name}: {value}" for name, value in style.items()))


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


def shared(words: dict[str, Any], template: str) -> dict[str, Any]:
    """Return what is printed alike on the certificates of everybody: the words without the personal ones."""
    personal = {"learner", "award", "credit", "issued_on", "format", "office_email"}  # the last two are not printed
    personal |= set() if words["place"] else {"dates"}
    rest = {name: value for name, value in words.items() if name not in personal}
    return rest | {"name_size": name_of(plain_text(words["learner"]), template, words["paper"]).size}


def plain(text: str) -> Line:
    """Return a line of one run."""
    return (("", plain_text(text)),)


def plain_text(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


@lru_cache(maxsize=1024)
def marked(text: str) -> Line:
    """Return a line whose regulated words are runs of their own."""
    page = render_to_string("certificates/regulated.html", {"text": " ".join(text.split())})
    return tuple(
        (str(run.lastgroup).replace("text", ""), html.unescape(run[run.lastgroup or 0])) for run in RUN.finditer(page)
    )


def as_html(line: Line, style: str = "") -> SafeString:
    """Return a line as HTML, perhaps with a style of its own."""
    if style:
        return format_html('<span style="display: block; {}">{}</span>', style, as_html(line))
    return mark_safe("".join(f"<{mark}>{escape(text)}</{mark}>" if mark else escape(text) for mark, text in line))  # noqa: S308 (escaped here)
