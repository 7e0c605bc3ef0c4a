"""Runs the practice registry in a thread of the test process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reporting.sandbox.server import Registry, serve


@contextmanager
def running(settings: Any) -> Iterator[Registry]:
    """Serve a registry and point settings.PARS to it."""
    pars = settings.PARS
    registry = Registry(provider=pars["provider"], user=pars["user"], password=pars["password"])
    with serve(registry) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        settings.PARS = {**pars, "url": f"http://127.0.0.1:{server.server_address[1]}"}
        yield registry
        server.shutdown()
        thread.join()
