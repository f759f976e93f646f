"""The only place that starts processes. Argument lists only, never a shell string.

A process is known by its id *and* its start time, because ids are used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PIECE = 64 * 1024


@dataclass(frozen=True)
class ProcessId:
    """A process that can be recognised after a restart of the one who started it.

    ``started`` is field 22 of /proc/PID/stat: clock ticks since the machine's boot.
    """

    pid: int
    started: int


@dataclass(frozen=True)
class Completed:
    """A finished command: its exit status (negative: killed by that signal) and output."""

    argv: tuple[str, ...]
    status: int
    stdout: bytes
    stderr: bytes


class CommandError(Exception):
    """A command ended with a status other than 0."""

    def __init__(self, completed: Completed) -> None:
        self.completed = completed
        tail = completed.stderr.decode(errors="replace").strip().splitlines()[-1:]
        super().__init__(
            f"{completed.argv[0]} ended with status {completed.status}: {''.join(tail)}"
        )


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    user: int | None = None,
) -> Completed:
    """Run a command to its end and return what it gave; its status is not checked.

    ``user`` is a uid (and gid) to change to first. Raises OSError when it can't be started.
    When the caller is cancelled the command is killed.
    """
    process = await asyncio.create_subprocess_exec(
        *(argv if user is None else as_user(argv, user)),
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, err = await process.communicate(stdin or None)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return Completed(tuple(argv), process.returncode or 0, out, err)


async def check(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    user: int | None = None,
) -> bytes:
    """Run a command and return its standard output; raise CommandError if it fails."""
    completed = await run(argv, env=env, cwd=cwd, stdin=stdin, user=user)
    if completed.status != 0:
        raise CommandError(completed)
    return completed.stdout


async def stream(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    stdin: AsyncIterator[bytes] | None = None,
    cwd: Path | None = None,
) -> AsyncIterator[bytes]:
    """Run a command, feeding it and yielding what it prints as it comes; errors are printed too.

    Nothing is held in memory. Raises CommandError when it ends with a status other than 0, and
    whatever ``stdin`` raises. When the caller stops early the command is killed.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    feeding = asyncio.create_task(_feed(process, stdin))
    said = asyncio.create_task(_all_of(process.stderr))
    try:
        while process.stdout and (data := await process.stdout.read(_PIECE)):
            yield data
        status = await process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        raise
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, process.wait(), return_exceptions=True)
    if not feeding.cancelled() and (failure := feeding.exception()) is not None:
        raise failure
    if status != 0:
        raise CommandError(Completed(tuple(argv), status, b"", await said))


async def follow(
    argv: Sequence[str], *, env: Mapping[str, str], emit: Callable[[bytes], None]
) -> int:
    """Run a command, giving on what it prints (errors too) as it comes; return its exit status.

    It runs in a session of its own. When the caller is cancelled the whole session is killed.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        while process.stdout and (data := await process.stdout.read(_PIECE)):
            emit(data)
        return await process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise


async def _feed(process: asyncio.subprocess.Process, stdin: AsyncIterator[bytes] | None) -> None:
    if process.stdin is None or stdin is None:
        return
    try:
        async for data in stdin:
            if not await _taken(process.stdin, data):
                break
    finally:
        # Also when what feeds it has failed: the command must not wait for more.
        process.stdin.close()


async def _taken(pipe: asyncio.StreamWriter, data: bytes) -> bool:
    """Write; False when the command has closed its input, as one does that needs no more of it."""
    try:
        pipe.write(data)
        await pipe.drain()
    except (ConnectionError, RuntimeError):
        # uvloop tells of a closed pipe by a RuntimeError.
        return False
    return True


async def _all_of(reader: asyncio.StreamReader | None) -> bytes:
    return await reader.read() if reader is not None else b""


def as_user(argv: Sequence[str], user: int) -> list[str]:
    """Return the command line by which root runs a command as another uid (and gid), and no more.

    The event loop's own subprocesses can't change their user.
    """
    who = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return ["setpriv", *who, "--", *argv]


def spawn_detached(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    cwd: Path | None = None,
    user: int | None = None,
    pass_fds: Sequence[int] = (),
) -> ProcessId:
    """Start a process in a session of its own that outlives this one; return who it is.

    Its standard output and error go to ``output``. It is reaped by whoever waits for it;
    see ``reap``.
    """
    process = subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        pass_fds=tuple(pass_fds),
        close_fds=True,
    )
    # The Popen object must not reap behind our back or warn that the child still runs.
    process.returncode = 0
    return identify(process.pid) or ProcessId(process.pid, 0)


def identify(pid: int) -> ProcessId | None:
    """Return the process with its start time, or None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return ProcessId(pid, int(fields[19]))


def alive(process: ProcessId) -> bool:
    """Tell whether exactly this process still runs (a zombie does not)."""
    return identify(process.pid) == process


def recalled(record: Mapping[str, int]) -> ProcessId | None:
    """Return the process that a record names by ``pid`` and ``started``, as long as it runs.

    Raises KeyError or TypeError for what is no such record.
    """
    known = ProcessId(record["pid"], record["started"])
    return known if alive(known) else None


def send(process: ProcessId, number: signal.Signals, *, group: bool = False) -> bool:
    """Send a signal to the process (or its group) if it is still the same; tell if it was."""
    if not alive(process):
        return False
    try:
        (os.killpg if group else os.kill)(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def reap(process: ProcessId) -> None:
    """Collect the exit status of a child of ours that ended, so that no zombie stays."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)


async def gone(process: ProcessId) -> None:
    """Wait until the process has ended, child of ours or not, without polling."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if not alive(process):
            return
        await _readable(descriptor)
    finally:
        os.close(descriptor)
        reap(process)


def gone_within(process: ProcessId, seconds: float) -> bool:
    """Wait, blocking, until the process has ended; False when it still runs after that."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if not alive(process):
            return True
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(seconds * 1000))
    finally:
        os.close(descriptor)
        reap(process)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def fire() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(descriptor, fire)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
