"""Renders a self-contained HTML page to a tagged PDF with WeasyPrint.

WeasyPrint is imported inside the function because it takes more than a second and needs Pango. One render at a time
per process: a FontConfiguration shared between threads draws wrong glyphs. The same page gives the same bytes for the
same versions of WeasyPrint and fonts.
"""

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from printing.weasy import Document, FontConfiguration

one_at_a_time = threading.Lock()
VARIANT = {"pdf_variant": "pdf/ua-1", "pdf_identifier": True}


def render(page: str) -> bytes:
    """Return the page as PDF/UA-1.

    Only `data:` addresses are fetched; anything else in the page, a file or a foreign server, stops the render.
    """
    with one_at_a_time:
        pdf: bytes = lay_out(page).write_pdf(**VARIANT)
    return pdf


def lay_out(page: str, style: str = "") -> "Document":
    """Return the page, with `style` added to its own, as WeasyPrint's document; call it holding `one_at_a_time`."""
    from printing.weasy import CSS, HTML, URLFetcher  # noqa: PLC0415 (see the module's docstring)

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    return HTML(string=page, url_fetcher=fetcher).render(font_config=_fonts(), stylesheets=[CSS(string=style)])


def box_of(document: "Document", name: str) -> Any:
    """Return the box of the element of this class on the first page, with `position_y` and `height` in pixels."""
    boxes = document.pages[0]._page_box.descendants(placeholders=True)  # noqa: SLF001 (nothing public says where)
    return next(box for box in boxes if getattr(box, "element", None) is not None and box.element.get("class") == name)


@cache
def _fonts() -> "FontConfiguration":
    from printing.weasy import FontConfiguration  # noqa: PLC0415

    return FontConfiguration()
