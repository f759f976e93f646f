"""Queries about key-value stores. Passwords are sealed: the vault is above the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import addons, key_values


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Note a new instance."""
    await conn.execute(key_values.insert().values(**values))


async def by_id(conn: AsyncConnection, instance_id: UUID) -> dict[str, Any] | None:
    """Return an instance's columns."""
    found = await conn.execute(sa.select(key_values).where(key_values.c.id == instance_id))
    row = found.mappings().one_or_none()
    return dict(row) if row else None


async def every(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Return all instances' columns."""
    found = await conn.execute(sa.select(key_values).order_by(key_values.c.created_at))
    return [dict(row) for row in found.mappings()]


async def orphans(conn: AsyncConnection) -> list[UUID]:
    """Return the instances whose add-ons are gone or were never made."""
    living = sa.select(addons.c.id).where(addons.c.state != "deprovisioned")
    query = sa.select(key_values.c.id).where(key_values.c.id.not_in(living))
    return list((await conn.scalars(query)).all())


async def update(conn: AsyncConnection, instance_id: UUID, values: Mapping[str, Any]) -> None:
    """Change columns of an instance."""
    query = key_values.update().where(key_values.c.id == instance_id)
    await conn.execute(query.values(**values))


async def delete(conn: AsyncConnection, instance_id: UUID) -> None:
    """Forget an instance."""
    await conn.execute(key_values.delete().where(key_values.c.id == instance_id))
