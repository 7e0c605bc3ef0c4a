"""Starts throw-away servers from this machine's packages: PostgreSQL, Redis, and whatever else listens on a port.

A server that is missing is an error, never a skip: `script/setup test` installs it.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"
ROOT = 0


def free_port() -> int:
    """Return a port on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(check: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Return when `check` holds; fail with `what` when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(f"Not within {seconds:g} s: {what}")


def listens(port: int) -> bool:
    """Whether something takes connections on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(command: list[str], *, name: str, log: Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a process of our own that is ended with the test run; what it says goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=env, start_new_session=True)
    atexit.register(stop, process)
    return process


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """End a process and its children."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGCONT)
    os.killpg(process.pid, number)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def start_postgresql(folder: Path) -> str:
    """Start a PostgreSQL of its own in `folder` and return its URL. As root it runs as Debian's user postgres."""
    binaries = _postgresql_binaries()
    folder.mkdir(parents=True)
    prefix = []
    if os.getuid() == ROOT:
        shutil.chown(folder, "postgres")
        folder.parent.chmod(0o755)
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data, port = folder / "data", free_port()
    initdb = [*prefix, binaries / "initdb", "--pgdata", data, "--username=cme", "--auth=trust", "--encoding=UTF8"]
    subprocess.run([*map(str, initdb), "--no-sync", "--locale=C.UTF-8"], check=True, capture_output=True)
    command = [*prefix, binaries / "postgres", "-D", data, "-p", port, "-k", folder, "-c", "listen_addresses=127.0.0.1"]
    settings = ["-c", "fsync=off", "-c", "max_connections=200"]
    start([*map(str, command), *settings], name="postgresql", log=folder.parent / "postgresql.log")
    wait_until(lambda: listens(port), "PostgreSQL takes connections")
    ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
    wait_until(lambda: subprocess.run(ready, capture_output=True, check=False).returncode == 0, "PostgreSQL is ready")
    return f"postgres://cme@127.0.0.1:{port}/postgres"


def start_redis(folder: Path) -> str:
    """Start a Redis of its own in `folder` and return its URL."""
    return f"redis://127.0.0.1:{start_redis_process(folder)[1]}/0"


def start_redis_process(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a Redis and return its process, for tests that freeze it, and its port."""
    binary = shutil.which("redis-server")
    assert binary, "redis-server is missing; script/setup test installs it."
    folder.mkdir(parents=True)
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    process = start(command, name="redis", log=folder / "redis.log")
    wait_until(lambda: listens(port), "Redis takes connections")
    return process, port


def _postgresql_binaries() -> Path:
    on_path = shutil.which("postgres")
    folders = sorted(Path("/").glob(POSTGRESQL_FOLDERS.lstrip("/")))
    if on_path and not folders:
        folders.append(Path(on_path).parent)
    assert folders, "PostgreSQL's server is missing; script/setup test installs it."
    return folders[-1]
