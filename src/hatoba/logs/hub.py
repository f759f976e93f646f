"""The node's logs: takes lines from dynos, router and platform, keeps them, feeds tails."""

from __future__ import annotations

import asyncio
import shutil
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import UUID

import structlog

from hatoba.engines.base import Output
from hatoba.kit.clock import Clock
from hatoba.logs.base import LogFilter, LogLine
from hatoba.logs.bounds import NODE_BYTES, LogFile, beyond, scan
from hatoba.logs.journal import Journal
from hatoba.logs.lines import MAX_LINE, block, pieces, prefix
from hatoba.logs.partials import Partials
from hatoba.logs.segments import Segments
from hatoba.logs.spare import Spare
from hatoba.logs.tails import Tail
from hatoba.router.base import RouterLine

log = structlog.get_logger("logs")

# A prompt or a last word without a newline becomes a line after this.
PARTIAL_SECONDS = 0.25
# A reader gets what it has missed in pieces of so many lines.
MISSED_LINES = 2000
# Files kept open for writing; opening one again costs some microseconds.
OPEN_FILES = 128
TIDY_SECONDS = 60.0

# Is told of each line of the platform: app, dyno and text.
Told = Callable[[UUID, str, str], None]


def _nobody(app_id: UUID, dyno: str, text: str) -> None:
    del app_id, dyno, text


class LogHub:
    """Implements ``logs.base.Logs`` over one folder an app.

    ``told`` is told of what the platform says about dynos.
    """

    def __init__(self, folder: Path, clock: Clock, *, bound: int = NODE_BYTES) -> None:
        """``bound`` is how many bytes all apps' lines may take together."""
        self._folder = folder
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._bound = bound
        self._apps: dict[UUID, Segments] = {}
        # Those whose file is open, the one that was written to last at the end.
        self._open: OrderedDict[UUID, Segments] = OrderedDict()
        self._tails: dict[UUID, set[Tail]] = defaultdict(set)
        self._flush: asyncio.TimerHandle | None = None
        self._spare: dict[UUID, Spare] = {}
        self.told: Told = _nobody
        self._journal = Journal(folder / "journal")
        if (unsure := self._journal.unsure) is not None:
            self._segments(unsure.app_id).undo(unsure.first, unsure.size)
            self._journal.commit(self._journal.stored)
        self._partials = Partials(folder / "partials", self._journal.stored)

    def _segments(self, app_id: UUID) -> Segments:
        if app_id not in self._apps:
            self._apps[app_id] = Segments(self._folder / str(app_id))
        return self._apps[app_id]

    @property
    def acknowledged(self) -> int:
        """The engine offset up to which output is stored; survives a kill of the process."""
        return self._journal.stored

    def ingest(self, output: Output) -> None:
        """Store what a dyno printed as ``app[web.1]`` lines; the same offset twice counts once."""
        if output.offset <= self._journal.stored:
            return
        if output.dropped:
            self._overflow(output)
        before = self._partials.take(output.dyno_id)
        data = before.data + output.data if before else output.data
        whole, newline, partial = data.rpartition(b"\n")
        if len(partial) > MAX_LINE:
            whole, newline, partial = data, b"\n", b""
        self._journal.begin(output.offset, output.app_id, self._segments(output.app_id).place)
        if newline:
            self._store(output.app_id, block(prefix(output.at, "app", output.name), whole))
        if partial:
            self._hold(replace(output, data=partial, dropped=0))
        self._journal.commit(output.offset)
        if before:
            self._partials.drop(before)

    def _hold(self, output: Output) -> None:
        try:
            self._partials.hold(output)
        except OSError as error:
            log.warning("the beginning of a line is only in memory", why=str(error))
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(PARTIAL_SECONDS, self.flush)

    def flush(self) -> None:
        """Make lines of what ended without a newline."""
        self._flush = None
        for output in self._partials.all():
            self._store(output.app_id, block(prefix(output.at, "app", output.name), output.data))
            self._partials.drop(output)

    def _overflow(self, output: Output) -> None:
        """Heroku's words: https://devcenter.heroku.com/articles/error-codes#l12-local-buffer-overflow."""
        words = f"Error L12 (Local buffer overflow) -> {output.dropped} bytes dropped"
        self._line(output.app_id, "heroku", "logplex", words, output.at)

    def platform(self, app_id: UUID, dyno: str, text: str, *, at: datetime | None = None) -> None:
        """Store a line of the platform: ``heroku[web.1]: State changed from starting to up``."""
        self.told(app_id, dyno, text)
        self._line(app_id, "heroku", dyno, text, at)

    def event(self, app_id: UUID, text: str, *, at: datetime | None = None) -> None:
        """Store an API line: ``app[api]: Release v3 created by user a@b.example``."""
        self._line(app_id, "app", "api", text, at)

    def addon(self, app_id: UUID, name: str, text: str, *, at: datetime | None = None) -> None:
        """Store a line of an add-on's: ``app[postgres.4711]: [DATABASE] [3-1] ERROR: …``."""
        self._line(app_id, "app", name, text, at)

    def _line(self, app_id: UUID, source: str, dyno: str, text: str, at: datetime | None) -> None:
        self._store(app_id, block(prefix(at or self._clock.now(), source, dyno), text.encode()))

    def router(self, lines: list[RouterLine]) -> None:
        """Store ``heroku[router]`` lines."""
        by_app: dict[str, list[bytes]] = defaultdict(list)
        for line in lines:
            if line.key:
                start = prefix(line.at, "heroku", "router")
                by_app[line.key].append(block(start, line.text.encode()))
        for key, blocks in by_app.items():
            self._store(UUID(key), b"".join(blocks))

    def _store(self, app_id: UUID, text: bytes) -> None:
        segments = self._segments(app_id)
        try:
            self._unload(app_id, segments)
            first = segments.next_id
            segments.append(text)
            self._wrote(app_id, segments)
        except OSError as error:
            if app_id not in self._spare:
                text = self._disk_full(app_id, error) + text
            first = self._next_id(app_id)
            self._spare.setdefault(app_id, Spare()).add(first, text)
        self._push(app_id, first, text)

    def _wrote(self, app_id: UUID, segments: Segments) -> None:
        """Close the file that was not written to for longest when too many are open."""
        self._open[app_id] = segments
        self._open.move_to_end(app_id)
        if len(self._open) > OPEN_FILES:
            _, idle = self._open.popitem(last=False)
            idle.close()

    def _push(self, app_id: UUID, first: int, text: bytes) -> None:
        for tail in self._tails.get(app_id, ()):
            tail.push(first, text)

    def _next_id(self, app_id: UUID) -> int:
        spare = self._spare.get(app_id)
        return spare.next_id if spare else self._segments(app_id).next_id

    def _disk_full(self, app_id: UUID, error: OSError) -> bytes:
        log.warning("log lines are only in memory", app_id=str(app_id), why=str(error))
        words = b"The platform's disk takes no lines: the newest are kept in memory, others go"
        return block(prefix(self._clock.now(), "heroku", "logplex"), words)

    def _unload(self, app_id: UUID, segments: Segments) -> None:
        """Write what memory has kept. Raises OSError while the disk takes no lines."""
        spare = self._spare.get(app_id)
        if spare is None:
            return
        while spare.blocks:
            first, text = spare.blocks[0]
            segments.append(text, first=first)
            # The last block stays until it is written: it knows the next id.
            spare.take()
        del self._spare[app_id]
        if spare.dropped:
            words = f"{spare.dropped} lines were lost: the platform's disk was full"
            self._line(app_id, "heroku", "logplex", words, None)

    def recent(self, app_id: UUID, lines: int, chosen: LogFilter) -> list[LogLine]:
        """Return the last lines that match, oldest first."""
        kept = Tail.only(self._in_memory(app_id), chosen)
        missing = max(0, lines - len(kept))
        return self._segments(app_id).recent(missing, chosen) + kept[len(kept) - lines + missing :]

    def _in_memory(self, app_id: UUID) -> list[LogLine]:
        spare = self._spare.get(app_id)
        return spare.lines() if spare else []

    async def tail(
        self, app_id: UUID, chosen: LogFilter, *, after: int | None
    ) -> AsyncIterator[list[LogLine]]:
        """Yield new lines in batches as they come (after line ``after``, or from now on)."""
        segments = self._segments(app_id)
        reader = Tail(chosen)
        self._tails[app_id].add(reader)
        try:
            last = self._next_id(app_id) - 1 if after is None else after
            for missed in pieces(
                chain(segments.after(last), self._in_memory(app_id)), MISSED_LINES
            ):
                if later := [line for line in missed if line.id > last]:
                    last = later[-1].id
                    yield Tail.only(later, chosen)
            while True:
                batch = await reader.next(last)
                if batch:
                    last = max(last, batch[-1].id)
                    yield batch
        finally:
            self._tails[app_id].discard(reader)
            if not self._tails[app_id]:
                del self._tails[app_id]

    async def keep_bounded(self) -> None:
        """Delete what is too old or too much, every minute; never ends by itself."""
        while True:
            await self.tidy()
            await self._clock.sleep(TIDY_SECONDS)

    async def tidy(self) -> None:
        """Delete what is too old or too much."""
        for file in await asyncio.to_thread(self._beyond):
            if (segments := self._apps.get(file.app)) is not None:
                segments.drop(file.first)
            else:
                file.path.unlink(missing_ok=True)

    def _beyond(self) -> list[LogFile]:
        return beyond(scan(self._folder), self._clock.now().timestamp(), bound=self._bound)

    def forget(self, app_id: UUID) -> None:
        """Delete an app's lines."""
        self._open.pop(app_id, None)
        self._spare.pop(app_id, None)
        if (segments := self._apps.pop(app_id, None)) is not None:
            segments.close()
        shutil.rmtree(self._folder / str(app_id), ignore_errors=True)

    def close(self) -> None:
        """Store what is held and let go of the files."""
        if self._flush is not None:
            self._flush.cancel()
        self.flush()
        for segments in self._apps.values():
            segments.close()
        self._apps.clear()
        self._open.clear()
        self._journal.close()
