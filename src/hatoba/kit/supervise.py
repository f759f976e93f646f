"""Keeps a program running: starts it, finds it again, and starts it again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hatoba.kit import process
from hatoba.kit.files import write_atomic
from hatoba.kit.process import ProcessId
from hatoba.kit.retry import backoff

# At this size the log's content is moved to a second file, replacing the one before.
LOG_BYTES = 5 * 1024 * 1024
_LOG_CHECK_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0
# A program that lived so long was well; its next end counts as the first again.
_WELL_AFTER_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """What to run. ``name`` is what people call it; ``user`` a uid to change to, or None.

    ``pass_fds`` are handed on under their own numbers. ``stop_signal`` ends it in order; when
    it still runs ``stop_seconds`` later it is killed.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    pass_fds: Sequence[int] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0

    @property
    def fingerprint(self) -> str:
        """A digest of the command line: a running program with another one is outdated."""
        return hashlib.sha256("\0".join(self.argv).encode()).hexdigest()[:16]


async def _nothing() -> None:
    pass


class Supervisor:
    """One program that outlives its supervisor and is found again by the next one.

    ``record`` is the file that remembers the process; ``notice`` gets one sentence each time
    the program had to be started again; ``prepare`` runs before each start.
    """

    def __init__(
        self,
        program: Program,
        *,
        record: Path,
        log: Path,
        notice: Callable[[str], None],
        prepare: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._program = program
        self._record = record
        self._log = log
        self._notice = notice
        self._prepare = prepare
        self._process: ProcessId | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int | None:
        """The process id, or None while it does not run."""
        current = self._process
        return current.pid if current is not None and process.alive(current) else None

    async def start(self) -> bool:
        """Adopt the running program or start it, and keep it; True when it was adopted.

        A running one with another command line is stopped first. Raises OSError when it can't
        be started.
        """
        self._process, current = await asyncio.to_thread(self._find)
        if self._process is not None and not current:
            await self._end(self._process)
            self._process = None
        adopted = self._process is not None
        if self._process is None:
            await self._spawn()
        self._write()
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._bound_log())]
        return adopted

    async def adoptable(self) -> bool:
        """Tell whether the program runs already, left by an earlier supervisor."""
        return (await asyncio.to_thread(self._find))[0] is not None

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal; one that does not run gets none."""
        if self._process is not None:
            process.send(self._process, number)

    async def stop(self) -> None:
        """Stop the program in order and let go of it."""
        await self.release()
        found = self._process or (await asyncio.to_thread(self._find))[0]
        if found is not None:
            await self._end(found)
        self._process = None
        self._record.unlink(missing_ok=True)

    async def release(self) -> None:
        """Stop watching; the program goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        attempt = 0
        while True:
            since = clock()
            if self._process is not None:
                await process.gone(self._process)
            attempt = 0 if clock() - since > _WELL_AFTER_SECONDS else attempt
            await asyncio.sleep(
                backoff(attempt, first=_FIRST_PAUSE_SECONDS, cap=_LONGEST_PAUSE_SECONDS)
            )
            attempt += 1
            await self._again()

    async def _again(self) -> None:
        self._process = None
        try:
            await self._spawn()
        except OSError as error:
            self._notice(f"{self._program.name} ended and can't be started again: {error}.")
            return
        self._write()
        self._notice(f"{self._program.name} had ended; it was started again.")

    async def _spawn(self) -> None:
        await self._prepare()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = process.spawn_detached(
                self._program.argv,
                env=self._program.env,
                output=log,
                user=self._program.user,
                pass_fds=self._program.pass_fds,
            )
        finally:
            os.close(log)

    def _find(self) -> tuple[ProcessId | None, bool]:
        """Return the running program, if any, and whether its command line is today's."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            noted = json.loads(self._record.read_text())
            if (known := process.recalled(noted)) is not None:
                return known, noted["fingerprint"] == self._program.fingerprint
        # The supervisor may have died between starting the program and noting it.
        return _running(self._program.argv), True

    def _write(self) -> None:
        if self._process is None:
            return
        noted = {
            "pid": self._process.pid,
            "started": self._process.started,
            "fingerprint": self._program.fingerprint,
        }
        write_atomic(self._record, json.dumps(noted))

    async def _end(self, running: ProcessId) -> None:
        process.send(running, self._program.stop_signal)
        try:
            await asyncio.wait_for(process.gone(running), self._program.stop_seconds)
        except TimeoutError:
            process.send(running, signal.SIGKILL)
            await process.gone(running)

    async def _bound_log(self) -> None:
        while True:
            await asyncio.to_thread(bound, self._log)
            await asyncio.sleep(_LOG_CHECK_SECONDS)


def bound(log: Path, limit: int = LOG_BYTES) -> None:
    """Keep a log that another process appends to below about twice ``limit`` bytes."""
    try:
        if log.stat().st_size < limit:
            return
        with log.open("r+b") as file:
            file.seek(-limit, os.SEEK_END)
            write_atomic(log.with_name(f"{log.name}.1"), file.read())
            file.truncate(0)
    except FileNotFoundError:
        return


def _running(argv: Sequence[str]) -> ProcessId | None:
    wanted = b"".join(arg.encode() + b"\0" for arg in argv)
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if command.read_bytes() == wanted:
                return process.identify(int(command.parent.name))
    return None
