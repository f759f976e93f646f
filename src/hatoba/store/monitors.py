"""Queries about the monitors that scale apps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.autoscale import Monitor
from hatoba.store.tables import apps, monitors


async def of_app(conn: AsyncConnection, app_id: UUID) -> Monitor | None:
    """Return an app's monitor."""
    query = sa.select(monitors).where(monitors.c.app_id == app_id)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Monitor(**row) if row else None


async def active(conn: AsyncConnection) -> list[Monitor]:
    """Return the monitors that are switched on, of apps that are not destroyed."""
    query = (
        sa.select(monitors)
        .join(apps, apps.c.id == monitors.c.app_id)
        .where(monitors.c.active, apps.c.destroyed_at.is_(None))
    )
    return [Monitor(**row) for row in (await conn.execute(query)).mappings()]


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> Monitor:
    """Add a monitor; raises IntegrityError when the app has one."""
    query = monitors.insert().values(**values).returning(monitors)
    return Monitor(**(await conn.execute(query)).mappings().one())


async def update(conn: AsyncConnection, monitor_id: UUID, values: Mapping[str, Any]) -> Monitor:
    """Change a monitor."""
    query = monitors.update().where(monitors.c.id == monitor_id).returning(monitors)
    return Monitor(**(await conn.execute(query.values(**values))).mappings().one())


async def saw(conn: AsyncConnection, monitor_id: UUID, quantity: int, at: datetime) -> None:
    """Note the number of dynos that it has seen, and when that has changed."""
    await update(conn, monitor_id, {"quantity": quantity, "scaled_at": at})
