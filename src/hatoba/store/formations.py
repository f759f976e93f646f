"""Queries about formations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.formation import Formation
from hatoba.store.tables import formations


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Formation]:
    """Return an app's process types by name."""
    query = sa.select(formations).where(formations.c.app_id == app_id)
    rows = (await conn.execute(query.order_by(formations.c.type))).mappings()
    return [Formation(**row) for row in rows]


async def put(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a process type or change the command of the one that is there."""
    query = upsert(formations).values(**values)
    await conn.execute(
        query.on_conflict_do_update(
            index_elements=[formations.c.app_id, formations.c.type],
            set_={"command": query.excluded.command, "updated_at": sa.func.now()},
        )
    )


async def update(conn: AsyncConnection, formation_id: UUID, *, quantity: int, size: str) -> None:
    """Change a process type's quantity and size."""
    await conn.execute(
        formations.update()
        .where(formations.c.id == formation_id)
        .values(quantity=quantity, size=size, updated_at=sa.func.now())
    )


async def keep_only(conn: AsyncConnection, app_id: UUID, types: Collection[str]) -> None:
    """Remove the process types that the current release does not have."""
    await conn.execute(
        formations.delete().where(
            formations.c.app_id == app_id, formations.c.type.not_in(list(types))
        )
    )
