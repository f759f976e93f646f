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


async def of_accounts(conn: AsyncConnection, account_id: UUID | None) -> list[Receipt]:
    """Return the receipts that are no app's, of one account or of all, the newest first."""
    query = _select.where(receipts.c.app_id.is_(None)).order_by(receipts.c.created_at.desc())
    if account_id is not None:
        query = query.where(receipts.c.account_id == account_id)
    return [Receipt(**row) for row in (await conn.execute(query)).mappings()]


async def one(conn: AsyncConnection, receipt_id: str) -> Receipt | None:
    """Return the receipt with that id, whosever it is."""
    query = _select.where(receipts.c.id == receipt_id)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Receipt(**row) if row else None
