"""Queries about receipts. The audit trail is only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.record import Receipt
from hatoba.store.tables import accounts, receipts

_select = sa.select(receipts, accounts.c.email.label("account_email")).join(
    accounts, accounts.c.id == receipts.c.account_id
)


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a receipt."""
    await conn.execute(receipts.insert().values(**values))


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Receipt]:
    """Return an app's receipts, the newest first."""
    query = _select.where(receipts.c.app_id == app_id).order_by(receipts.c.created_at.desc())
    return [Receipt(**row) for row in (await conn.execute(query)).mappings()]


async def one(conn: AsyncConnection, app_id: UUID, receipt_id: str) -> Receipt | None:
    """Return the app's receipt with that id."""
    query = _select.where(receipts.c.app_id == app_id, receipts.c.id == receipt_id)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Receipt(**row) if row else None
