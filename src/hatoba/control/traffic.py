"""Counts requests and errors as they are logged: by hour in the store, the last minutes here.

What was counted in the last minute before a kill is lost; nothing depends on it.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hatoba.kit.clock import Clock
from hatoba.model.traffic import ROUTER, Count, bucket
from hatoba.router.base import RouterLine
from hatoba.store import traffic as rows
from hatoba.store.database import Store

FLUSH_SECONDS = 60.0
# What autoscaling looks at, in slots of so many seconds.
SLOT = timedelta(seconds=10)
RECENT = timedelta(minutes=5)
_CODE = re.compile(r"Error (R\d+) ")
_SWITCHED = 101

Key = tuple[UUID, datetime, str, str]
Slots = deque[tuple[datetime, Counter[int]]]


class Traffic:
    """The counts of all apps."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pending: Counter[Key] = Counter()
        self._recent: dict[UUID, Slots] = {}

    def requests(self, lines: Sequence[RouterLine]) -> None:
        """Count requests that have ended."""
        for line in lines:
            if line.key:
                self._request(UUID(line.key), line)

    def _request(self, app_id: UUID, line: RouterLine) -> None:
        hour = _hour(line.at)
        self._pending[app_id, hour, ROUTER, f"status:{line.status}"] += 1
        if line.code:
            self._pending[app_id, hour, ROUTER, f"code:{line.code}"] += 1
        if line.millis is not None and line.status != _SWITCHED:
            took = bucket(line.millis)
            self._pending[app_id, hour, ROUTER, f"ms:{took}"] += 1
            self._slot(app_id, line.at)[took] += 1

    def _slot(self, app_id: UUID, at: datetime) -> Counter[int]:
        slots = self._recent.setdefault(app_id, deque(maxlen=RECENT // SLOT))
        begin = datetime.fromtimestamp(at.timestamp() // SLOT.seconds * SLOT.seconds, at.tzinfo)
        if not slots or slots[-1][0] < begin:
            slots.append((begin, Counter()))
        return slots[-1][1]

    def said(self, app_id: UUID, dyno: str, text: str) -> None:
        """Count an error that the platform's log tells of a dyno."""
        if match := _CODE.match(text):
            hour = _hour(self._clock.now())
            self._pending[app_id, hour, dyno.partition(".")[0], f"code:{match[1]}"] += 1

    def recent(self, app_id: UUID, since: datetime) -> Counter[int]:
        """Return the response times of requests that ended after that moment, by class."""
        found: Counter[int] = Counter()
        for begin, counted in self._recent.get(app_id, ()):
            if begin >= since:
                found += counted
        return found

    async def of_app(self, app_id: UUID, start: datetime, end: datetime) -> list[Count]:
        """Return what was counted of an app between these hours."""
        await self.flush()
        async with self._store.begin() as conn:
            return await rows.of_app(conn, app_id, _hour(start), end)

    async def flush(self) -> None:
        """Store what was counted since the last time; when that fails, it is kept."""
        taken, self._pending = self._pending, Counter()
        self._forget_idle()
        if not taken:
            return
        try:
            async with self._store.begin() as conn:
                await rows.add(conn, taken)
        except BaseException:
            self._pending += taken
            raise

    def _forget_idle(self) -> None:
        old = self._clock.now() - RECENT
        for app_id in [a for a, slots in self._recent.items() if slots and slots[-1][0] < old]:
            del self._recent[app_id]

    async def run(self) -> None:
        """Store what was counted every minute; never ends by itself."""
        while True:
            await self._clock.sleep(FLUSH_SECONDS)
            await self.flush()


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
