from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hatoba.kit import process


async def test_run_gives_status_and_output() -> None:
    done = await process.run(["sh", "-c", "cat; echo oops >&2; exit 3"], stdin=b"in")
    assert (done.status, done.stdout, done.stderr) == (3, b"in", b"oops\n")


async def test_check_names_the_command_and_its_last_line() -> None:
    with pytest.raises(process.CommandError, match="sh ended with status 4: last"):
        await process.check(["sh", "-c", "echo first >&2; echo last >&2; exit 4"])


async def test_a_cancelled_command_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "pid"
    os.mkfifo(fifo)
    task = asyncio.create_task(process.run(["sh", "-c", f"echo $$ > {fifo}; exec sleep 60"]))
    pid = int(await asyncio.to_thread(fifo.read_text))
    found = process.identify(pid)
    assert found
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not process.alive(found)


async def test_a_detached_process_is_known_again_and_waited_for() -> None:
    child = process.spawn_detached(
        ["sleep", "60"], env={"PATH": os.environ["PATH"]}, output=subprocess.DEVNULL
    )
    assert process.alive(child)
    assert os.getsid(child.pid) == child.pid
    waiter = asyncio.create_task(process.gone(child))
    assert process.send(child, signal.SIGTERM)
    await asyncio.wait_for(waiter, 10)
    assert not process.alive(child)
    assert not process.send(child, signal.SIGTERM)


def test_a_reused_id_is_another_process() -> None:
    me = process.identify(os.getpid())
    assert me
    assert not process.alive(process.ProcessId(me.pid, me.started + 1))


async def test_what_fails_to_feed_a_command_ends_it_and_is_told() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"some"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        async for _ in process.stream(["cat"], env={}, stdin=broken()):
            pass
