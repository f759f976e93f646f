"""Queries about apps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.app import App
from hatoba.model.team import Role
from hatoba.store.tables import accounts, apps, collaborators, team_members, teams

_columns: list[sa.ColumnElement[Any]] = [c for c in apps.c if c.name != "buildpacks"]
_select = (
    sa.select(*_columns, accounts.c.email.label("owner_email"), teams.c.name.label("team"))
    .join(accounts, accounts.c.id == apps.c.owner_id)
    .outerjoin(teams, teams.c.id == apps.c.owner_id)
)


def _app(row: sa.RowMapping) -> App:
    return App(**row)


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> UUID:
    """Add an app; raises IntegrityError when its name is taken."""
    result = await conn.execute(apps.insert().values(**values).returning(apps.c.id))
    return result.scalar_one()  # type: ignore[no-any-return]


async def by_id(conn: AsyncConnection, app_id: UUID, *, lock: bool = False) -> App | None:
    """Return the app, destroyed or not; ``lock`` keeps others out until the transaction ends."""
    query = _select.where(apps.c.id == app_id)
    query = query.with_for_update(of=apps) if lock else query
    row = (await conn.execute(query)).mappings().one_or_none()
    return _app(row) if row else None


async def by_name(conn: AsyncConnection, name: str) -> App | None:
    """Return the living app of that name."""
    query = _select.where(apps.c.name == name, apps.c.destroyed_at.is_(None))
    row = (await conn.execute(query)).mappings().one_or_none()
    return _app(row) if row else None


async def of_account(conn: AsyncConnection, account_id: UUID, *, shared: bool) -> list[App]:
    """Return the living apps that an account owns, and with ``shared`` those it sees."""
    mine = seen_by(account_id) if shared else apps.c.owner_id == account_id
    query = _select.where(mine, apps.c.destroyed_at.is_(None)).order_by(apps.c.name)
    return [_app(row) for row in (await conn.execute(query)).mappings()]


async def worked_on(conn: AsyncConnection, owner_id: UUID, account_id: UUID) -> list[App]:
    """Return the living apps of an owner on which an account is a collaborator."""
    theirs = sa.select(collaborators.c.app_id).where(collaborators.c.account_id == account_id)
    query = _select.where(apps.c.owner_id == owner_id, apps.c.destroyed_at.is_(None))
    found = await conn.execute(query.where(apps.c.id.in_(theirs)).order_by(apps.c.name))
    return [_app(row) for row in found.mappings()]


def seen_by(account_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition that an account owns, works on or, with its team, sees an app.

    Each of the three is found by an index, and as an array so are the apps: by an OR, or a join,
    Postgres looks at everybody's apps.
    """
    one = apps.alias("seen")
    mine = sa.select(one.c.id).where(one.c.owner_id == account_id)
    theirs = sa.select(collaborators.c.app_id).where(collaborators.c.account_id == account_id)
    ours = (
        sa.select(one.c.id)
        .join(team_members, team_members.c.team_id == one.c.owner_id)
        .where(
            team_members.c.account_id == account_id, team_members.c.role != Role.COLLABORATOR.value
        )
    )
    seen = sa.union(mine, theirs, ours).scalar_subquery()
    return apps.c.id == sa.any_(sa.func.array(seen))


async def living(conn: AsyncConnection) -> list[App]:
    """Return every living app."""
    query = _select.where(apps.c.destroyed_at.is_(None))
    return [_app(row) for row in (await conn.execute(query)).mappings()]


async def destroyed(conn: AsyncConnection, *, owners: Collection[UUID] | None = None) -> list[App]:
    """Return the apps in the trash, of some owners or of all."""
    query = _select.where(apps.c.destroyed_at.is_not(None)).order_by(apps.c.destroyed_at)
    if owners is not None:
        query = query.where(apps.c.owner_id.in_(owners))
    return [_app(row) for row in (await conn.execute(query)).mappings()]


async def update(conn: AsyncConnection, app_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of an app, and count the change in its version."""
    await conn.execute(
        apps.update()
        .where(apps.c.id == app_id)
        .values(version=apps.c.version + 1, updated_at=sa.func.now(), **values)
    )


async def set_repo_size(conn: AsyncConnection, app_id: UUID, size: int) -> None:
    """Note the size of an app's repository: no change that anybody could have reviewed."""
    await conn.execute(apps.update().where(apps.c.id == app_id).values(repo_size=size))


async def delete(conn: AsyncConnection, app_id: UUID) -> None:
    """Remove the app and all that belongs to it."""
    await conn.execute(apps.delete().where(apps.c.id == app_id))


async def buildpacks(conn: AsyncConnection, app_id: UUID) -> list[str]:
    """Return the app's buildpacks in order."""
    return list(await conn.scalar(sa.select(apps.c.buildpacks).where(apps.c.id == app_id)) or [])


async def set_buildpacks(conn: AsyncConnection, app_id: UUID, urls: Sequence[str]) -> None:
    """Replace the app's buildpacks."""
    await update(conn, app_id, buildpacks=list(urls))


async def expired(conn: AsyncConnection, before: datetime) -> list[UUID]:
    """Return the apps that were destroyed before that moment."""
    query = sa.select(apps.c.id).where(apps.c.destroyed_at < before)
    return list((await conn.scalars(query)).all())
