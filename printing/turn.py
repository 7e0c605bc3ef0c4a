"""Prints one page at a time in the whole portal, so that no crowd keeps the web server busy with paper."""

import hashlib

from django.core.cache import cache

from printing import pdf

PRINTING, PRINTING_SECONDS = "being-printed", 120  # longer than the longest page takes


class Busy(Exception):
    """Something else is being printed at this moment; come back in some seconds."""


def in_turn(page: str, *, keep_seconds: int = 0) -> bytes:
    """Return the page as PDF, the one that was kept if it was printed before; raises Busy."""
    key = f"printed-{hashlib.sha256(page.encode()).hexdigest()}"
    content: bytes | None = cache.get(key) if keep_seconds else None
    if content is not None:
        return content
    if not cache.add(PRINTING, 1, PRINTING_SECONDS):
        raise Busy
    try:
        content = pdf.render(page)
    finally:
        cache.delete(PRINTING)
    if keep_seconds:
        cache.set(key, content, keep_seconds)
    return content
