"""Queries about collaborators."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import Collaborator
from hatoba.model.app import App
from hatoba.model.permission import USUAL, Permission, Standing, ordered
from hatoba.model.team import Role
from hatoba.store.tables import accounts, apps, collaborators, team_members

_select = sa.select(collaborators, accounts.c.email.label("email")).join(
    accounts, accounts.c.id == collaborators.c.account_id
)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Collaborator]:
    """Return an app's collaborators by e-mail address; its owner is none of them."""
    query = _select.where(collaborators.c.app_id == app_id).order_by(accounts.c.email)
    return [_collaborator(row) for row in (await conn.execute(query)).mappings()]


def _collaborator(row: sa.RowMapping) -> Collaborator:
    given = ordered(Permission(name) for name in row["permissions"])
    return Collaborator(**{**row, "permissions": given})


async def of_team(conn: AsyncConnection, team_id: UUID) -> list[Collaborator]:
    """Return the collaborators of all living apps of a team."""
    theirs = sa.select(apps.c.id).where(apps.c.owner_id == team_id, apps.c.destroyed_at.is_(None))
    query = _select.where(collaborators.c.app_id.in_(theirs)).order_by(accounts.c.email)
    return [_collaborator(row) for row in (await conn.execute(query)).mappings()]


async def standing(conn: AsyncConnection, app: App, account_id: UUID) -> Standing:
    """Return how an account stands to an app; an owner may do all, whatever else it is."""
    if app.owner_id == account_id:
        return Standing(owner=True, role=None, given=frozenset())
    permissions = sa.select(collaborators.c.permissions).where(
        collaborators.c.app_id == app.id, collaborators.c.account_id == account_id
    )
    in_team = sa.select(team_members.c.role).where(
        team_members.c.team_id == app.owner_id, team_members.c.account_id == account_id
    )
    query = sa.select(permissions.scalar_subquery(), in_team.scalar_subquery())
    given, role = (await conn.execute(query)).one()
    return Standing(
        owner=False,
        role=Role(role) if role else None,
        given=frozenset(Permission(name) for name in given or ()),
    )


async def add(
    conn: AsyncConnection,
    app_id: UUID,
    account_id: UUID,
    permissions: Iterable[Permission] | None = None,
) -> None:
    """Make the account a collaborator of the app; with permissions, change those of one."""
    names = [one.value for one in ordered(USUAL if permissions is None else permissions)]
    values = {"app_id": app_id, "account_id": account_id, "permissions": names}
    query = upsert(collaborators).values(**values)
    if permissions is None:
        await conn.execute(query.on_conflict_do_nothing())
        return
    changed = {"permissions": names, "updated_at": sa.func.now()}
    same = [collaborators.c.app_id, collaborators.c.account_id]
    await conn.execute(query.on_conflict_do_update(index_elements=same, set_=changed))


async def delete(conn: AsyncConnection, collaborator_id: UUID) -> None:
    """Take an account's access away."""
    await conn.execute(collaborators.delete().where(collaborators.c.id == collaborator_id))
