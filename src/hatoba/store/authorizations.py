"""Queries about authorizations. A token is only ever known here by its hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Account, Authorization
from hatoba.store.tables import accounts, authorizations

_columns: list[sa.ColumnElement[Any]] = [c for c in authorizations.c if c.name != "token_hash"]


def _authorization(row: sa.RowMapping) -> Authorization:
    return Authorization(**{**row, "scopes": tuple(row["scopes"])})


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> Authorization:
    """Add an authorization."""
    query = authorizations.insert().values(**values).returning(*_columns)
    return _authorization((await conn.execute(query)).mappings().one())


async def by_hash(conn: AsyncConnection, token_hash: bytes) -> tuple[Account, Authorization] | None:
    """Return the authorization whose token has this hash, and whom it acts for."""
    query = sa.select(*_columns).where(authorizations.c.token_hash == token_hash)
    row = (await conn.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    owner = sa.select(*[c for c in accounts.c if c.name != "password"])
    found = await conn.execute(owner.where(accounts.c.id == row["account_id"]))
    return Account(**found.mappings().one()), _authorization(row)


async def of_account(conn: AsyncConnection, account_id: UUID) -> list[Authorization]:
    """Return an account's authorizations, oldest first."""
    query = sa.select(*_columns).where(authorizations.c.account_id == account_id)
    rows = (await conn.execute(query.order_by(authorizations.c.created_at))).mappings()
    return [_authorization(row) for row in rows]


async def update(
    conn: AsyncConnection, authorization_id: UUID, values: Mapping[str, Any]
) -> Authorization:
    """Change columns of an authorization that is there."""
    query = (
        authorizations.update()
        .where(authorizations.c.id == authorization_id)
        .values(updated_at=sa.func.now(), **values)
        .returning(*_columns)
    )
    return _authorization((await conn.execute(query)).mappings().one())


async def delete(conn: AsyncConnection, authorization_id: UUID) -> None:
    """Remove an authorization; its token is of no use from then on."""
    await conn.execute(authorizations.delete().where(authorizations.c.id == authorization_id))
