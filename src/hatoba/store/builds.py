"""Queries about builds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.release import Build, Status
from hatoba.store.tables import accounts, builds

_select = sa.select(builds, accounts.c.email.label("account_email")).join(
    accounts, accounts.c.id == builds.c.account_id
)


def _build(row: sa.RowMapping) -> Build:
    values = dict(row)
    values["status"] = Status(values["status"])
    values["buildpacks"] = tuple(values["buildpacks"])
    return Build(**values)


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> UUID:
    """Add a pending build; raises IntegrityError when the app has one already."""
    query = builds.insert().values(**{"status": Status.PENDING.value, **values})
    return (await conn.execute(query.returning(builds.c.id))).scalar_one()  # type: ignore[no-any-return]


async def by_id(conn: AsyncConnection, build_id: UUID) -> Build | None:
    """Return the build."""
    row = (await conn.execute(_select.where(builds.c.id == build_id))).mappings().one_or_none()
    return _build(row) if row else None


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Build]:
    """Return an app's builds, oldest first."""
    query = _select.where(builds.c.app_id == app_id).order_by(builds.c.created_at)
    return [_build(row) for row in (await conn.execute(query)).mappings()]


async def pending(conn: AsyncConnection) -> list[Build]:
    """Return every build that has not ended."""
    query = _select.where(builds.c.status == Status.PENDING.value)
    return [_build(row) for row in (await conn.execute(query)).mappings()]


async def end(conn: AsyncConnection, build_id: UUID, status: Status, **values: Any) -> bool:  # noqa: ANN401
    """End a pending build; False when it had ended already."""
    result = await conn.execute(
        builds.update()
        .where(builds.c.id == build_id, builds.c.status == Status.PENDING.value)
        .values(status=status.value, updated_at=sa.func.now(), **values)
    )
    return bool(result.rowcount)


async def set_result(
    conn: AsyncConnection, build_id: UUID, slug_id: UUID, release_id: UUID
) -> None:
    """Note what a still pending build has made so far."""
    await conn.execute(
        builds.update()
        .where(builds.c.id == build_id)
        .values(slug_id=slug_id, release_id=release_id, updated_at=sa.func.now())
    )
