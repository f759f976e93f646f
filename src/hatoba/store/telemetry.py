"""Queries about telemetry drains. What they lead to is sealed: the vault is above the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import apps
from hatoba.store.tables import telemetry_drains as drains


@dataclass(frozen=True)
class TelemetryRow:
    """A telemetry drain as it is stored; ``app_name`` is its app's."""

    id: UUID
    app_id: UUID
    app_name: str
    signals: Sequence[str]
    sealed: bytes
    created_at: datetime
    updated_at: datetime


_living = (
    sa.select(drains, apps.c.name.label("app_name"))
    .join(apps, apps.c.id == drains.c.app_id)
    .where(apps.c.destroyed_at.is_(None))
)


async def living(conn: AsyncConnection) -> list[TelemetryRow]:
    """Return the telemetry drains of all apps that are not destroyed."""
    return [TelemetryRow(**row) for row in (await conn.execute(_living)).mappings()]


async def ids(conn: AsyncConnection) -> set[UUID]:
    """Return the ids of all telemetry drains, those of destroyed apps too."""
    return set((await conn.execute(sa.select(drains.c.id))).scalars())


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[TelemetryRow]:
    """Return an app's telemetry drains, the oldest first."""
    query = _living.where(drains.c.app_id == app_id).order_by(drains.c.created_at, drains.c.id)
    return [TelemetryRow(**row) for row in (await conn.execute(query)).mappings()]


async def by_id(conn: AsyncConnection, drain_id: UUID) -> TelemetryRow | None:
    """Return a telemetry drain of an app that is not destroyed."""
    row = (await conn.execute(_living.where(drains.c.id == drain_id))).mappings().one_or_none()
    return TelemetryRow(**row) if row else None


async def measured(conn: AsyncConnection) -> set[UUID]:
    """Return the apps whose dynos' usage is to be sent somewhere."""
    query = sa.select(drains.c.app_id).where(drains.c.signals.any_() == "metrics")
    return set((await conn.execute(query)).scalars())


async def put(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a telemetry drain, or change the one with that id."""
    changed = await conn.execute(
        drains.update()
        .where(drains.c.id == values["id"])
        .values(signals=values["signals"], sealed=values["sealed"], updated_at=sa.func.now())
    )
    if not changed.rowcount:
        await conn.execute(drains.insert().values(**values))


async def delete(conn: AsyncConnection, drain_id: UUID) -> None:
    """Forget a telemetry drain."""
    await conn.execute(drains.delete().where(drains.c.id == drain_id))
