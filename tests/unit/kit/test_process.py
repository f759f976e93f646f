from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest
import uvloop

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


@pytest.mark.parametrize("runner", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_command_may_leave_the_rest_of_its_input_unread(
    runner: Callable[[Coroutine[None, None, bytes]], bytes], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)

    async def taken() -> bytes:
        closed = asyncio.Event()

        async def plenty() -> AsyncIterator[bytes]:
            yield b"first"
            await closed.wait()
            for _ in range(10):
                yield b"x" * 65536

        async def release() -> None:
            await closed.wait()
            for _ in range(100):
                # Until all that the command did not want was offered to it.
                await asyncio.sleep(0)
            await asyncio.to_thread(gate.write_text, "last")

        script = f"head -c 5; exec <&-; echo; cat {gate}"
        env = {"PATH": os.environ["PATH"]}
        output = b""
        releasing = asyncio.create_task(release())
        async for piece in process.stream(["sh", "-c", script], env=env, stdin=plenty()):
            output += piece
            if b"\n" in output:
                closed.set()
        await releasing
        return output

    assert runner(taken()) == b"first\nlast"
