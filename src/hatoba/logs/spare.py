"""The newest lines of an app, kept in memory while the disk takes none."""

from __future__ import annotations

from collections import deque

from hatoba.logs.base import LogLine

SPARE_BYTES = 1024 * 1024


class Spare:
    """Blocks of whole lines, each with the id of its first; the oldest go beyond the bound."""

    def __init__(self) -> None:
        self.blocks: deque[tuple[int, bytes]] = deque()
        self.dropped = 0
        self._size = 0

    def add(self, first: int, text: bytes) -> None:
        """Keep whole lines."""
        self.blocks.append((first, text))
        self._size += len(text)
        while self._size > SPARE_BYTES and len(self.blocks) > 1:
            self.dropped += self.take()[1].count(b"\n")

    def take(self) -> tuple[int, bytes]:
        """Remove the oldest block and return it."""
        first, text = self.blocks.popleft()
        self._size -= len(text)
        return first, text

    @property
    def next_id(self) -> int:
        """The id after the last line; there must be one."""
        first, text = self.blocks[-1]
        return first + text.count(b"\n")

    def lines(self) -> list[LogLine]:
        """Return every line, oldest first."""
        return [
            LogLine(number, line)
            for first, text in self.blocks
            for number, line in enumerate(text.split(b"\n")[:-1], start=first)
        ]
