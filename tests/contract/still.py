"""Parts of a platform that stand still, for tests of what is in front of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.acme.base import Issued, Show
from hatoba.build import exchange
from hatoba.build.base import BuildRequest, BuildResult, Emit, Taken
from hatoba.control import addons_work
from hatoba.control.platform import Ended, Platform
from hatoba.control.status import Part
from hatoba.model.route import AppRoute, Endpoint
from hatoba.router.base import RouterLine


async def _never() -> AsyncIterator[Any]:
    await asyncio.Event().wait()
    yield


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


class StillAuthority:
    """Certifies nothing; nobody reaches it."""

    async def issue(self, hostname: str, show: Show) -> Issued:
        raise errors.Unavailable(f"Nobody certifies {hostname} here.")


class StillBuilder:
    """Builds nothing; slugs lie in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def build(self, request: BuildRequest, emit: Emit) -> BuildResult:
        raise NotImplementedError

    def slug(self, checksum: str) -> Path:
        return self.folder / f"{checksum}.tar.zst"

    async def take(self, archive: Path) -> Taken:
        packed = await asyncio.to_thread(exchange.take, archive, self.folder)
        return Taken(packed.checksum, packed.size)

    def give(self, checksum: str) -> Iterator[bytes]:
        return exchange.give(self.slug(checksum))

    async def drop_cache(self, app_id: UUID) -> None: ...

    async def keep_only(self, checksums: set[str]) -> int:
        return 0


class StillLanes:
    """Reconciles nothing."""

    def nudge(self, app_id: UUID) -> None: ...

    async def settle(self, app_id: UUID) -> None: ...

    async def until(self, app_id: UUID, seen: Callable[[], Awaitable[bool]]) -> None: ...


class StillJobs:
    """Carries out no job but those of add-ons, and those when they are waited for."""

    def __init__(self) -> None:
        self._p: Platform | None = None
        self.leaders: list[UUID] = []

    def attach(self, p: Platform) -> None:
        self._p = p

    async def addon(self, conn: AsyncConnection, addon_id: UUID) -> Ended:
        async def ended(seconds: float) -> None:
            assert self._p is not None
            if error := await addons_work.carry_out(self._p, addon_id):
                raise error

        return ended

    async def build(self, conn: AsyncConnection, build_id: UUID, app_id: UUID) -> None: ...

    async def release(self, conn: AsyncConnection, release_id: UUID, app_id: UUID) -> None: ...

    async def transfer(self, conn: AsyncConnection, transfer_id: UUID) -> None: ...

    async def review_app(self, conn: AsyncConnection, review_app_id: UUID) -> None: ...

    async def followers(self, conn: AsyncConnection, leader_id: UUID) -> None:
        self.leaders.append(leader_id)

    async def test_run(self, conn: AsyncConnection, run_id: UUID) -> None: ...

    async def setup(self, conn: AsyncConnection, setup_id: UUID) -> None: ...

    def cancel(self, row_id: UUID) -> None: ...


class Well:
    """A platform whose parts are up."""

    async def parts(self) -> list[Part]:
        return [Part("router", "up", "Envoy", 7, 1024)]

    def notices(self) -> list[str]:
        return []
