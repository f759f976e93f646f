"""Parts of a platform that stand still, for tests of what is in front of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.build.base import BuildRequest, BuildResult, Emit
from hatoba.control.status import Part
from hatoba.engines.base import Attachment, DynoSpec, EngineDyno, Output
from hatoba.logs.base import LogFilter, LogLine
from hatoba.model.route import AppRoute, Endpoint
from hatoba.router.base import RouterLine


async def _never() -> AsyncIterator[Any]:
    await asyncio.Event().wait()
    yield


class StillEngine:
    """Takes dynos and never runs them."""

    def __init__(self) -> None:
        self.started: list[DynoSpec] = []

    async def start(self, spec: DynoSpec) -> None:
        self.started.append(spec)

    async def stop(self, dyno_id: UUID, *, grace: float) -> None: ...

    async def forget(self, dyno_id: UUID) -> None: ...

    async def dynos(self) -> list[EngineDyno]:
        return []

    async def events(self) -> AsyncIterator[EngineDyno]:
        async for nothing in _never():
            yield nothing

    async def output(self, acknowledged: int) -> AsyncIterator[Output]:
        async for nothing in _never():
            yield nothing

    async def attach(self, dyno_id: UUID) -> Attachment:
        raise NotImplementedError


class StillRouter:
    """Takes routes and carries nothing."""

    async def load(self, routes: Any) -> None: ...

    async def publish(self, route: AppRoute) -> None: ...

    async def withdraw(self, key: str) -> None: ...

    async def idle(self, key: str, endpoint: Endpoint, *, timeout: float) -> bool:
        return True

    async def lines(self) -> AsyncIterator[list[RouterLine]]:
        async for nothing in _never():
            yield nothing


class ListedLogs:
    """Logs in memory; ``say`` adds a line and wakes the tails."""

    def __init__(self) -> None:
        self.lines: list[tuple[UUID, LogLine]] = []
        self._changed = asyncio.Event()

    def say(self, app_id: UUID, text: str) -> None:
        self.lines.append((app_id, LogLine(len(self.lines) + 1, text.encode())))
        self._changed.set()
        self._changed = asyncio.Event()

    def ingest(self, output: Output) -> None: ...

    @property
    def acknowledged(self) -> int:
        return 0

    def platform(self, app_id: UUID, dyno: str, text: str, *, at: datetime | None = None) -> None:
        self.say(app_id, f"heroku[{dyno}]: {text}")

    def event(self, app_id: UUID, text: str, *, at: datetime | None = None) -> None:
        self.say(app_id, f"app[api]: {text}")

    def router(self, lines: list[RouterLine]) -> None: ...

    def _of(self, app_id: UUID, chosen: LogFilter) -> list[LogLine]:
        want = (chosen.source or "", f"[{chosen.dyno}" if chosen.dyno else "")
        return [x for a, x in self.lines if a == app_id and all(w in x.text.decode() for w in want)]

    def recent(self, app_id: UUID, lines: int, chosen: LogFilter) -> list[LogLine]:
        return self._of(app_id, chosen)[-lines:] if lines else []

    async def tail(
        self, app_id: UUID, chosen: LogFilter, *, after: int | None
    ) -> AsyncIterator[list[LogLine]]:
        seen = after or 0
        while True:
            changed = self._changed
            batch = [x for x in self._of(app_id, chosen) if x.id > seen]
            if batch:
                seen = batch[-1].id
                yield batch
            else:
                await changed.wait()

    def forget(self, app_id: UUID) -> None: ...


class StillBuilder:
    """Builds nothing; slugs lie in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def build(self, request: BuildRequest, emit: Emit) -> BuildResult:
        raise NotImplementedError

    def slug(self, checksum: str) -> Path:
        return self.folder / checksum

    async def drop_cache(self, app_id: UUID) -> None: ...


class StillLanes:
    """Reconciles nothing."""

    def nudge(self, app_id: UUID) -> None: ...

    async def settle(self, app_id: UUID) -> None: ...

    async def until(self, app_id: UUID, seen: Callable[[], Awaitable[bool]]) -> None: ...


class StillJobs:
    """Carries out no job."""

    async def build(self, conn: AsyncConnection, build_id: UUID, app_id: UUID) -> None: ...

    async def release(self, conn: AsyncConnection, release_id: UUID, app_id: UUID) -> None: ...

    def cancel(self, build_id: UUID) -> None: ...


class Well:
    """A platform whose parts are up."""

    async def parts(self) -> list[Part]:
        return [Part("router", "up", "Envoy", 7, 1024)]

    def notices(self) -> list[str]:
        return []
