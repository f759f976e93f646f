"""The pipes and terminals between a dyno and the runner. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import termios
from dataclasses import dataclass
from pathlib import Path

PIPE_BYTES = 1024 * 1024
_F_SETPIPE_SZ = 1031


@dataclass
class Streams:
    """An attached dyno's ends at the runner: where to write its input, where to read its output.

    ``kept`` are the dyno's own ends, held until it has ended: before it has opened them, its
    output must not seem closed, nor may the input that it is given be lost.
    """

    stdin: int
    stdout: int
    terminal: bool
    kept: tuple[int, ...] = ()

    @property
    def open(self) -> set[int]:
        """The descriptors that are open."""
        return {d for d in (self.stdin, self.stdout, *self.kept) if d >= 0}

    def let_end(self) -> None:
        """Have the output end where the dyno's own has ended."""
        for descriptor in self.kept:
            os.close(descriptor)
        self.kept = ()


@dataclass
class Pipes:
    """Both sides of what is between the runner and a process that it starts itself."""

    child_in: int
    child_out: int
    output: int | None = None
    streams: Streams | None = None

    def close_childs(self) -> None:
        """Close what the process has inherited by now."""
        for descriptor in {self.child_in, self.child_out}:
            os.close(descriptor)

    def close_ours(self) -> None:
        """Close the runner's side: there is no process."""
        ours = self.streams.open if self.streams else set[int]()
        for descriptor in ours if self.output is None else {*ours, self.output}:
            os.close(descriptor)


def fifo(path: Path, user: int | None) -> Pipes:
    """Have the process print into a named pipe, which outlives the runner."""
    make_fifo(path, user)
    return Pipes(
        child_in=os.open("/dev/null", os.O_RDONLY),
        child_out=os.open(path, os.O_RDWR),
        output=open_fifo(path),
    )


def make_fifo(path: Path, user: int | None) -> Path:
    """Make a named pipe for a dyno's user."""
    os.mkfifo(path, 0o600)
    if user is not None:
        os.chown(path, user, user)
    return path


def open_fifo(path: Path) -> int:
    """Open a named pipe at both ends, so that it neither ends nor breaks."""
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, PIPE_BYTES)
    return descriptor


def plain() -> Pipes:
    """Connect the process's standard streams to pipes without a name."""
    child_in, ours_in = os.pipe()
    ours_out, child_out = os.pipe()
    os.set_blocking(ours_in, False)
    os.set_blocking(ours_out, False)
    return Pipes(child_in, child_out, streams=Streams(ours_in, ours_out, terminal=False))


def terminal(size: list[int]) -> Pipes:
    """Connect the process's standard streams to a new terminal of that many columns and rows."""
    columns, rows = size
    ours, theirs = pty.openpty()
    set_size(theirs, columns, rows)
    os.set_blocking(ours, False)
    return Pipes(theirs, theirs, streams=Streams(ours, ours, terminal=True))


def set_size(terminal: int, columns: int, rows: int) -> None:
    """Give a terminal its size; what runs in its foreground hears of it by SIGWINCH."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def outside_terminal(size: list[int], user: int | None) -> tuple[Streams, str]:
    """Make a terminal for a dyno that somebody else starts; return it and the dyno's device."""
    made = terminal(size)
    if user is not None:
        os.fchown(made.child_in, user, user)
    assert made.streams is not None  # noqa: S101 a terminal always has them
    made.streams.kept = (made.child_in,)
    return made.streams, os.ttyname(made.child_in)


def outside_streams(folder: Path, user: int | None) -> Streams:
    """Make named pipes ``stdin`` and ``stdout`` for a dyno that somebody else starts."""
    stdin, stdout = (make_fifo(folder / name, user) for name in ("stdin", "stdout"))
    # Who opens one end waits for somebody at the other, but for those that say NONBLOCK.
    reads, writes = os.O_RDONLY | os.O_NONBLOCK, os.O_WRONLY | os.O_NONBLOCK
    unread = os.open(stdin, reads)
    printed = os.open(stdout, reads)
    return Streams(
        stdin=os.open(stdin, writes),
        stdout=printed,
        terminal=False,
        kept=(unread, os.open(stdout, writes)),
    )
