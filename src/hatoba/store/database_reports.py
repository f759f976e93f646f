"""Queries about reports on customers' databases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.database_report import Report
from hatoba.store.tables import database_reports as table


async def insert(conn: AsyncConnection, made: Report) -> None:
    """Keep a report."""
    values = {"id": made.id, "app_id": made.app_id, "database": made.database}
    await conn.execute(
        table.insert().values(**values, checks=made.checks, created_at=made.created_at)
    )


async def find(conn: AsyncConnection, report_id: UUID) -> Report | None:
    """Return a report."""
    found = await conn.execute(sa.select(table).where(table.c.id == report_id))
    row = found.mappings().one_or_none()
    return Report(**row) if row is not None else None


async def drop_before(conn: AsyncConnection, moment: datetime) -> None:
    """Forget reports that were made before then."""
    await conn.execute(table.delete().where(table.c.created_at < moment))
