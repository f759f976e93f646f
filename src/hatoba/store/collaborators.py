"""Queries about collaborators."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Collaborator
from hatoba.store.tables import accounts, collaborators

_select = sa.select(collaborators, accounts.c.email.label("email")).join(
    accounts, accounts.c.id == collaborators.c.account_id
)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Collaborator]:
    """Return an app's collaborators by e-mail address; its owner is none of them."""
    query = _select.where(collaborators.c.app_id == app_id).order_by(accounts.c.email)
    return [Collaborator(**row) for row in (await conn.execute(query)).mappings()]


async def works_on(conn: AsyncConnection, app_id: UUID, account_id: UUID) -> bool:
    """Tell whether the account is a collaborator of the app."""
    query = sa.select(collaborators.c.id).where(
        collaborators.c.app_id == app_id, collaborators.c.account_id == account_id
    )
    return await conn.scalar(query) is not None


async def add(conn: AsyncConnection, app_id: UUID, account_id: UUID) -> None:
    """Make the account a collaborator of the app, if it is none yet."""
    query = upsert(collaborators).values(app_id=app_id, account_id=account_id)
    await conn.execute(query.on_conflict_do_nothing())


async def delete(conn: AsyncConnection, collaborator_id: UUID) -> None:
    """Take an account's access away."""
    await conn.execute(collaborators.delete().where(collaborators.c.id == collaborator_id))
