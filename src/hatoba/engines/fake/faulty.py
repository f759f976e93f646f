"""Engines with a fault each, to see that nothing else falls with them."""

from __future__ import annotations

import asyncio
from uuid import UUID

from hatoba import errors
from hatoba.engines.base import DynoSpec, EngineDyno
from hatoba.engines.fake.engine import FakeEngine, FakePlace


class SlowEngine(FakeEngine):
    """Starts and stops dynos only once a test lets it: ``go.set()``."""

    def __init__(self, place: FakePlace | None = None) -> None:
        super().__init__(place)
        self.go = asyncio.Event()

    async def start(self, spec: DynoSpec) -> None:
        """Start a dyno after ``go``."""
        await self.go.wait()
        await super().start(spec)

    async def stop(self, dyno_id: UUID, *, grace: float) -> None:
        """Stop a dyno after ``go``."""
        await self.go.wait()
        await super().stop(dyno_id, grace=grace)


class NeverEngine(FakeEngine):
    """Takes a request to start or stop a dyno and never comes back."""

    async def start(self, spec: DynoSpec) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    async def stop(self, dyno_id: UUID, *, grace: float) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()


class BadEngine(FakeEngine):
    """Cannot be reached: every request fails."""

    async def start(self, spec: DynoSpec) -> None:
        """Raise Unavailable."""
        raise errors.Unavailable("The engine is away. Try again in a few seconds.")

    async def stop(self, dyno_id: UUID, *, grace: float) -> None:
        """Raise Unavailable."""
        raise errors.Unavailable("The engine is away. Try again in a few seconds.")

    async def forget(self, dyno_id: UUID) -> None:
        """Raise Unavailable."""
        raise errors.Unavailable("The engine is away. Try again in a few seconds.")

    async def dynos(self) -> list[EngineDyno]:
        """Raise Unavailable."""
        raise errors.Unavailable("The engine is away. Try again in a few seconds.")
