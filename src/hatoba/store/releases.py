"""Queries about releases. The history is only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.release import Release, Status
from hatoba.store.tables import accounts, releases

_select = sa.select(releases, accounts.c.email.label("account_email")).join(
    accounts, accounts.c.id == releases.c.account_id
)


def _release(row: sa.RowMapping) -> Release:
    return Release(**{**row, "status": Status(row["status"])})


async def _one(conn: AsyncConnection, *where: sa.ColumnElement[bool]) -> Release | None:
    row = (await conn.execute(_select.where(*where))).mappings().one_or_none()
    return _release(row) if row else None


async def append(conn: AsyncConnection, app_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Add the next version; the app's row must be locked by this transaction."""
    last = sa.select(sa.func.coalesce(sa.func.max(releases.c.version), 0)).where(
        releases.c.app_id == app_id
    )
    query = releases.insert().values(app_id=app_id, version=last.scalar_subquery() + 1, **values)
    return (await conn.execute(query.returning(releases.c.id))).scalar_one()  # type: ignore[no-any-return]


async def by_id(conn: AsyncConnection, release_id: UUID) -> Release | None:
    """Return the release."""
    return await _one(conn, releases.c.id == release_id)


async def by_version(conn: AsyncConnection, app_id: UUID, version: int) -> Release | None:
    """Return the app's release of that version."""
    return await _one(conn, releases.c.app_id == app_id, releases.c.version == version)


async def current(conn: AsyncConnection, app_id: UUID) -> Release | None:
    """Return the app's current release."""
    return await _one(conn, releases.c.app_id == app_id, releases.c.current)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Release]:
    """Return an app's releases by version."""
    query = _select.where(releases.c.app_id == app_id).order_by(releases.c.version)
    return [_release(row) for row in (await conn.execute(query)).mappings()]


async def pending(conn: AsyncConnection) -> list[Release]:
    """Return every release whose release phase has not ended."""
    query = _select.where(releases.c.status == Status.PENDING.value)
    return [_release(row) for row in (await conn.execute(query)).mappings()]


async def make_current(conn: AsyncConnection, release: Release) -> bool:
    """Make a pending release the app's current one; False when it was not pending."""
    mine = releases.c.app_id == release.app_id
    await conn.execute(releases.update().where(mine, releases.c.current).values(current=False))
    return await _leave_pending(conn, release.id, Status.SUCCEEDED, current=True)


async def fail(conn: AsyncConnection, release_id: UUID) -> bool:
    """Mark a pending release as failed; False when it was not pending."""
    return await _leave_pending(conn, release_id, Status.FAILED, current=False)


async def _leave_pending(
    conn: AsyncConnection, release_id: UUID, status: Status, *, current: bool
) -> bool:
    result = await conn.execute(
        releases.update()
        .where(releases.c.id == release_id, releases.c.status == Status.PENDING.value)
        .values(status=status.value, current=current, updated_at=sa.func.now())
    )
    return bool(result.rowcount)
