"""A server that gives one answer to everything, for answers that no registry should give."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@contextmanager
def answering(settings: Any, status: int, body: bytes = b"", **headers: str) -> Iterator[list[str]]:
    """Point settings.PARS to a server that answers so; yields the paths that are asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        seen: ClassVar[list[str]] = asked

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.seen.append(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 (the library's name)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        before, settings.PARS = settings.PARS, {**settings.PARS, "url": f"http://127.0.0.1:{server.server_address[1]}"}
        yield asked
        settings.PARS = before
        server.shutdown()
        thread.join()
