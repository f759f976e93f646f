"""Queries about public keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Key
from hatoba.store.tables import account_keys as keys


async def of_account(conn: AsyncConnection, account_id: UUID) -> list[Key]:
    """Return an account's keys, the oldest first."""
    query = keys.select().where(keys.c.account_id == account_id).order_by(keys.c.created_at)
    return [Key(**row) for row in (await conn.execute(query)).mappings()]


async def insert(conn: AsyncConnection, **values: Any) -> Key:  # noqa: ANN401
    """Add a key; raises IntegrityError when an account has it already."""
    query = keys.insert().values(**values).returning(keys)
    return Key(**(await conn.execute(query)).mappings().one())


async def delete(conn: AsyncConnection, key_id: UUID) -> None:
    """Remove a key."""
    await conn.execute(keys.delete().where(keys.c.id == key_id))
