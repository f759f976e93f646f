"""Queries about apps that somebody likes to have at hand."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.app import Favorite
from hatoba.store.tables import apps, favorites

_select = (
    sa.select(favorites.c.id, favorites.c.app_id, apps.c.name.label("app_name"))
    .join(apps, apps.c.id == favorites.c.app_id)
    .where(apps.c.destroyed_at.is_(None))
)


async def of_account(conn: AsyncConnection, account_id: UUID) -> list[Favorite]:
    """Return an account's favorites, the oldest first."""
    query = _select.where(favorites.c.account_id == account_id).order_by(favorites.c.created_at)
    return [Favorite(**row) for row in (await conn.execute(query)).mappings()]


async def add(conn: AsyncConnection, account_id: UUID, app_id: UUID) -> None:
    """Add a favorite; one that is there stays."""
    query = insert(favorites).values(account_id=account_id, app_id=app_id)
    await conn.execute(query.on_conflict_do_nothing())


async def delete(conn: AsyncConnection, account_id: UUID, favorite_id: UUID) -> bool:
    """Forget a favorite; tell whether it was there."""
    query = favorites.delete().where(
        favorites.c.account_id == account_id, favorites.c.id == favorite_id
    )
    return (await conn.execute(query)).rowcount > 0
