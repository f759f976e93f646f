"""Queries about log drains. Their URLs are sealed: the vault is above the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import apps, log_drains


@dataclass(frozen=True)
class DrainRow:
    """A drain as it is stored."""

    id: UUID
    app_id: UUID
    sealed_url: bytes
    created_at: datetime
    updated_at: datetime


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[DrainRow]:
    """Return an app's drains, the oldest first."""
    query = sa.select(log_drains).where(log_drains.c.app_id == app_id)
    return await _rows(conn, query)


async def every(conn: AsyncConnection) -> list[DrainRow]:
    """Return the drains of all apps, those of destroyed ones too."""
    return await _rows(conn, sa.select(log_drains))


async def living(conn: AsyncConnection) -> list[DrainRow]:
    """Return the drains of all apps that are not destroyed."""
    query = sa.select(log_drains).join(apps, apps.c.id == log_drains.c.app_id)
    return await _rows(conn, query.where(apps.c.destroyed_at.is_(None)))


async def _rows(conn: AsyncConnection, query: sa.Select[Any]) -> list[DrainRow]:
    found = await conn.execute(query.order_by(log_drains.c.created_at, log_drains.c.id))
    return [DrainRow(**row) for row in found.mappings()]


async def insert(
    conn: AsyncConnection, drain_id: UUID, app_id: UUID, sealed_url: bytes
) -> DrainRow:
    """Keep a new drain."""
    values = {"id": drain_id, "app_id": app_id, "sealed_url": sealed_url}
    query = log_drains.insert().values(**values).returning(log_drains)
    return DrainRow(**(await conn.execute(query)).mappings().one())


async def delete(conn: AsyncConnection, drain_id: UUID) -> None:
    """Forget a drain."""
    await conn.execute(log_drains.delete().where(log_drains.c.id == drain_id))
