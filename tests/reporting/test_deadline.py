"""An exchange with a registry ends in time, whatever the other side does with its sockets."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from reporting import pars
from reporting.pars import client, deadline
from tests.reporting.making import ada

pytestmark = pytest.mark.django_db
STEPS = 200


@contextmanager
def serving(settings: Settings, serve: Callable[[socket.socket], None], scheme: str = "http") -> Iterator[None]:
    """Let one connection at a port of our own be served by `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: serve(server.accept()[0]), daemon=True)
        thread.start()
        settings.PARS = {**settings.PARS, "url": f"{scheme}://127.0.0.1:{server.getsockname()[1]}"}
        yield
        thread.join()


def test_headers_that_drip_are_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SHORTEST", 0.3)
    sent: list[int] = []

    def drip(connection: socket.socket) -> None:
        try:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for step in range(STEPS):
                connection.sendall(b"a")
                sent.append(step)
                threading.Event().wait(0.05)
        except OSError:
            connection.close()

    with serving(settings, drip), pytest.raises(pars.NoAnswer):
        pars.match("ABIM", ada(), quick=True)
    assert 0 < len(sent) < STEPS


def test_certificate_that_nobody_vouches_for_is_refused(settings: Settings, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))

    def shake_hands(connection: socket.socket) -> None:
        with pytest.raises(OSError), connection:  # noqa: PT011 (what the other side's refusal looks like here)
            context.wrap_socket(connection, server_side=True).recv(1)

    with serving(settings, shake_hands, "https"), pytest.raises(pars.NotTaken, match="certificate verify failed"):
        pars.match("ABIM", ada())


def test_time_that_is_over_is_over_for_every_wait() -> None:
    with deadline.within(-1), pytest.raises(Exception, match="took too long"):
        deadline._left(5, ValueError)  # type: ignore[arg-type]
    assert deadline._left(None, ValueError) is None  # type: ignore[arg-type]


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "registry.pem"
    clear = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, clear)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
