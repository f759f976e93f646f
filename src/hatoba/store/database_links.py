"""Queries about links between databases."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.database_link import Link
from hatoba.store.tables import database_links as table
from hatoba.store.tables import databases


async def insert(conn: AsyncConnection, made: Link) -> bool:
    """Keep a new link; return False when its database has one of that name."""
    values = {
        "id": made.id,
        "database_id": made.database_id,
        "remote_id": made.remote_id,
        "name": made.name,
        "created_at": made.created_at,
    }
    query = upsert(table).values(values).on_conflict_do_nothing()
    return bool((await conn.execute(query)).rowcount)


async def of(conn: AsyncConnection, database_id: UUID) -> list[Link]:
    """Return the links into a database, the oldest first."""
    return await _found(conn, table.c.database_id == database_id)


async def to(conn: AsyncConnection, remote_id: UUID) -> list[Link]:
    """Return the links that lead to a database from living ones."""
    living = sa.select(databases.c.id).where(databases.c.destroyed_at.is_(None))
    return await _found(conn, table.c.remote_id == remote_id, table.c.database_id.in_(living))


async def update(conn: AsyncConnection, link_id: UUID, *, problem: str | None) -> None:
    """Note whether a link is in force."""
    await conn.execute(table.update().where(table.c.id == link_id).values(problem=problem))


async def delete(conn: AsyncConnection, link_id: UUID) -> None:
    """Forget a link."""
    await conn.execute(table.delete().where(table.c.id == link_id))


async def _found(conn: AsyncConnection, *mine: sa.ColumnElement[bool]) -> list[Link]:
    query = sa.select(table).where(*mine).order_by(table.c.created_at, table.c.name)
    return [Link(**row) for row in (await conn.execute(query)).mappings()]
