"""Queries about dynos. ``control.dynos`` is the only place that changes a state."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.dyno import Dyno, DynoKind, DynoState
from hatoba.store.tables import dynos


def _dyno(row: sa.RowMapping) -> Dyno:
    values = dict(row)
    return Dyno(**{**values, "kind": DynoKind(row["kind"]), "state": DynoState(row["state"])})


async def insert(conn: AsyncConnection, dyno: Dyno) -> None:
    """Add a dyno; one with the same id that is there already stays as it is."""
    values = {column.name: getattr(dyno, column.name) for column in dynos.c}
    values |= {"kind": dyno.kind.value, "state": dyno.state.value}
    query = sa.dialects.postgresql.insert(dynos).values(**values)
    await conn.execute(query.on_conflict_do_nothing())


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Dyno]:
    """Return all dynos of an app, whatever their state."""
    query = sa.select(dynos).where(dynos.c.app_id == app_id)
    query = query.order_by(dynos.c.type, dynos.c.number, dynos.c.created_at)
    return [_dyno(row) for row in (await conn.execute(query)).mappings()]


async def everywhere(conn: AsyncConnection) -> list[Dyno]:
    """Return the dynos of all apps."""
    return [_dyno(row) for row in (await conn.execute(sa.select(dynos))).mappings()]


async def move(
    conn: AsyncConnection,
    dyno_id: UUID,
    *,
    before: DynoState,
    after: DynoState,
    at: datetime,
    **values: Any,  # noqa: ANN401
) -> bool:
    """Change a dyno's state if it is still the one before; False when it is not."""
    result = await conn.execute(
        dynos.update()
        .where(dynos.c.id == dyno_id, dynos.c.state == before.value)
        .values(state=after.value, since=at, **values)
    )
    return bool(result.rowcount)


async def retire(conn: AsyncConnection, ids: list[UUID]) -> None:
    """Ask for the replacement or the end of these dynos."""
    await conn.execute(dynos.update().where(dynos.c.id.in_(ids)).values(retire=True))


async def delete(conn: AsyncConnection, dyno_id: UUID) -> None:
    """Remove a dyno's row."""
    await conn.execute(dynos.delete().where(dynos.c.id == dyno_id))
