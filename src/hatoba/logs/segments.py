"""One app's lines on disk: text files, each named by the id of its first line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hatoba.logs.base import LogFilter, LogLine
from hatoba.logs.bounds import KEEP_LINES
from hatoba.logs.lines import matches

SEGMENT_BYTES = 1024 * 1024
# At least 1,500 lines are kept whatever their size; at most this much of one app.
KEEP_BYTES = 64 * 1024 * 1024
_BLOCK = 256 * 1024


@dataclass
class _Segment:
    path: Path
    first: int
    lines: int
    size: int


class Segments:
    """Appends to the newest file, reads from the end, drops the oldest."""

    def __init__(
        self, folder: Path, *, segment: int = SEGMENT_BYTES, keep: int = KEEP_BYTES
    ) -> None:
        self._folder = folder
        self._limit = segment
        self._keep = keep
        paths = sorted(folder.glob("*.log"))
        self._segments = [self._known(p) for p in paths] or [self._new(1)]
        self._file: int | None = None

    @staticmethod
    def _known(path: Path) -> _Segment:
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(path, whole)
        return _Segment(path, int(path.stem), data.count(b"\n"), whole)

    def _new(self, first: int) -> _Segment:
        return _Segment(self._folder / f"{first:016d}.log", first, 0, 0)

    def _open(self, segment: _Segment) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(segment.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @property
    def _opened(self) -> int:
        if self._file is None:
            self._file = self._open(self._segments[-1])
        return self._file

    @property
    def next_id(self) -> int:
        """The id that the next line gets."""
        last = self._segments[-1]
        return last.first + last.lines

    @property
    def place(self) -> tuple[int, int]:
        """The newest file's first id and its size: what to go back to if a write is undone."""
        last = self._segments[-1]
        return last.first, last.size

    def undo(self, first: int, size: int) -> None:
        """Go back to an earlier ``place`` in the newest file, or remove files begun since."""
        while len(self._segments) > 1 and self._segments[-1].first > first:
            self._segments.pop().path.unlink(missing_ok=True)
        last = self._segments[-1]
        if last.first == first and last.size > size:
            os.truncate(last.path, size)
            self._segments[-1] = self._known(last.path)
        self.close()

    def append(self, text: bytes, *, first: int | None = None) -> int:
        """Add whole lines; return how many. ``first`` leaves out ids up to that one.

        Raises OSError with nothing added.
        """
        if self._segments[-1].size >= self._limit or (first or 0) > self.next_id:
            self._rotate(first or self.next_id)
        last, file = self._segments[-1], self._opened
        try:
            written = os.write(file, text)
        except OSError:
            os.ftruncate(file, last.size)
            raise
        if written < len(text):
            os.ftruncate(file, last.size)
            raise OSError(28, "No space left on device")
        count = text.count(b"\n")
        last.lines += count
        last.size += len(text)
        return count

    def _rotate(self, first: int) -> None:
        fresh = self._new(first)
        file = self._open(fresh)
        self.close()
        self._file = file
        self._segments.append(fresh)
        self.trim()

    def trim(self) -> None:
        """Drop the oldest files that are beyond the bound, but keep 1,500 lines."""
        while sum(s.size for s in self._segments) > self._keep and len(self._segments) > 1:
            if sum(s.lines for s in self._segments[1:]) < KEEP_LINES:
                return
            self.drop(self._segments[0].first)

    def drop(self, first: int) -> None:
        """Delete the file that begins with that line, unless it is the newest."""
        for segment in self._segments[:-1]:
            if segment.first == first:
                segment.path.unlink(missing_ok=True)
                self._segments.remove(segment)
                return

    def recent(self, count: int, chosen: LogFilter) -> list[LogLine]:
        """Return the last lines that match, oldest first."""
        found: list[LogLine] = []
        for line in self._backwards():
            if len(found) == count:
                break
            if matches(line.text, chosen):
                found.append(line)
        return found[::-1]

    def after(self, line_id: int) -> Iterator[LogLine]:
        """Yield the lines with a greater id, oldest first."""
        for segment in list(self._segments):
            if not segment.lines or segment.first + segment.lines <= line_id + 1:
                continue
            try:
                file = segment.path.open("rb")
            except FileNotFoundError:
                # A slow reader is overtaken by the bounds.
                continue
            with file:
                for number, text in enumerate(file, start=segment.first):
                    if number > line_id:
                        yield LogLine(number, text.rstrip(b"\n"))

    def _backwards(self) -> Iterator[LogLine]:
        for segment in reversed(self._segments):
            number = segment.first + segment.lines
            for text in _lines_backwards(segment.path, segment.size):
                number -= 1
                yield LogLine(number, text)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _lines_backwards(path: Path, size: int) -> Iterator[bytes]:
    """Yield a file's lines from its end, reading it by the block."""
    if not size:
        return
    with path.open("rb") as file:
        end, rest = size, b""
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            data = file.read(end - start) + rest
            lines = data.split(b"\n")
            rest = lines.pop(0)
            if start + len(data) == size and lines and not lines[-1]:
                lines.pop()
            yield from reversed(lines)
            end = start
        yield rest
