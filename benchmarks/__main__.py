"""Prints the table of ratios: `python -m benchmarks [--json FILE] [--runs N] [group]`.

Machines differ and are noisy, so a subject and its baseline take turns and the medians are compared; only ratios are
worth remembering. It uses a database of its own in a folder that is thrown away, or DATABASE_URL if that is set.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import certificates, reporting
from benchmarks.environment import prepare

Action = Callable[[], None]


def measure(subject: Action, baseline: Action, between: Action, runs: int) -> tuple[float, float]:
    """Return the median milliseconds of subject and baseline, taken in turns; `between` follows each, untimed."""
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(runs + 1):
        for action, kept in zip((subject, baseline), times, strict=True):
            begin = time.perf_counter()
            action()
            took = (time.perf_counter() - begin) * 1000
            if run:  # the first turn warms caches
                kept.append(took)
            between()
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Run the chosen group, or all, print the table, and write the JSON."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Ratios of cost against named baselines.")
    parser.add_argument(
        "group",
        nargs="?",
        help="pages, claims, surveys, certificates, growth or reporting; all but reporting unless given",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to FILE")
    parser.add_argument("--runs", type=int, default=30, help="turns for each row (default 30)")
    arguments = parser.parse_args()
    if arguments.group == "reporting":
        finish(reporting.rows(), arguments.json)
        return
    with tempfile.TemporaryDirectory(prefix="cme-bench-") as folder:
        prepare(Path(folder))
        from benchmarks.groups import GROUPS, SEVERAL  # noqa: PLC0415 (needs Django to be set up)

        if arguments.group and arguments.group not in GROUPS:
            parser.error(f"There is no group {arguments.group!r}; choose from {', '.join(GROUPS)}.")
        rows = []
        for group in [arguments.group] if arguments.group else GROUPS:
            for name, baseline, make in GROUPS[group]:
                ms, baseline_ms = measure(*make(), arguments.runs)
                ms /= SEVERAL.get(name, 1)
                rows.append(
                    {
                        "name": name,
                        "baseline": baseline,
                        "ratio": round(ms / baseline_ms, 4),
                        "ms": round(ms, 3),
                        "baseline_ms": round(baseline_ms, 3),
                        "runs": arguments.runs,
                    }
                )
            rows += certificates.by_size() if group == "certificates" else []
    finish(rows, arguments.json)


def finish(rows: list[dict[str, object]], file: Path | None) -> None:
    """Print the rows, and write them to a file if one is given."""
    show(rows)
    if file:
        file.write_text(json.dumps(rows, indent=2) + "\n")


def show(rows: list[dict[str, object]]) -> None:
    """Print the table."""
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    print(f"Median of {rows[0]['runs']} turns each, on {engine}")  # noqa: T201
    print(f"{'':34}{'ms':>10}  {'baseline':36}{'ms':>10}{'ratio':>9}")  # noqa: T201
    for row in rows:
        peak = f"   peak {row['peak_mb']} MB" if "peak_mb" in row else ""
        print(f"{row['name']:34}{row['ms']:>10}  {row['baseline']:36}{row['baseline_ms']:>10}{row['ratio']:>8}×{peak}")  # noqa: T201


if __name__ == "__main__":
    main()
