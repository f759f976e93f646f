"""Queries about what was counted of apps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.traffic import Count
from hatoba.store.tables import traffic_counts as counts


async def add(
    conn: AsyncConnection, counted: Mapping[tuple[UUID, datetime, str, str], int]
) -> None:
    """Add to the counts of app, hour, source and name."""
    query = insert(counts)
    query = query.on_conflict_do_update(
        index_elements=["app_id", "hour", "source", "name"],
        set_={"count": counts.c.count + query.excluded.count},
    )
    # In one order everywhere, so that two of these never wait for each other.
    rows = [
        {"app_id": app_id, "hour": hour, "source": source, "name": name, "count": count}
        for (app_id, hour, source, name), count in sorted(counted.items())
    ]
    await conn.execute(query, rows)


async def of_app(
    conn: AsyncConnection, app_id: UUID, start: datetime, end: datetime
) -> list[Count]:
    """Return an app's counts of the hours that begin from ``start`` until before ``end``."""
    query = sa.select(counts.c.hour, counts.c.source, counts.c.name, counts.c.count).where(
        counts.c.app_id == app_id, counts.c.hour >= start, counts.c.hour < end
    )
    return [Count(**row) for row in (await conn.execute(query)).mappings()]


async def prune(conn: AsyncConnection, before: datetime) -> int:
    """Forget older hours; return how many counts went."""
    return (await conn.execute(counts.delete().where(counts.c.hour < before))).rowcount
