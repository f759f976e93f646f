"""Queries about upgrades of customers' databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.database_upgrade import Kind, State, Upgrade
from hatoba.store.tables import database_upgrades as table


async def insert(conn: AsyncConnection, made: Upgrade) -> None:
    """Keep a new upgrade."""
    await conn.execute(
        table.insert().values(
            id=made.id,
            database_id=made.database_id,
            kind=made.kind,
            state=made.state,
            major=made.major,
            step=made.step,
        )
    )


async def update(conn: AsyncConnection, upgrade_id: UUID, **values: object) -> None:
    """Change an upgrade's columns."""
    await conn.execute(table.update().where(table.c.id == upgrade_id).values(**values))


async def latest(conn: AsyncConnection, database_id: UUID) -> Upgrade | None:
    """Return a database's newest upgrade."""
    found = await _found(conn, table.c.database_id == database_id)
    return found[0] if found else None


async def going_on(conn: AsyncConnection) -> list[Upgrade]:
    """Return the upgrades that are being carried out."""
    return await _found(conn, table.c.state.in_([State.RUNNING, State.MOVED]))


async def keeping(
    conn: AsyncConnection, *, database_id: UUID | None = None, before: datetime | None = None
) -> list[Upgrade]:
    """Return the upgrades that keep data: of one database, or that ended before then."""
    chosen: list[sa.ColumnElement[bool]] = [table.c.kept_server_id.is_not(None)]
    if database_id is not None:
        chosen.append(table.c.database_id == database_id)
    if before is not None:
        chosen.append(table.c.ended_at < before)
    return await _found(conn, *chosen)


async def _found(conn: AsyncConnection, *chosen: sa.ColumnElement[bool]) -> list[Upgrade]:
    query = sa.select(table).where(*chosen).order_by(table.c.created_at.desc())
    return [_upgrade(dict(row)) for row in (await conn.execute(query)).mappings()]


def _upgrade(row: dict[str, Any]) -> Upgrade:
    return Upgrade(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})
