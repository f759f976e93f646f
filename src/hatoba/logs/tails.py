"""Readers of new lines. Each has a bounded buffer of its own; none slows a writer."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime

from hatoba.logs.base import LogFilter, LogLine
from hatoba.logs.lines import matches, prefix

BUFFER_BYTES = 4 * 1024 * 1024


class Tail:
    """One reader. What it could not take in time is counted, and said by an L11 line."""

    def __init__(self, chosen: LogFilter) -> None:
        self._chosen = chosen
        self._blocks: deque[tuple[int, bytes]] = deque()
        self._size = 0
        self._dropped = 0
        self._since = datetime.now(UTC)
        self._ready = asyncio.Event()

    def push(self, first: int, text: bytes) -> None:
        """Offer whole lines, the first of which has this id."""
        if self._size + len(text) > BUFFER_BYTES:
            if not self._dropped:
                self._since = datetime.now(UTC)
            self._dropped += text.count(b"\n")
        else:
            self._blocks.append((first, text))
            self._size += len(text)
        self._ready.set()

    async def next(self, after: int) -> list[LogLine]:
        """Wait for lines with a greater id that match; the list may be empty."""
        await self._ready.wait()
        self._ready.clear()
        found: list[LogLine] = []
        while self._blocks:
            first, text = self._blocks.popleft()
            self._size -= len(text)
            for number, line in enumerate(text.split(b"\n")[:-1], start=first):
                if number > after and matches(line, self._chosen):
                    found.append(LogLine(number, line))
        if self._dropped:
            found.append(self._overflow(found[-1].id if found else after))
        return found

    @staticmethod
    def only(lines: list[LogLine], chosen: LogFilter) -> list[LogLine]:
        """Return the lines that match."""
        return [line for line in lines if matches(line.text, chosen)]

    def _overflow(self, line_id: int) -> LogLine:
        """Heroku's words: https://devcenter.heroku.com/articles/error-codes#l11-tail-buffer-overflow."""
        count, self._dropped = self._dropped, 0
        start = prefix(datetime.now(UTC), "heroku", "logplex")
        since = self._since.isoformat(timespec="microseconds")
        words = f"Error L11 (Tail buffer overflow) -> This tail session dropped {count} messages "
        return LogLine(line_id, start + f"{words}since {since}.".encode())
