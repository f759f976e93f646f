"""A program that is kept running."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from hatoba.kit import process
from hatoba.kit.supervise import Program, Supervisor, bound

SLEEPER = Program(
    name="Sleeper", argv=(sys.executable, "-c", "import time; time.sleep(600)"), env={}
)

_DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1], "ready").touch()
time.sleep(600)
"""


@asynccontextmanager
async def kept(
    folder: Path, program: Program, notice: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Supervisor]:
    made = Supervisor(
        replace(program, argv=(*program.argv, str(folder))),
        record=folder / "record.json",
        log=folder / "log",
        notice=notice,
    )
    try:
        yield made
    finally:
        await made.stop()


async def test_starts_again_what_was_killed(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with kept(tmp_path, SLEEPER, told.put_nowait) as sleeper:
        assert await sleeper.start() is False
        old = sleeper.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)
        said = await asyncio.wait_for(told.get(), 10)
        assert said == "Sleeper had ended; it was started again."
        assert sleeper.pid not in (None, old)


async def test_adopts_what_the_one_before_left(tmp_path: Path) -> None:
    async with kept(tmp_path, SLEEPER) as first, kept(tmp_path, SLEEPER) as second:
        await first.start()
        await first.release()
        assert await second.adoptable()
        assert await second.start() is True
        assert second.pid == first.pid


async def test_finds_what_was_started_but_not_noted(tmp_path: Path) -> None:
    async with kept(tmp_path, SLEEPER) as first, kept(tmp_path, SLEEPER) as second:
        await first.start()
        await first.release()
        (tmp_path / "record.json").unlink()
        assert await second.start() is True
        assert second.pid == first.pid


async def test_replaces_an_outdated_one(tmp_path: Path) -> None:
    newer = replace(SLEEPER, argv=(*SLEEPER.argv, "newer"))
    async with kept(tmp_path, SLEEPER) as first, kept(tmp_path, newer) as second:
        await first.start()
        await first.release()
        old = first.pid
        assert old is not None
        assert await second.start() is False
        assert process.identify(old) is None
        assert second.pid != old


async def test_stops_one_that_ignores_the_signal(tmp_path: Path) -> None:
    deaf = Program(
        name="Deaf",
        argv=(
            sys.executable,
            "-c",
            _DEAF,
        ),
        stop_seconds=0.2,
    )
    async with kept(tmp_path, deaf) as supervised:
        await supervised.start()
        old = supervised.pid
        assert old is not None
        async with asyncio.timeout(10):
            while not (tmp_path / "ready").exists():
                await asyncio.sleep(0.02)
        await supervised.stop()
        assert process.identify(old) is None
        assert supervised.pid is None


def test_a_log_keeps_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"old" + b"x" * 10)
    bound(log, limit=10)
    assert log.read_bytes() == b""
    assert (tmp_path / "log.1").read_bytes() == b"x" * 10
