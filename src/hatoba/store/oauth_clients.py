"""Queries about OAuth clients."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import OAuthClient
from hatoba.store.tables import oauth_clients as clients


async def of_account(conn: AsyncConnection, account_id: UUID) -> list[OAuthClient]:
    """Return an account's clients, the oldest first."""
    query = clients.select().where(clients.c.account_id == account_id)
    found = await conn.execute(query.order_by(clients.c.created_at))
    return [OAuthClient(**row) for row in found.mappings()]


async def by_id(conn: AsyncConnection, client_id: UUID) -> OAuthClient | None:
    """Return the client."""
    found = await conn.execute(clients.select().where(clients.c.id == client_id))
    row = found.mappings().one_or_none()
    return OAuthClient(**row) if row else None


async def insert(conn: AsyncConnection, **values: Any) -> OAuthClient:  # noqa: ANN401
    """Add a client."""
    query = clients.insert().values(**values).returning(clients)
    return OAuthClient(**(await conn.execute(query)).mappings().one())


async def update(conn: AsyncConnection, client_id: UUID, **values: Any) -> OAuthClient:  # noqa: ANN401
    """Change columns of a client that is there."""
    query = clients.update().where(clients.c.id == client_id)
    query = query.values(updated_at=sa.func.now(), **values)
    return OAuthClient(**(await conn.execute(query.returning(clients))).mappings().one())


async def delete(conn: AsyncConnection, client_id: UUID) -> None:
    """Remove a client and with it the authorizations that were made for it."""
    await conn.execute(clients.delete().where(clients.c.id == client_id))
