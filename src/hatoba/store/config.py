"""Queries about config snapshots. What is sealed stays sealed here."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import config_snapshots


async def insert(conn: AsyncConnection, app_id: UUID, sealed: bytes) -> UUID:
    """Keep a new snapshot of an app's config vars."""
    query = config_snapshots.insert().values(app_id=app_id, sealed=sealed)
    result = await conn.execute(query.returning(config_snapshots.c.id))
    return result.scalar_one()  # type: ignore[no-any-return]


async def sealed(conn: AsyncConnection, snapshot_id: UUID) -> bytes | None:
    """Return a snapshot as it was sealed."""
    query = sa.select(config_snapshots.c.sealed).where(config_snapshots.c.id == snapshot_id)
    return await conn.scalar(query)
