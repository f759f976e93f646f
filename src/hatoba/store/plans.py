"""Queries about plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.record import Plan
from hatoba.store.tables import plans


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> Plan:
    """Keep a plan."""
    query = plans.insert().values(**values).returning(plans)
    return Plan(**(await conn.execute(query)).mappings().one())


async def of_app(conn: AsyncConnection, app_id: UUID, plan_id: str) -> Plan | None:
    """Return the app's plan with that id."""
    query = sa.select(plans).where(plans.c.id == plan_id, plans.c.app_id == app_id)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Plan(**row) if row else None


async def use(conn: AsyncConnection, plan_id: str, at: datetime) -> bool:
    """Mark a plan as used; False when it was already."""
    query = plans.update().where(plans.c.id == plan_id, plans.c.used_at.is_(None))
    return bool((await conn.execute(query.values(used_at=at))).rowcount)


async def prune(conn: AsyncConnection, before: datetime) -> None:
    """Delete the plans that expired before that moment."""
    await conn.execute(plans.delete().where(plans.c.expires_at < before))
