"""Queries about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Account
from hatoba.store.tables import accounts

_columns: list[sa.ColumnElement[Any]] = [c for c in accounts.c if c.name != "password"]


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> UUID:
    """Add an account; raises IntegrityError when its e-mail address is taken."""
    query = accounts.insert().values(**values).returning(accounts.c.id)
    return (await conn.execute(query)).scalar_one()  # type: ignore[no-any-return]


async def _one(conn: AsyncConnection, where: sa.ColumnElement[bool]) -> Account | None:
    row = (await conn.execute(sa.select(*_columns).where(where))).mappings().one_or_none()
    return Account(**row) if row else None


async def by_id(conn: AsyncConnection, account_id: UUID) -> Account | None:
    """Return the account."""
    return await _one(conn, accounts.c.id == account_id)


async def by_email(conn: AsyncConnection, email: str) -> Account | None:
    """Return the account with that e-mail address, which is kept in lower case."""
    return await _one(conn, accounts.c.email == email)


async def first(conn: AsyncConnection) -> Account | None:
    """Return the oldest account."""
    query = sa.select(*_columns).order_by(accounts.c.created_at).limit(1)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Account(**row) if row else None


async def password(conn: AsyncConnection, account_id: UUID) -> str | None:
    """Return the account's password as it was hashed, if it has one."""
    return await conn.scalar(sa.select(accounts.c.password).where(accounts.c.id == account_id))


async def update(conn: AsyncConnection, account_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of an account."""
    query = accounts.update().where(accounts.c.id == account_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))
