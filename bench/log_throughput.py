"""Log lines from a pipe into the logs, against a bare loop that writes the same bytes to a file."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from uuid import uuid4

from bench.table import Row, middle, show
from hatoba.engines.base import Output
from hatoba.kit.clock import SystemClock
from hatoba.logs.base import LogFilter
from hatoba.logs.hub import LogHub

LINES = 300_000
ROUNDS = 5
CHUNK = 64 * 1024
LINE = 'GET /things/1 200 in 12 ms, for user 42: "a line of an ordinary length"'
PRINT = f"import sys\nfor n in range(0, {LINES}, 100): sys.stdout.write({(LINE + chr(10))!r} * 100)"

Take = Callable[[bytes], object]


def seconds(take: Take) -> float:
    """Read everything that a printing process writes; return how long it took."""
    printer = subprocess.Popen([sys.executable, "-c", PRINT], stdout=subprocess.PIPE)
    assert printer.stdout is not None
    pipe = printer.stdout.fileno()
    take(os.read(pipe, CHUNK))
    started = monotonic()
    while data := os.read(pipe, CHUNK):
        take(data)
    taken = monotonic() - started
    printer.stdout.close()
    assert printer.wait() == 0
    return taken


async def into_the_logs(folder: Path) -> tuple[float, int]:
    """Return the seconds and how many lines came too few."""
    hub, app, dyno, end = LogHub(folder, SystemClock()), uuid4(), uuid4(), 0

    def take(data: bytes) -> None:
        nonlocal end
        end += len(data)
        hub.ingest(Output(app, dyno, "web.1", datetime.now(UTC), data, end))

    taken = seconds(take)
    lines = hub.recent(app, LINES * 2, LogFilter())
    hub.close()
    return taken, LINES - sum(line.text.endswith(LINE.encode()) for line in lines)


def into_a_file(path: Path) -> float:
    with path.open("wb", buffering=0) as file:
        return seconds(file.write)


def main() -> None:
    ours, theirs, lost = [], [], 0
    with tempfile.TemporaryDirectory(prefix="hatoba-bench-") as folder:
        for number in range(ROUNDS):
            taken, missing = asyncio.run(into_the_logs(Path(folder) / str(number)))
            ours.append(taken)
            lost += missing
            theirs.append(into_a_file(Path(folder) / f"{number}.txt"))
    mine, bare = LINES / middle(ours), LINES / middle(theirs)
    rows = [
        Row("lines a second", f"{mine:,.0f}", f"{bare:,.0f}", mine / bare, ">= 100,000 lines"),
        Row("lines lost", str(lost), "0", None, "0"),
    ]
    show(f"Logs, median of {ROUNDS}, against a bare loop from pipe to file", rows)


if __name__ == "__main__":
    main()
