"""This terminal, or these pipes, joined to a dyno's."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import ssl
import sys
import time
from collections.abc import Callable, Iterator

from hatoba.cli.session import Session
from hatoba.client import dynos, rendezvous
from hatoba.client.errors import ClientError
from hatoba.client.rendezvous import END_OF_INPUT, ExitStatus, Link
from hatoba.schema.platform import Dyno

CTRL_C = b"\x03"
# So many Ctrl-C within a second leave a dyno that does not react; the official command's rule.
FORCE_COUNT = 4
FORCE_SECONDS = 1.0


class Forced(Exception):
    """The user pressed Ctrl-C again and again."""


def run(
    session: Session, app: str, title: str, start: Callable[[], Dyno], *, terminal: bool
) -> int:
    """Have a command started, join this terminal to it, and return its exit code."""
    with session.out.progress(title) as progress:
        dyno = start()
        progress.status(f"connecting, {dyno.name}")
        if not dyno.attach_url:
            raise ClientError("The platform gave no address to attach to.")
        url = dyno.attach_url
        link = rendezvous.connect(url, session.target.ca)
        progress.done(f"up, {dyno.name} ({dyno.size})")

    def resized(columns: int, rows: int) -> None:
        with contextlib.suppress(ClientError):
            dynos.resize(session.api, app, url, columns, rows)

    try:
        code = Attached(link, terminal=terminal, resized=resized).run()
    except Forced:
        raise ClientError(f"Disconnected from {dyno.name} by force.") from None
    if code is None:
        raise ClientError(f"{dyno.name} ended without telling an exit code. See: heroku logs")
    return code


class Attached:
    """Copies bytes both ways until the dyno's side ends.

    ``terminal`` says that keys go over one by one, Ctrl-C too; ``resized`` is called with its
    new columns and rows.
    """

    def __init__(self, link: Link, *, terminal: bool, resized: Callable[[int, int], None]) -> None:
        self._link = link
        self._terminal = terminal
        self._resized = resized
        self._window: int | None = None
        self._status = ExitStatus()
        self._input: int | None = sys.stdin.fileno()
        self._pressed: list[float] = []
        self._carriage_return = b""

    def run(self) -> int | None:
        """Copy, and return the exit status of the command, None when it was not told.

        Raises Forced, and KeyboardInterrupt where there is no terminal.
        """
        with (
            _raw(self._terminal),
            _window_changes(self._terminal) as self._window,
            contextlib.closing(self._link),
        ):
            while not self._output_ended() and self._status.code is None:
                self._wait()
        self._show(self._status.finish())
        return self._status.code

    def _wait(self) -> None:
        connection = self._link.connection
        readers: list[ssl.SSLSocket | int] = [connection]
        if self._input is not None and self._link.has_room:
            readers.append(self._input)
        if self._window is not None:
            readers.append(self._window)
        writers = [connection] if self._link.waiting else []
        ready, writable, _ = select.select(readers, writers, [])
        if self._window in ready:
            os.read(self._window, 4096)
            self._resized(*os.get_terminal_size(sys.stdout.fileno()))
        try:
            if writable:
                self._link.flush()
            if self._input in ready:
                self._read_input()
        except OSError:
            # The other side has closed for input; what it still has to say is read.
            self._input = None

    def _read_input(self) -> None:
        assert self._input is not None  # noqa: S101 it was just ready
        data = os.read(self._input, 65536)
        if not data:
            self._input = None
            self._link.send(END_OF_INPUT)
            return
        if self._terminal and not data.strip(CTRL_C):
            self._count_interrupts(len(data))
        self._link.send(data)

    def _count_interrupts(self, count: int) -> None:
        now = time.monotonic()
        recent = [t for t in self._pressed if t > now - FORCE_SECONDS]
        self._pressed = [*recent, *([now] * count)]
        if len(self._pressed) >= FORCE_COUNT:
            raise Forced

    def _output_ended(self) -> bool:
        for piece in self._link.pieces():
            if not piece:
                return True
            self._show(self._status.feed(piece))
        return False

    def _show(self, data: bytes) -> None:
        if not sys.stdout.isatty():
            data = self._plain_lines(data)
        view = memoryview(data)
        while view:
            view = view[os.write(sys.stdout.fileno(), view) :]

    def _plain_lines(self, data: bytes) -> bytes:
        """Turn a terminal's line ends into a file's, also where one is cut in two."""
        data = self._carriage_return + data
        self._carriage_return = b"\r" if data.endswith(b"\r") else b""
        return data.removesuffix(b"\r").replace(b"\r\n", b"\n")


@contextlib.contextmanager
def _window_changes(wanted: bool) -> Iterator[int | None]:
    """Give a descriptor that can be read from after the terminal's size has changed."""
    if not wanted:
        yield None
        return
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)

    def tell(number: int, frame: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(theirs, b".")

    before = signal.signal(signal.SIGWINCH, tell)
    try:
        yield ours
    finally:
        signal.signal(signal.SIGWINCH, before)
        os.close(ours)
        os.close(theirs)


@contextlib.contextmanager
def _raw(wanted: bool) -> Iterator[None]:
    """Give every key to the dyno, and the terminal back as it was."""
    if not wanted:
        yield
        return
    import termios
    import tty

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    # Not the default, which throws away what was typed ahead.
    tty.setraw(keyboard, termios.TCSADRAIN)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
