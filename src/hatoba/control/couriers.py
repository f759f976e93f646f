"""The couriers of all log drains of this node: begun and ended as the drains are."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.control import drains, telemetry
from hatoba.control.platform import Platform
from hatoba.kit.files import private_dir
from hatoba.logs.drains.courier import Courier, Cursor
from hatoba.logs.drains.otlp_sender import OtlpSender
from hatoba.model.drain import Drain
from hatoba.store import drains as rows
from hatoba.store import telemetry as telemetry_rows
from hatoba.store.drains import DrainRow
from hatoba.store.telemetry import TelemetryRow

log = structlog.get_logger("drains")

_AGAIN_SECONDS = 5.0
Key = tuple[UUID, datetime]


class CourierSet:
    """Implements ``platform.Couriers``; ``folder`` keeps how far each drain has come."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_dir(folder)
        self._at_work: dict[Key, tuple[Courier, asyncio.Task[None]]] = {}
        self._settling = asyncio.Lock()

    def attach(self, platform: Platform) -> None:
        """Take the platform that the drains belong to; before anything else."""
        self._platform = platform

    async def settle(self) -> None:
        """Begin what is missing, end what is no more wanted, forget what is gone."""
        p = self._platform
        async with self._settling:
            async with p.store.begin() as conn:
                known = {row.id for row in await rows.every(conn)} | await telemetry_rows.ids(conn)
                living: list[DrainRow | TelemetryRow] = [*await rows.living(conn)]
                living += await telemetry_rows.living(conn)
            # A telemetry drain that was changed begins anew, from where it was.
            wanted = {(row.id, row.updated_at) for row in living}
            for key in self._at_work.keys() - wanted:
                await _ended(self._at_work.pop(key)[1])
            for path in self._folder.iterdir():
                if path.name not in map(str, known):
                    path.unlink(missing_ok=True)
            for row in living:
                if (row.id, row.updated_at) not in self._at_work:
                    self._begin(p, row)

    def _begin(self, p: Platform, row: DrainRow | TelemetryRow) -> None:
        cursor = Cursor(self._folder / str(row.id))
        try:
            courier = _courier(p, row, cursor)
        except errors.HatobaError as error:
            log.warning("a drain gets no lines", drain=str(row.id), why=error.message)
            return
        task = asyncio.create_task(_at_work(courier, p), name=f"drain {row.id}")
        self._at_work[row.id, row.updated_at] = courier, task

    def of(self, drain_id: UUID) -> Courier | None:
        """Return the drain's courier, None for one that has none."""
        found = (courier for (one, _), (courier, _) in self._at_work.items() if one == drain_id)
        return next(found, None)

    async def close(self) -> None:
        """End all couriers; they go on from there at the next start."""
        for _, task in self._at_work.values():
            await _ended(task)
        self._at_work.clear()


def _courier(p: Platform, row: DrainRow | TelemetryRow, cursor: Cursor) -> Courier:
    if isinstance(row, DrainRow):
        return Courier(drains.opened(p, row), p.logs, cursor, p.clock)
    sent_on = telemetry.opened(p, row)
    drain = Drain(row.id, row.app_id, sent_on.endpoint, row.created_at, row.updated_at)
    sender = OtlpSender(sent_on, row.app_name)
    return Courier(drain, p.logs, cursor, p.clock, connect=lambda _: sender)


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
