"""A stored file in parts, as players and PDF viewers ask for it.

No part is larger than a few megabytes, so that a slow listener does not keep a thread of the web server for long; a
player asks for the next part by itself. Nobody is given a large recording as a whole.
"""

import re

from django.core.files.base import File
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

PART = 2 * 1024 * 1024
LARGEST_WHOLE = 50 * 1024 * 1024
ASKED = re.compile(r"\Abytes=([0-9]{0,18})-([0-9]{0,18})\Z")


def answer(stored: "File[bytes]", asked: str, content_type: str) -> HttpResponseBase:
    """Return the part that a `Range` header asks for; without one the whole file, unless it is large."""
    headers = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}
    found = ASKED.match(asked)
    size = stored.size
    if not found or found.group(1, 2) == ("", ""):
        if size > LARGEST_WHOLE:  # players always ask for parts
            return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
        return FileResponse(stored.open("rb"), content_type=content_type, headers=headers)
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
