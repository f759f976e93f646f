"""Queries about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Account
from hatoba.store.tables import (
    account_keys,
    accounts,
    app_transfers,
    apps,
    authorizations,
    collaborators,
    oauth_clients,
    password_resets,
    pipelines,
    team_members,
    teams,
)

_HIDDEN = frozenset(
    {
        "password",
        "sealed_factor",
        "factor_step",
        "recovery_hashes",
        "preferences",
        "removed_at",
    }
)
_THERE = accounts.c.removed_at.is_(None)
# What an account has to itself, and loses when it is removed.
_OWN = (
    authorizations,
    oauth_clients,
    account_keys,
    password_resets,
    team_members,
    collaborators,
)
columns: list[sa.ColumnElement[Any]] = [
    *(c for c in accounts.c if c.name not in _HIDDEN),
    accounts.c.sealed_factor.is_not(None).label("two_factor"),
]


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> UUID:
    """Add an account; raises IntegrityError when its e-mail address is taken."""
    query = accounts.insert().values(**values).returning(accounts.c.id)
    return (await conn.execute(query)).scalar_one()  # type: ignore[no-any-return]


async def _one(conn: AsyncConnection, where: sa.ColumnElement[bool]) -> Account | None:
    row = (await conn.execute(sa.select(*columns).where(where, _THERE))).mappings().one_or_none()
    return Account(**row) if row else None


async def by_id(conn: AsyncConnection, account_id: UUID) -> Account | None:
    """Return the account."""
    return await _one(conn, accounts.c.id == account_id)


async def by_email(conn: AsyncConnection, email: str) -> Account | None:
    """Return the account with that e-mail address, which is kept in lower case."""
    return await _one(conn, accounts.c.email == email)


async def first(conn: AsyncConnection) -> Account | None:
    """Return the oldest account."""
    query = sa.select(*columns).where(_THERE).order_by(accounts.c.created_at).limit(1)
    row = (await conn.execute(query)).mappings().one_or_none()
    return Account(**row) if row else None


async def people(conn: AsyncConnection, *, lock: bool = False) -> list[Account]:
    """Return all accounts that are no team's, the oldest first; ``lock`` keeps them as they are."""
    query = sa.select(*columns).where(_THERE, accounts.c.id.not_in(sa.select(teams.c.id)))
    query = query.order_by(accounts.c.created_at)
    found = await conn.execute(query.with_for_update() if lock else query)
    return [Account(**row) for row in found.mappings()]


async def password(conn: AsyncConnection, account_id: UUID) -> str | None:
    """Return the account's password as it was hashed, if it has one."""
    return await conn.scalar(sa.select(accounts.c.password).where(accounts.c.id == account_id))


async def update(conn: AsyncConnection, account_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of an account."""
    query = accounts.update().where(accounts.c.id == account_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def delete(conn: AsyncConnection, account_id: UUID) -> None:
    """Delete the account of a team, which nothing else refers to."""
    await conn.execute(accounts.delete().where(accounts.c.id == account_id))


async def remove(conn: AsyncConnection, account_id: UUID, now: datetime) -> None:
    """Remove a person's account and whatever is only its own; what it did keeps its name."""
    for table in _OWN:
        await conn.execute(table.delete().where(table.c.account_id == account_id))
    offered = app_transfers.c.recipient_id == account_id
    await conn.execute(app_transfers.delete().where(offered))
    await update(
        conn,
        account_id,
        removed_at=now,
        admin=False,
        password=None,
        sealed_factor=None,
        recovery_hashes=None,
    )


async def owns(conn: AsyncConnection, account_id: UUID) -> list[str]:
    """Return the names of what an account owns: apps, those in the trash too, and pipelines."""
    of_apps = sa.select(apps.c.name).where(apps.c.owner_id == account_id)
    of_pipelines = sa.select(pipelines.c.name).where(pipelines.c.owner_id == account_id)
    found = await conn.scalars(sa.union(of_apps, of_pipelines).order_by("name"))
    return list(found.all())


async def preferences(conn: AsyncConnection, account_id: UUID) -> dict[str, Any]:
    """Return what an account prefers, as it was kept."""
    query = sa.select(accounts.c.preferences).where(accounts.c.id == account_id)
    return dict(await conn.scalar(query) or {})


async def prefer_renamed(conn: AsyncConnection, before: str, after: str) -> None:
    """Follow a team's new name in what accounts prefer."""
    key = "default-organization"
    renamed = accounts.c.preferences.concat(sa.func.jsonb_build_object(key, after))
    query = accounts.update().where(accounts.c.preferences[key].astext == before)
    await conn.execute(query.values(preferences=renamed))


@dataclass(frozen=True)
class Factor:
    """An account's second factor: its secret, the last step and recovery codes not used yet."""

    sealed: bytes = field(repr=False)
    step: int
    recovery: tuple[bytes, ...] = field(repr=False)


async def factor(conn: AsyncConnection, account_id: UUID) -> Factor | None:
    """Return an account's second factor, if it has one; others wait for it meanwhile."""
    query = sa.select(accounts.c.sealed_factor, accounts.c.factor_step, accounts.c.recovery_hashes)
    found = await conn.execute(query.where(accounts.c.id == account_id).with_for_update())
    row = found.one_or_none()
    if row is None or row.sealed_factor is None:
        return None
    return Factor(row.sealed_factor, row.factor_step or 0, tuple(row.recovery_hashes or ()))


async def keep_reset(
    conn: AsyncConnection, token_hash: bytes, account_id: UUID, expires_at: datetime
) -> None:
    """Keep the only token by which an account's password can be set anew."""
    await conn.execute(password_resets.delete().where(password_resets.c.account_id == account_id))
    values = {"token_hash": token_hash, "account_id": account_id, "expires_at": expires_at}
    await conn.execute(password_resets.insert().values(**values))


async def use_reset(conn: AsyncConnection, token_hash: bytes, now: datetime) -> UUID | None:
    """Take a token away, and return whose password it sets if it was still good."""
    query = password_resets.delete().where(password_resets.c.token_hash == token_hash)
    gone = await conn.execute(
        query.returning(password_resets.c.account_id, password_resets.c.expires_at)
    )
    row = gone.one_or_none()
    return row.account_id if row and row.expires_at > now else None
