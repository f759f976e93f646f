"""What dynos printed and nobody has stored yet: records in segment files, bounded, with offsets.

Standard library only, because the runner must stay small.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from hatoba.engines.node import wire

SEGMENT = 4 * 1024 * 1024
BOUND = 64 * 1024 * 1024


class Spool:
    """An append-only sequence of records; an offset counts bytes since the spool began.

    A segment file is named by the offset at which it starts. Data is in the page cache when
    ``append`` returns: it outlives the process, not the machine.
    """

    def __init__(self, folder: Path, *, segment: int = SEGMENT, bound: int = BOUND) -> None:
        self._folder = folder
        self._segment = segment
        self._bound = bound
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._starts = sorted(int(p.name) for p in folder.iterdir() if p.name.isdigit())
        if not self._starts:
            self._starts = [0]
        last = folder / f"{self._starts[-1]:020d}"
        self._file = os.open(last, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.end = self._starts[-1] + self._mend()
        self.acknowledged = self._starts[0]

    def _mend(self) -> int:
        """Cut off a record that a kill left half written, or damage; return what is left."""
        size = os.fstat(self._file).st_size
        good = sum(len(wire.encode(*found)) for found in _whole(os.pread(self._file, size, 0)))
        if good < size:
            os.ftruncate(self._file, good)
        return good

    @property
    def start(self) -> int:
        """The offset of the oldest record that is still there."""
        return self._starts[0]

    @property
    def full(self) -> bool:
        """Whether the bound is reached."""
        return self.end - max(self.start, self.acknowledged) >= self._bound

    def append(self, header: wire.Header, data: bytes) -> None:
        """Add a record. Raises OSError (a full disk) with nothing added."""
        if self.end - self._starts[-1] >= self._segment:
            self._rotate()
        record = wire.encode(header, data)
        try:
            written = os.write(self._file, record)
        except OSError:
            os.ftruncate(self._file, self.end - self._starts[-1])
            raise
        if written < len(record):
            os.ftruncate(self._file, self.end - self._starts[-1])
            raise OSError(28, "No space left on device")
        self.end += len(record)

    def _rotate(self) -> None:
        path = self._folder / f"{self.end:020d}"
        fresh = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.close(self._file)
        self._file = fresh
        self._starts.append(self.end)

    def acknowledge(self, offset: int) -> None:
        """Everything before the offset is stored elsewhere; whole segments of it go."""
        self.acknowledged = max(self.acknowledged, min(offset, self.end))
        while len(self._starts) > 1 and self._starts[1] <= self.acknowledged:
            self._remove_oldest()

    def drop_oldest(self) -> dict[str, int]:
        """Give up the oldest segment for room; return how many bytes each dyno lost."""
        if len(self._starts) == 1:
            self._rotate()
        lost = self._unread_of_oldest()
        self._remove_oldest()
        self.acknowledged = max(self.acknowledged, self.start)
        return lost

    def _unread_of_oldest(self) -> dict[str, int]:
        found = dict[str, int]()
        with (self._folder / f"{self.start:020d}").open("rb") as file:
            file.seek(max(self.acknowledged - self.start, 0))
            unread = file.read()
        for header, data in _whole(unread):
            found[header["d"]] = found.get(header["d"], 0) + len(data) + header.get("x", 0)
        return found

    def _remove_oldest(self) -> None:
        oldest = self._starts.pop(0)
        with contextlib.suppress(FileNotFoundError):
            (self._folder / f"{oldest:020d}").unlink()

    def past(self, offset: int) -> int:
        """Return where the segment after the one of an offset begins, for a reader of damage."""
        if offset >= self._starts[-1] and self.end > self._starts[-1]:
            self._rotate()
        return next((start for start in self._starts if start > offset), self.end)

    def read(self, offset: int, limit: int) -> bytes:
        """Return whole segments' bytes from an offset on, at most ``limit``; empty at the end."""
        offset = max(offset, self.start)
        start = max(s for s in self._starts if s <= offset)
        with (self._folder / f"{start:020d}").open("rb") as file:
            file.seek(offset - start)
            return file.read(limit)


def _whole(data: bytes) -> Iterator[tuple[wire.Header, bytes]]:
    """Give the records up to the first that is not whole."""
    decoder = wire.Decoder()
    decoder.feed(data)
    with contextlib.suppress(wire.WireError):
        while (found := decoder.next()) is not None:
            yield found
