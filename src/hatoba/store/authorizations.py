"""Queries about authorizations. A token is only ever known here by its hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Account, Authorization
from hatoba.store import accounts as account_rows
from hatoba.store.tables import authorizations

_HASHES = frozenset({"token_hash", "grant_hash", "refresh_hash"})
_columns: list[sa.ColumnElement[Any]] = [c for c in authorizations.c if c.name not in _HASHES]


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
    owner = await account_rows.by_id(conn, row["account_id"])
    return (owner, _authorization(row)) if owner else None


async def by_grant(conn: AsyncConnection, grant_hash: bytes) -> Authorization | None:
    """Return the authorization of a grant's code."""
    return await _one(conn, authorizations.c.grant_hash == grant_hash)


async def by_refresh(conn: AsyncConnection, refresh_hash: bytes) -> Authorization | None:
    """Return the authorization of a refresh token."""
    return await _one(conn, authorizations.c.refresh_hash == refresh_hash)


async def _one(conn: AsyncConnection, where: sa.ColumnElement[bool]) -> Authorization | None:
    query = sa.select(*_columns).where(where).with_for_update()
    row = (await conn.execute(query)).mappings().one_or_none()
    return _authorization(row) if row else None


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
