"""Turns a certificate's frozen words into a page, and the page into its PDF, the fast way where that is possible.

Certificates of one activity, kind and design differ in a few lines. From the sixth that this process makes, their page
is laid out once as stationery, and each is filled in; what the stationery's typefaces cannot set is laid out in full.
"""

import base64
import hashlib
import json
import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from certificates.designs import SERIF, SIZES
from certificates.lines import Name, as_html, lines, name_of, plain_text, shared
from certificates.models import Certificate, Picture
from printing import measuring, pdf, preparing, qr, signing
from printing.shaping import CannotSet
from printing.stationery import Line, Stationery

logger = logging.getLogger(__name__)

PAYS_FROM = 5  # stationery takes as long to make as about five whole pages
KEPT = 64  # sheets of stationery in memory, some hundred kilobytes each
MOST_COUNTED = 10_000
STAND_IN_CODE = "-" * 22

_sheets: OrderedDict[str, Stationery | None] = OrderedDict()
_wanted: Counter[str] = Counter()
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Made:
    """A whole PDF: `content` alone, or the stationery's bytes followed by `content`."""

    content: bytes
    sha256: str
    stationery: Stationery | None = None

    @property
    def whole(self) -> bytes:
        """The PDF."""
        return (self.stationery.content if self.stationery else b"") + self.content


def make(certificate: Certificate) -> Made:
    """Return the PDF (tagged, PDF/UA-1) of a certificate."""
    own = lines(certificate, _address(certificate.code))
    stationery = None if _name(certificate).style else _stationery(certificate, own)
    if stationery:
        try:
            content = stationery.fill(own, _squares(_stem()).path(certificate.code, qr.PDF))
        except CannotSet as reason:
            logger.info("Certificate %s is laid out in full: %s", certificate.pk, type(reason).__name__)
        else:
            return _signed(Made(content, stationery.sha256_with(content), stationery))
    return _signed(make_in_full(certificate))


def make_in_full(certificate: Certificate) -> Made:
    """Return the PDF as WeasyPrint lays it out by itself."""
    content = pdf.render(page(certificate))
    return Made(content, hashlib.sha256(content).hexdigest())


def _signed(made: Made) -> Made:
    """Return it with the provider's signature, where this installation signs; what both share stays shared."""
    if not signing.is_on():
        return made
    whole = signing.sign(made.whole)
    shared_bytes = len(made.stationery.content) if made.stationery else 0
    return Made(whole[shared_bytes:], hashlib.sha256(whole).hexdigest(), made.stationery)


def forget() -> None:
    """Forget all stationery, as a new process would."""
    _sheets.clear()
    _wanted.clear()


def page(certificate: Certificate) -> str:
    """Return the certificate as a self-contained HTML page."""
    path = _squares(_stem()).path(certificate.code, qr.SVG)
    return _page(certificate, lines(certificate, _address(certificate.code)), path)


def _page(certificate: Certificate, its_lines: Mapping[str, Line], path: str) -> str:
    words = shared(certificate.data, certificate.template)
    side = _squares(_stem()).side
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path fill="#1b2733" d="{path}"/></svg>'
    context: dict[str, Any] = {
        "words": words,
        "lines": {
            name: as_html(line, _name(certificate).style if name == "learner" else "")
            for name, line in its_lines.items()
        },
        "size": SIZES[words["paper"]],
        "logo": _picture(words["logo"]),
        "signatures": [{**row, "picture": _picture(row["picture"])} for row in words["signatories"]],
        "qr": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
    }
    return render_to_string(f"certificates/designs/{certificate.template}.html", context)


def _name(certificate: Certificate) -> Name:
    words = certificate.data
    return name_of(plain_text(words["learner"]), certificate.template, words["paper"])


def unprintable(certificate: Certificate) -> list[str]:
    """Return the letters of a certificate that no font here has."""
    words = certificate.data
    printed = [words[name] for name in ("learner", "activity", "provider", "place", "dates", "award")]
    return measuring.unprintable("".join([*printed, *words["statements"]]), SERIF)


def runs_over(certificate: Certificate) -> bool:
    """Whether the statements of a certificate reach into what stands above them; it is laid out to see it."""
    return _runs_over(page(certificate))


@lru_cache(maxsize=256)
def _runs_over(its_page: str) -> bool:
    with pdf.one_at_a_time:
        above, below = (pdf.box_of(pdf.lay_out(its_page), name) for name in ("page", "statements"))
    return bool(above.position_y + above.height > below.position_y)


def _stationery(certificate: Certificate, own: Mapping[str, Line]) -> Stationery | None:
    """Return the stationery for a certificate; None while it does not pay, or where it cannot be made."""
    runs = {name: [mark for mark, _ in line] for name, line in own.items()}
    facts = json.dumps(
        [certificate.template, _stem(), runs, shared(certificate.data, certificate.template)], sort_keys=True
    )
    key = hashlib.sha256(facts.encode()).hexdigest()
    with _one_at_a_time:
        return _sheet(key, certificate, own)


def _sheet(key: str, certificate: Certificate, own: Mapping[str, Line]) -> Stationery | None:
    if key in _sheets:
        _sheets.move_to_end(key)
        return _sheets[key]
    if len(_wanted) > MOST_COUNTED:
        _wanted.clear()
    _wanted[key] += 1
    if _wanted[key] <= PAYS_FROM:
        return None
    _sheets[key] = _prepared(certificate, own)
    if len(_sheets) > KEPT:
        del _wanted[_sheets.popitem(last=False)[0]]
    return _sheets[key]


def _prepared(certificate: Certificate, own: Mapping[str, Line]) -> Stationery | None:
    try:
        return preparing.prepare(lambda given, path: _page(certificate, given, path), own, ("learner",))
    except Exception:
        # WeasyPrint may draw a page otherwise than this version expects; laying out in full is always right.
        logger.exception("Certificates by %s are laid out in full, one by one.", certificate.template)
        return None


def _address(code: str) -> str:
    return f"{_stem()}{code}/"


def _stem() -> str:
    return _stem_at(settings.PUBLIC_URL)


@lru_cache(maxsize=4)
def _stem_at(public_url: str) -> str:
    """Return what every address of verification begins with."""
    path = reverse("certificates:verify_code", args=[STAND_IN_CODE])
    return f"{public_url}{path.removesuffix(f'{STAND_IN_CODE}/')}"


@lru_cache(maxsize=4)
def _squares(stem: str) -> qr.Family:
    return qr.Family(stem, len(STAND_IN_CODE), "/")


@lru_cache(maxsize=64)
def _picture(sha256: str) -> str:
    """Return a frozen picture as a data address, the only kind that the printer fetches; empty for none."""
    if not sha256:
        return ""
    content = bytes(Picture.objects.get(sha256=sha256).content)
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
