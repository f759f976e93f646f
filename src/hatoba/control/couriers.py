"""The couriers of all log drains of this node: begun and ended as the drains are."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.control import drains
from hatoba.control.platform import Platform
from hatoba.kit.files import private_dir
from hatoba.logs.drains.courier import Courier, Cursor
from hatoba.store import drains as rows
from hatoba.store.drains import DrainRow

log = structlog.get_logger("drains")

_AGAIN_SECONDS = 5.0


class CourierSet:
    """Implements ``platform.Couriers``; ``folder`` keeps how far each drain has come."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_dir(folder)
        self._at_work: dict[UUID, tuple[Courier, asyncio.Task[None]]] = {}
        self._settling = asyncio.Lock()

    def attach(self, platform: Platform) -> None:
        """Take the platform that the drains belong to; before anything else."""
        self._platform = platform

    async def settle(self) -> None:
        """Begin what is missing, end what is no more wanted, forget what is gone."""
        p = self._platform
        async with self._settling:
            async with p.store.begin() as conn:
                every = await rows.every(conn)
                living = {row.id for row in await rows.living(conn)}
            for drain_id in self._at_work.keys() - living:
                await _ended(self._at_work.pop(drain_id)[1])
            for path in self._folder.iterdir():
                if path.name not in {str(row.id) for row in every}:
                    path.unlink(missing_ok=True)
            for row in every:
                if row.id in living and row.id not in self._at_work:
                    self._begin(p, row)

    def _begin(self, p: Platform, row: DrainRow) -> None:
        try:
            drain = drains.opened(p, row)
        except errors.HatobaError as error:
            log.warning("a drain gets no lines", drain=str(row.id), why=error.message)
            return
        courier = Courier(drain, p.logs, Cursor(self._folder / str(drain.id)), p.clock)
        task = asyncio.create_task(_at_work(courier, p), name=f"drain {drain.id}")
        self._at_work[drain.id] = courier, task

    def of(self, drain_id: UUID) -> Courier | None:
        """Return the drain's courier, None for one that has none."""
        found = self._at_work.get(drain_id)
        return found[0] if found else None

    async def close(self) -> None:
        """End all couriers; they go on from there at the next start."""
        for _, task in self._at_work.values():
            await _ended(task)
        self._at_work.clear()


async def _at_work(courier: Courier, p: Platform) -> None:
    while True:
        try:
            await courier.run()
        except Exception as error:  # noqa: BLE001 one drain's trouble is nobody else's
            log.warning("a drain's courier broke off; it begins again", why=type(error).__name__)
            await p.clock.sleep(_AGAIN_SECONDS)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
