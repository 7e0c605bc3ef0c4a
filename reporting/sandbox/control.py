"""The sandbox's control page: what it holds, how it misbehaves, and CPE Monitor's upload. For this machine only."""

from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qs

from django.template.loader import render_to_string

from reporting.sandbox import cpe
from reporting.sandbox.faults import KINDS
from reporting.sandbox.registry import Registry
from reporting.sandbox.rules import Invalid

MOST_SHOWN = 50


def page(registry: Registry, said: str = "", results: str = "") -> bytes:
    """Return the page."""
    latest = list(reversed(registry.records.values()))[:MOST_SHOWN]
    context = {
        "registry": registry,
        "said": said,
        "results": results,
        "file": f"data:text/csv;charset=utf-8;base64,{b64encode(results.encode()).decode()}",
        "faults": [(kind, words, registry.faults.left.get(kind, 0)) for kind, words in KINDS.items()],
        "records": [
            (row, registry.standing(row)["BoardStatus"], registry.saves.get(row["CreditID"], 0)) for row in latest
        ],
        "sent": sum(registry.saves.values()),
        "twice": sum(count > 1 for count in registry.registered.values()),
    }
    return render_to_string("reporting/sandbox.html", context).encode()


def post(registry: Registry, path: str, body: bytes) -> tuple[int, bytes]:
    """Change manners, or judge a CPE Monitor file; returns status and page."""
    if path == "/cpe":
        try:
            results = cpe.judge(_file(body), registry.pharmacy, datetime.now(tz=UTC).date())
        except Invalid as fault:
            return 400, page(registry, str(fault))
        return 200, page(registry, "The file is judged.", results.decode())
    typed = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    with registry.lock, suppress(ValueError):
        for name in ("latency", "per_second", "decide_after"):
            setattr(registry, name, max(float(typed.get(name, getattr(registry, name))), 0))
        for kind in KINDS:
            registry.faults.set(kind, int(typed.get(kind, 0)))
    return 200, page(registry, "It is set.")


def _file(body: bytes) -> bytes:
    """Return the one file of a multipart form; its boundary is the body's first line."""
    boundary = body.partition(b"\r\n")[0][2:]
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    for part in message.iter_parts() if message.is_multipart() else ():
        content = part.get_payload(decode=True)
        return content if isinstance(content, bytes) else b""
    raise Invalid("Choose a file.")
