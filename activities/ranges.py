"""A stored file in parts, as players and PDF viewers ask for it.

No answer holds more than a few megabytes: a slow listener never keeps a thread of the web server, and a player asks
for the next part by itself.
"""

import re

from django.core.files.base import File
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

PART = 2 * 1024 * 1024
ASKED = re.compile(r"\Abytes=(\d*)-(\d*)\Z")


def answer(stored: "File[bytes]", asked: str, content_type: str) -> HttpResponseBase:
    """Return the part that a `Range` header asks for, or the whole file when it asks for none that there is."""
    headers = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}
    found = ASKED.match(asked)
    if not found or found.group(1, 2) == ("", ""):
        return FileResponse(stored.open("rb"), content_type=content_type, headers=headers)
    size = stored.size
    first, last = _part(found[1], found[2], size)
    if not 0 <= first <= last:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    last = min(last, first + PART - 1, size - 1)
    with stored.open("rb") as opened:
        opened.seek(first)
        content = opened.read(last - first + 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return HttpResponse(content, status=206, content_type=content_type, headers=headers)


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the first and last byte that `first-last`, `first-` or `-length` means; (1, 0) where there are none."""
    if not first:
        return (max(size - int(last), 0), size - 1) if int(last) else (1, 0)
    return (int(first), int(last) if last else size - 1) if int(first) < size else (1, 0)
