"""Queries about config snapshots. What is sealed stays sealed here."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.route import NO_PAGES, OwnPages
from hatoba.store.tables import apps, config_snapshots


async def insert(
    conn: AsyncConnection, app_id: UUID, sealed: bytes, pages: OwnPages = NO_PAGES
) -> UUID:
    """Keep a new snapshot of an app's config vars, and the pages that they name."""
    query = config_snapshots.insert().values(
        app_id=app_id, sealed=sealed, maintenance_page=pages.maintenance, error_page=pages.error
    )
    result = await conn.execute(query.returning(config_snapshots.c.id))
    return result.scalar_one()  # type: ignore[no-any-return]


async def pages(conn: AsyncConnection, app_id: UUID) -> OwnPages:
    """Return the pages that an app's present config vars name."""
    table = config_snapshots
    query = sa.select(table.c.maintenance_page, table.c.error_page)
    found = await conn.execute(
        query.join(apps, apps.c.config_id == table.c.id).where(apps.c.id == app_id)
    )
    row = found.one_or_none()
    return OwnPages(row[0], row[1]) if row is not None else NO_PAGES


async def sealed(conn: AsyncConnection, snapshot_id: UUID) -> bytes | None:
    """Return a snapshot as it was sealed."""
    query = sa.select(config_snapshots.c.sealed).where(config_snapshots.c.id == snapshot_id)
    return await conn.scalar(query)
