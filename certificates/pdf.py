"""Turns a certificate's frozen words into a page, and the page into its PDF.

The first bytes are stored and served for ever.
"""

from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string

from certificates.models import Certificate
from printing import pdf


def render(certificate: Certificate) -> bytes:
    """Return the PDF (tagged, PDF/UA-1) of a certificate."""
    return pdf.render(page(certificate))


def page(certificate: Certificate) -> str:
    """Return the certificate as a self-contained HTML page."""
    address = settings.PUBLIC_URL + certificate.verification_path
    context: dict[str, Any] = {
        "words": certificate.facts,
        "address": address,
        "qr": segno.make(address, error="m").svg_data_uri(border=0, dark="#1b2733"),
    }
    return render_to_string(f"certificates/{certificate.template}.html", context)
