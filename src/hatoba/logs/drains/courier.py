"""Carries one app's lines to one drain, in order, from where it left off."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from hatoba.kit.clock import Clock
from hatoba.kit.retry import backoff
from hatoba.logs.base import LogFilter, LogLine, Logs
from hatoba.logs.drains.senders import Sender, Undelivered, sender
from hatoba.model.drain import Drain

_BATCH_LINES, _BATCH_BYTES = 500, 512 * 1024
_FIRST_SECONDS, _MOST_SECONDS = 1.0, 60.0
_ALL = LogFilter()


class Cursor:
    """A file with the id of the last line that the drain has taken."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int | None:
        """Return the id, None for a drain that has taken nothing yet."""
        try:
            return int(self._path.read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def write(self, line_id: int) -> None:
        """Note the id. Without a sync: after a crash of the machine some lines are sent twice."""
        with contextlib.suppress(OSError):
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(file, b"%020d" % line_id, 0)
            os.close(file)

    def forget(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


class Courier:
    """One drain's work, without an end.

    ``problem`` says in words why lines wait, None while all is well. ``taken`` is the id of the
    last line that is done with, ``delivered`` how many lines were taken since its start.
    What was dropped from the store before the drain took it is said by an L10 line:
    https://devcenter.heroku.com/articles/error-codes#l10-drain-buffer-overflow
    """

    def __init__(
        self,
        drain: Drain,
        logs: Logs,
        cursor: Cursor,
        clock: Clock,
        *,
        connect: Callable[[Drain], Sender] = sender,
    ) -> None:
        self._drain = drain
        self._logs = logs
        self._cursor = cursor
        self._clock = clock
        self._sender = connect(drain)
        self._failures = 0
        self._dropped = 0
        self._since = clock.now()
        self.problem: str | None = None
        self.delivered = 0
        self.taken = self._start()

    def _start(self) -> int:
        known = self._cursor.read()
        if known is None:
            last = self._logs.recent(self._drain.app_id, 1, _ALL)
            known = last[-1].id if last else 0
            self._cursor.write(known)
        return known

    async def run(self) -> None:
        """Carry lines until cancelled."""
        try:
            while True:
                await self._round()
        finally:
            await self._sender.close()

    async def _round(self) -> None:
        """Carry what is stored, then what comes; return when live lines were missed."""
        fresh = True
        async for found in self._logs.tail(self._drain.app_id, _ALL, after=self.taken):
            lines = list(_new(found, self.taken))
            gap = lines[0].id - self.taken - 1 if lines else 0
            if gap and not fresh:
                return
            if gap:
                self._lost(gap, self._clock.now())
            fresh = False
            for batch in batches(lines):
                await self._deliver(batch)
            # A reader that was too slow is told so by a line without an id of its own.
            if len(lines) < len(found):
                return

    async def _deliver(self, batch: list[LogLine]) -> None:
        while True:
            try:
                await self._sender.send([line.text for line in batch])
            except Undelivered as error:
                self._trouble(error)
                wait = backoff(self._failures, first=_FIRST_SECONDS, cap=_MOST_SECONDS)
                self._failures += 1
                await self._clock.sleep(wait)
                if error.final:
                    # Sent again it would only hold up all that follow.
                    self._dropped += len(batch)
                    break
            else:
                self._well()
                self.delivered += len(batch)
                break
        self.taken = batch[-1].id
        self._cursor.write(self.taken)

    def _trouble(self, error: Undelivered) -> None:
        if self.problem is None:
            self._since = self._clock.now()
            about = f"Error {error.code} (Certificate validation error) -> " if error.code else ""
            self._say(f"{about}drain '{self._drain.token}' takes no lines: {error}")
        self.problem = str(error)

    def _well(self) -> None:
        self._failures = 0
        if self.problem is None:
            return
        self.problem = None
        self._say(f"drain '{self._drain.token}' takes lines again")
        if self._dropped:
            self._lost(self._dropped, self._since)
            self._dropped = 0

    def _lost(self, count: int, since: datetime) -> None:
        self._say(
            f"Error L10 (output buffer overflow) -> drain '{self._drain.token}' dropped "
            f"{count} messages since {since.isoformat(timespec='seconds')}."
        )

    def _say(self, text: str) -> None:
        self._logs.platform(self._drain.app_id, "logplex", text)


def _new(found: list[LogLine], last: int) -> Iterator[LogLine]:
    for line in found:
        if line.id > last:
            last = line.id
            yield line


def batches(lines: list[LogLine]) -> Iterator[list[LogLine]]:
    """Cut lines into what is sent at once."""
    batch: list[LogLine] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == _BATCH_LINES or size + len(line.text) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.text)
    if batch:
        yield batch
