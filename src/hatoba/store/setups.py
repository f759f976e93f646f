"""Queries about app set-ups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.app_json import Script
from hatoba.model.release import Status
from hatoba.model.setup import Purpose, Setup
from hatoba.store.tables import app_setups

_select = sa.select(*[c for c in app_setups.c if c.name != "request"])


def _setup(row: sa.RowMapping) -> Setup:
    values = dict(row)
    values["purpose"], values["status"] = Purpose(row["purpose"]), Status(row["status"])
    values["manifest_errors"] = tuple(row["manifest_errors"])
    values["scripts"] = {name: Script(**script) for name, script in row["scripts"].items()}
    return Setup(**values)


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a pending set-up."""
    await conn.execute(app_setups.insert().values(status=Status.PENDING.value, **values))


async def by_id(conn: AsyncConnection, setup_id: UUID) -> Setup | None:
    """Return the set-up."""
    row = (await conn.execute(_select.where(app_setups.c.id == setup_id))).mappings().first()
    return _setup(row) if row else None


async def pending(conn: AsyncConnection) -> list[Setup]:
    """Return every set-up that has not ended."""
    query = _select.where(app_setups.c.status == Status.PENDING.value)
    return [_setup(row) for row in (await conn.execute(query)).mappings()]


async def request(conn: AsyncConnection, setup_id: UUID) -> bytes | None:
    """Return what was asked for, sealed; None once the set-up has ended."""
    query = sa.select(app_setups.c.request).where(app_setups.c.id == setup_id)
    found: bytes | None = await conn.scalar(query)
    return found


async def update(conn: AsyncConnection, setup_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of a set-up."""
    query = app_setups.update().where(app_setups.c.id == setup_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def end(conn: AsyncConnection, setup_id: UUID, status: Status) -> None:
    """End a set-up; what was asked for is forgotten."""
    await update(conn, setup_id, status=status.value, request=None, source=None)


async def prune(conn: AsyncConnection, before: datetime) -> None:
    """Delete the set-ups that ended before that moment."""
    ended = app_setups.c.status != Status.PENDING.value
    await conn.execute(app_setups.delete().where(ended, app_setups.c.updated_at < before))
