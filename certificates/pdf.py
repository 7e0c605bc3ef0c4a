"""Renders a certificate's frozen words to PDF with WeasyPrint; the only module that knows it.

WeasyPrint is imported inside the function because it takes more than a second and needs Pango. One render at a time
per process: a FontConfiguration shared between threads draws wrong glyphs. The same words give the same bytes for the
same versions of WeasyPrint and fonts; the first bytes are stored and served for ever.
"""

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import segno
from django.conf import settings
from django.template.loader import render_to_string

from certificates.models import Certificate

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

_one_at_a_time = threading.Lock()


def render(certificate: Certificate) -> bytes:
    """Return the PDF (tagged, PDF/UA-1) of a certificate.

    Only `data:` addresses are fetched; anything else in the page, a file or a foreign server, stops the render.
    """
    from weasyprint import HTML  # noqa: PLC0415 (see the module's docstring)
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    with _one_at_a_time:
        document = HTML(string=page(certificate), url_fetcher=fetcher)
        pdf: bytes = document.write_pdf(font_config=_fonts(), pdf_variant="pdf/ua-1")
    return pdf


def page(certificate: Certificate) -> str:
    """Return the certificate as a self-contained HTML page."""
    address = settings.PUBLIC_URL + certificate.verification_path
    context: dict[str, Any] = {
        "words": certificate.facts,
        "address": address,
        "qr": segno.make(address, error="m").svg_data_uri(border=0, dark="#1b2733"),
    }
    return render_to_string(f"certificates/{certificate.template}.html", context)


@cache
def _fonts() -> "FontConfiguration":
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    return FontConfiguration()
