"""Keeps the daemon alive: starts hatobad, and again within a second when it dies.

One that dies again and again is started ever later, at last every 30 seconds, and never given up:
what ails it, such as a full disk, may pass while nobody looks.

A process of its own, from the standard library alone, so that little can go wrong in it.
SIGTERM stops the daemon in order (which stops everything it supervises) and then the keeper; if
the daemon is dead just then, it is started once more, to stop what runs on. SIGHUP is handed on
to the daemon. A daemon that outlived its keeper is taken over.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

# Exit codes, besides 0 for a stop in order.
CANNOT_START = 78
"""The daemon's own code for a StartupError: starting it again would not help."""
ALREADY_KEPT = 73

# A daemon that lived so long was well; its next death is the first again.
WELL_AFTER_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
# At this size the log is moved aside, replacing the one before.
LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Process:
    """A process by id and start time (ticks since boot), since ids are used again."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Tell whether exactly this process still runs."""
        return self.started != 0 and started(self.pid) == self.started


class Keeper:
    """One daemon, and the file that tells others about it."""

    def __init__(self, argv: list[str], runtime_dir: Path, log: Path) -> None:
        self._argv = argv
        self._state = runtime_dir / "keeper.json"
        self._log = log
        self._daemon: Process | None = None
        self._deaths = 0
        self._stopping = False

    def run(self) -> int:
        """Keep the daemon running until asked to stop; return the exit code."""
        # Blocked, so that it can be waited for; the handlers send it to end a pause.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._hand_on)
        try:
            return self._keep()
        finally:
            self._state.unlink(missing_ok=True)

    def _keep(self) -> int:
        self._adopt()
        last = self._stopping
        while not last:
            last = self._stopping
            began = time.monotonic()
            status = self._once()
            if status in (0, CANNOT_START):
                return 0 if self._stopping else status
            lived = time.monotonic() - began
            self._deaths = 1 if lived > WELL_AFTER_SECONDS else self._deaths + 1
            seconds = pause(self._deaths)
            again = f"; it is started again in {seconds:.0f} s" if seconds else ""
            self._note(f"hatobad ended with status {status} after {lived:.0f} s{again}")
            self._pause(seconds)
        return 0

    def _once(self) -> int:
        self._turn_log()
        with self._log.open("ab") as log, _sigterm_blocked():
            child = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
            self._watch(Process(child.pid, started(child.pid)))
        status = child.wait()
        self._daemon = None
        return status

    def _adopt(self) -> None:
        """Wait for the end of a daemon that a keeper before this one has left behind."""
        left = daemon_of(self._state)
        if left is None or not left.alive:
            return
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(left.pid)
            self._note(f"took over hatobad, process {left.pid}")
            self._watch(left)
            select.select([descriptor], [], [])
            os.close(descriptor)
        self._daemon = None

    def _watch(self, daemon: Process) -> None:
        self._daemon = daemon
        self._write_state(daemon)
        if self._stopping:
            # The signal to stop came while the daemon was being started.
            self._signal(signal.SIGTERM)

    def _pause(self, seconds: float) -> None:
        if not self._stopping and seconds:
            signal.sigtimedwait([signal.SIGUSR2], seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping = True
        self._signal(signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGUSR2)

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._signal(signal.Signals(number))

    def _signal(self, number: signal.Signals) -> None:
        if self._daemon is not None and self._daemon.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._daemon.pid, number)

    def _write_state(self, daemon: Process) -> None:
        own = Process(os.getpid(), started(os.getpid()))
        draft = self._state.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            state = {"keeper": vars(own), "daemon": vars(daemon), "deaths": self._deaths}
            json.dump(state, file)
        draft.replace(self._state)

    def _turn_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))

    def _note(self, text: str) -> None:
        with self._log.open("a") as log:
            log.write(f"keeper: {text}\n")


@contextlib.contextmanager
def _sigterm_blocked() -> Iterator[None]:
    """Hold SIGTERM back, also for what is started meanwhile: until it can stop in order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def pause(deaths: int) -> float:
    """Return the seconds to wait before the restart after so many deaths in a row."""
    return 0.0 if deaths <= 1 else min(LONGEST_PAUSE_SECONDS, 2.0 ** min(deaths - 2, 5))


def started(pid: int) -> int:
    """Return the process's start time in ticks since boot, 0 when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    fields = stat[stat.rindex(b")") + 2 :].split()
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])


def daemon_of(state: Path) -> Process | None:
    """Return the daemon that a state file names."""
    try:
        return Process(**json.loads(state.read_text())["daemon"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def main() -> int:
    """Run the keeper: arguments are the runtime folder, the log and the daemon's command."""
    runtime_dir, log, *argv = sys.argv[1:]
    with (Path(runtime_dir) / "keeper.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return ALREADY_KEPT
        return Keeper(argv, Path(runtime_dir), Path(log)).run()


if __name__ == "__main__":
    sys.exit(main())
