"""How fast 38,000 completions reach a registry that takes 200 ms to answer and lets in 20 requests a second.

Two Celery workers on a PostgreSQL and a Redis of their own send them, then ask about 10,000 that wait for the board.
The baseline is what the limit allows; the peak is the workers' memory. The whole takes about 45 minutes;
`python -m benchmarks.reporting REPORTS PENDING` takes other numbers.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.environment import without_database
from tests import servers

LATENCY, LIMIT = 0.2, 20
REPORTS, PENDING = 38_000, 10_000
WORKERS = 2
KIB = 1024


def rows(reports: int = REPORTS, pending: int = PENDING) -> list[dict[str, Any]]:
    """Return the rows of the table: sending, and asking."""
    with tempfile.TemporaryDirectory(prefix="cme-bench-") as folder:
        return _measure(Path(folder), reports, pending)


def _measure(folder: Path, reports: int, pending: int) -> list[dict[str, Any]]:
    port = servers.free_port()
    os.environ |= {
        "DATABASE_URL": servers.start_postgresql(folder / "postgresql"),
        "PARS_URL": f"http://127.0.0.1:{port}",
        "PARS_PROVIDER_ID": "0000123",
        "PARS_USER": "bench",
        "PARS_PASSWORD": "bench",
        "PARS_PER_SECOND": str(LIMIT),
        "PARS_POLL_SECONDS": "86400",
    }
    without_database(folder)
    os.environ["REDIS_URL"] = servers.start_redis(folder / "redis")
    from django.core.management import call_command  # noqa: PLC0415 (needs Django to be set up)

    call_command("migrate", verbosity=0)
    registry = _serve(port)
    _write(reports)
    workers = _start(folder)
    sent = _wait(lambda: len(registry.records), reports)
    _make_due(pending)
    asked = _wait(lambda: registry.asked.get("status", 0), pending)
    if max(registry.saves.values()) != 1:
        raise SystemExit("A completion was sent twice.")
    peak = max(_peak(worker) for worker in workers)
    for worker in workers:
        servers.stop(worker)
    return [_row(f"reports-{reports}", sent, reports, peak), _row(f"pending-{pending}", asked, pending, peak)]


def _serve(port: int) -> Any:
    from reporting.sandbox.server import Registry, serve  # noqa: PLC0415 (needs Django to be set up)

    registry = Registry("0000123", "bench", "bench", latency=LATENCY, per_second=LIMIT)
    threading.Thread(target=serve(registry, port).serve_forever, daemon=True).start()
    return registry


def _write(reports: int) -> None:
    """Write so many completions of one learner, each with its job, as a meeting's end does."""
    from accounts.models import User  # noqa: PLC0415
    from jobs.models import Job  # noqa: PLC0415
    from reporting.models import Submission  # noqa: PLC0415
    from reporting.services.queueing import set_clocks  # noqa: PLC0415

    learner = User.objects.create_user("bench@example.org")
    identity = {
        "given_name": "Ada", "family_name": "Okafor", "board_number": "123456", "birth_month": 2, "birth_day": 29,
    }  # fmt: skip
    completion = {
        "provider": "Society of Examples", "provider_id": "0000123", "activity": "Progress in Examples",
        "activity_id": "202200001", "completed_on": "2026-11-01", "credit_type": "Medical Knowledge", "points": "1.00",
    }  # fmt: skip
    made = [
        Submission(
            learner=learner, reference=f"R-{number}", board="ABIM", identity=identity, completion=completion,
            credit_id=f"ccid:society.example:R-{number}-ABIM-MK-1", reply_to="cme@society.example",
        )
        for number in range(reports)
    ]  # fmt: skip
    for submission in made:
        set_clocks(submission, ())
    Submission.objects.bulk_create(made, batch_size=1000)
    jobs = [
        Job(kind="reporting.send", subject_id=row.pk, key=f"reporting.send:{row.pk}", due=row.send_at) for row in made
    ]
    Job.objects.bulk_create(jobs, batch_size=1000)


def _start(folder: Path) -> list[subprocess.Popen[bytes]]:
    """Start the workers, and the beat that finds what is due."""
    celery = [sys.executable, "-m", "celery", "-A", "cme_portal"]
    env = dict(os.environ)
    beat = [*celery, "beat", "--pidfile", str(folder / "beat.pid"), "-s", str(folder / "beat")]
    servers.start(beat, name="beat", log=folder / "beat.log", env=env)
    command = [*celery, "worker", "-Q", "reporting", "-c", "1", "--without-gossip", "--without-mingle"]
    return [
        servers.start([*command, "-n", f"{number}@bench"], name="worker", log=folder / f"worker{number}.log", env=env)
        for number in range(WORKERS)
    ]


def _wait(count: Any, wanted: int) -> float:
    """Return the seconds from the first to the last."""
    while not count():
        time.sleep(0.01)
    begin = time.perf_counter()
    while count() < wanted:
        time.sleep(0.05)
    return time.perf_counter() - begin


def _make_due(pending: int) -> None:
    from django.db.models import F  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from jobs.models import Job  # noqa: PLC0415

    while Job.objects.filter(kind="reporting.send", state="todo").exists():
        time.sleep(0.1)
    chosen = Job.objects.filter(kind="reporting.poll").order_by("pk").values("pk")[:pending]
    Job.objects.filter(pk__in=list(chosen.values_list("pk", flat=True))).update(due=timezone.now(), token=F("token"))


def _peak(worker: subprocess.Popen[bytes]) -> float:
    """Return the largest memory that a worker's process or one of its children has had, in MB."""
    pids = [worker.pid, *_children(worker.pid)]
    return max(_peak_of(pid) for pid in pids)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _peak_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / KIB


def _row(name: str, took: float, count: int, peak: float) -> dict[str, Any]:
    allowed = count / LIMIT
    return {
        "name": name,
        "baseline": f"{LIMIT} requests a second",
        "ratio": round(took / allowed, 4),
        "ms": round(took * 1000 / count, 3),
        "baseline_ms": 1000 / LIMIT,
        "runs": 1,
        "peak_mb": round(peak),
    }


if __name__ == "__main__":
    for found in rows(*map(int, sys.argv[1:])):
        print(found)  # noqa: T201
