"""The only printer: data on standard output, everything else on standard error.

Colour is never the only sign, and used on a terminal alone.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TextIO

import msgspec

from hatoba.cli import tables

_POINT = " ▸    "
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
# A wait is shown with its seconds once it is longer than this.
SHOW_SECONDS_AFTER = 2.0


class Output:
    """Prints to two streams. ``color`` allows colour where a stream is a terminal."""

    def __init__(
        self, *, color: bool, data: TextIO | None = None, notes: TextIO | None = None
    ) -> None:
        self._data = data or sys.stdout
        self._notes = notes or sys.stderr
        self._color_data = color and self._data.isatty()
        self._color_notes = color and self._notes.isatty()
        self._open: Progress | None = None
        self._passing = False
        self._whole_rows = False

    @property
    def terminal(self) -> bool:
        """Tell whether what is said goes to a terminal."""
        return self._notes.isatty()

    def force_color(self) -> None:
        """Have data in colour wherever it goes."""
        self._color_data = True

    def data(self, line: str = "") -> None:
        """Print a line of what was asked for."""
        self._data.write(f"{line}\n")

    def raw(self, piece: bytes) -> None:
        """Print bytes of what was asked for, at once."""
        self._data.flush()
        self._data.buffer.write(piece)
        self._data.buffer.flush()

    def note(self, piece: bytes) -> None:
        """Print bytes that are not data, at once."""
        self._end_open_line()
        self._notes.write(piece.decode(errors="replace"))
        self._notes.flush()

    def flush(self) -> None:
        """Hand everything printed on; raises BrokenPipeError when nobody reads it."""
        self._data.flush()
        self._notes.flush()

    def json(self, value: object) -> None:
        """Print data as JSON."""
        raw = msgspec.json.format(msgspec.json.encode(value), indent=2)
        self.data(raw.decode())

    def header(self, title: str) -> None:
        """Print the title over a part of the data."""
        self.data(f"{self.paint('===', 'dim')} {self.paint(title, 'bold')}")
        self.data()

    def fields(self, values: Mapping[str, object]) -> None:
        """Print names and values below each other; a list takes a line each."""
        shown = {k: v for k, v in values.items() if v is not None and v != []}
        width = max((len(k) for k in shown), default=0) + 2
        for name, value in shown.items():
            lines = [str(v) for v in value] if isinstance(value, list) else [str(value)]
            label = self.paint(f"{name}:", "bold") + " " * (width - len(name) - 1)
            self.data(f"{label}{lines[0]}")
            for line in lines[1:]:
                self.data(" " * width + line)

    def keep_rows(self) -> None:
        """Have each row of a table be one line, also where the terminal is narrower."""
        self._whole_rows = True

    def table(self, rows: Sequence[tables.Row], heads: tables.Row = ()) -> None:
        """Print columns; without heads only the rows.

        A terminal that is too narrow gets cells of several lines, or rows one below the other.
        """
        everything = [heads, *rows] if heads else rows
        room = None if self._whole_rows else _columns(self._data)
        margin = " " if heads else ""
        widths = tables.fitting(everything, room - len(margin)) if room else None
        if room and heads and widths is None:
            self._below_each_other(rows, heads)
            return
        widths = widths or tables.natural(everything)
        if heads:
            for line in tables.lines(heads, widths):
                self.data(f" {self.paint(line, 'bold')}")
            self.data(f" {'  '.join('─' * w for w in widths)}")
        for row in rows:
            for line in tables.lines(row, widths):
                self.data(f"{margin}{line}")

    def _below_each_other(self, rows: Sequence[tables.Row], heads: tables.Row) -> None:
        width = max(map(len, heads)) + 2
        for number, row in enumerate(rows):
            if number:
                self.data()
            for head, cell in zip(heads, row, strict=True):
                label = f"{head}:" if head else ""
                if cell:
                    self.data(f"{self.paint(label, 'bold')}{' ' * (width - len(label))}{cell}")

    def entries(self, rows: Iterable[tuple[str, str]], width: int) -> None:
        """Print names, in a column of that width, and what each is; a long text goes on below."""
        room = _columns(self._data)
        for name, text in rows:
            label = f"  {name.ljust(width)} "
            first, *more = tables.wrapped(text, room - len(label)) if room else [text]
            self.data(f"{label}{first}")
            for part in more:
                self.data(f"{' ' * len(label)}{part}")

    def paint(self, text: str, color: str) -> str:
        """Return text in a colour for the data, or as it is where there are no colours."""
        return _paint(text, color) if self._color_data else text

    def say(self, line: str = "", color: str = "") -> None:
        """Print a line that is not data."""
        self._end_open_line()
        self._notes.write(f"{_paint(line, color) if color and self._color_notes else line}\n")
        self._notes.flush()

    def warn(self, line: str) -> None:
        """Print a warning."""
        self.say(f" ›   Warning: {line}", "yellow")

    def error(self, message: str, hints: Iterable[str] = ()) -> None:
        """Print what went wrong, and what to do about it."""
        for number, line in enumerate(message.splitlines() or [""]):
            self._point(line, "red" if number == 0 else "")
        for hint in hints:
            self._point(hint)

    def _point(self, line: str, color: str = "") -> None:
        """Print a line of an error, in as many as a terminal's width needs."""
        room = _columns(self._notes)
        for part in tables.wrapped(line, room - len(_POINT)) if room else [line]:
            self.say(f"{_POINT}{part}", color)

    def ask(self, question: str) -> str:
        """Ask a question on standard error and return the answer without its line end.

        Raises EOFError when the input has ended.
        """
        self._end_open_line()
        self._notes.write(f"{question} ")
        self._notes.flush()
        line = sys.stdin.readline()
        if not line:
            self._notes.write("\n")
            raise EOFError
        return line.strip()

    def progress(self, text: str) -> Progress:
        """Start a line such as ``Scaling... `` that ends with ``done`` or what came instead."""
        self._end_open_line()
        self._open = Progress(self, self._notes, text)
        return self._open

    def waiting(self, seconds: float) -> None:
        """Show on a terminal that something is waited for; the next line takes its place."""
        if self.terminal and seconds > SHOW_SECONDS_AFTER and self._open is None:
            self._passing = True
            self._notes.write(f"\r\x1b[K  looking... {seconds:.0f} s")
            self._notes.flush()

    def close_line(self, progress: Progress) -> None:
        """Note that a progress line has ended by itself."""
        if self._open is progress:
            self._open = None

    def _end_open_line(self) -> None:
        if self._passing:
            self._passing = False
            self._notes.write("\r\x1b[K")
        if self._open is not None:
            self._open.interrupt()


class Progress:
    """One line of something that takes a while; use as a context manager."""

    def __init__(self, output: Output, stream: TextIO, text: str) -> None:
        self._output = output
        self._stream = stream
        self._text = text
        self._ended = False
        self._since = time.monotonic()
        self._result = "done"
        stream.write(f"{text}... ")
        stream.flush()

    def status(self, text: str) -> None:
        """Show how far it is; on a terminal only, with seconds once it takes long."""
        if self._ended or not self._output.terminal:
            return
        elapsed = time.monotonic() - self._since
        seconds = f" {elapsed:.0f} s" if elapsed > SHOW_SECONDS_AFTER else ""
        self._stream.write(f"\r\x1b[K{self._text}... {text}{seconds}")
        self._stream.flush()

    def done(self, result: str) -> None:
        """Say how it ended instead of ``done``."""
        self._result = result

    def interrupt(self) -> None:
        """End the line, because something else must be printed meanwhile."""
        if not self._ended:
            self._finish("")

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._ended:
            self._finish(self._result if kind is None else "!")

    def _finish(self, result: str) -> None:
        self._ended = True
        self._output.close_line(self)
        clear = f"\r\x1b[K{self._text}... " if self._output.terminal else ""
        self._stream.write(f"{clear}{result}\n")
        self._stream.flush()


def _columns(stream: TextIO) -> int | None:
    """Return how wide a stream's terminal is; None for no terminal, or one that does not say."""
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def _paint(text: str, color: str) -> str:
    return f"\x1b[{_CODES[color]}m{text}\x1b[0m"
