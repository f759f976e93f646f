"""Queries about who has shown their second factor for a guarded app."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import pre_authorizations as rows


async def holds(conn: AsyncConnection, account_id: UUID, app_id: UUID) -> bool:
    """Tell whether the account has shown its second factor for the app, and not too long ago."""
    query = sa.select(rows.c.app_id).where(
        rows.c.account_id == account_id, rows.c.app_id == app_id, rows.c.until > sa.func.now()
    )
    return await conn.scalar(query) is not None


async def keep(conn: AsyncConnection, account_id: UUID, app_id: UUID, lasts: timedelta) -> None:
    """Note that the account has shown its second factor for the app."""
    until = sa.func.now() + lasts
    query = upsert(rows).values(account_id=account_id, app_id=app_id, until=until)
    same = [rows.c.account_id, rows.c.app_id]
    await conn.execute(query.on_conflict_do_update(index_elements=same, set_={"until": until}))
