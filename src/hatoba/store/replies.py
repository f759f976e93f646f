"""Queries about the kept replies to requests that change something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import replies


@dataclass(frozen=True)
class Row:
    """A kept reply; without a status the request was begun and never answered."""

    status: int | None
    headers: dict[str, str]
    sealed: bytes


async def claim(conn: AsyncConnection, key: str) -> Row | None:
    """Note that a request is being carried out; return what is known when it was before."""
    query = upsert(replies).values(key=key).on_conflict_do_nothing().returning(replies.c.key)
    if await conn.scalar(query) is not None:
        return None
    row = (await conn.execute(sa.select(replies).where(replies.c.key == key))).mappings().one()
    return Row(row["status"], dict(row["headers"] or {}), bytes(row["body"] or b""))


async def save(
    conn: AsyncConnection, key: str, status: int, headers: Mapping[str, str], sealed: bytes
) -> None:
    """Keep the reply to a claimed request."""
    query = replies.update().where(replies.c.key == key)
    await conn.execute(query.values(status=status, headers=dict(headers), body=sealed))


async def release(conn: AsyncConnection, key: str) -> None:
    """Forget a request that was not carried out, so that it may be tried again."""
    await conn.execute(replies.delete().where(replies.c.key == key))


async def prune(conn: AsyncConnection, before: datetime) -> None:
    """Delete the replies to requests that came before that moment."""
    await conn.execute(replies.delete().where(replies.c.created_at < before))
