"""Queries about releases. The history is only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.app import CLOUD_NATIVE
from hatoba.model.cloud_native import IMAGE
from hatoba.model.release import Release, Status
from hatoba.store.images import runs
from hatoba.store.tables import accounts, images, releases, slugs

# All process types of a slug that Cloud Native Buildpacks made run the same image.
_image = (
    sa.select(images.c.id)
    .where(
        slugs.c.id == releases.c.slug_id,
        slugs.c.stack == CLOUD_NATIVE,
        images.c.app_id == releases.c.app_id,
        images.c.type == IMAGE,
        runs(slugs, images),
    )
    .correlate(releases)
    .limit(1)
    .scalar_subquery()
)
_select = sa.select(
    releases, accounts.c.email.label("account_email"), _image.label("image_id")
).join(accounts, accounts.c.id == releases.c.account_id)


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
    """Return every release that is not decided yet, each app's by version."""
    query = _select.where(releases.c.status == Status.PENDING.value)
    ordered = query.order_by(releases.c.app_id, releases.c.version)
    return [_release(row) for row in (await conn.execute(ordered)).mappings()]


async def any_pending(conn: AsyncConnection, app_id: UUID) -> bool:
    """Return whether a release of the app is not decided yet."""
    pending = releases.c.status == Status.PENDING.value
    query = sa.select(releases.c.id).where(releases.c.app_id == app_id, pending).limit(1)
    return (await conn.execute(query)).first() is not None


async def set_slug(conn: AsyncConnection, release_id: UUID, slug_id: UUID | None) -> None:
    """Note which slug a release runs that was waiting to know."""
    query = releases.update().where(releases.c.id == release_id)
    await conn.execute(query.values(slug_id=slug_id))


async def make_current(conn: AsyncConnection, release: Release) -> bool:
    """Make a pending release the app's current one; the app's row must be locked.

    False when it was not pending, or when a newer release is current, which goes on being so.
    """
    if not await _leave_pending(conn, release.id, Status.SUCCEEDED):
        return False
    now = await current(conn, release.app_id)
    if now and now.version > release.version:
        return False
    if now:
        await _set_current(conn, now.id, current=False)
    await _set_current(conn, release.id, current=True)
    return True


async def _set_current(conn: AsyncConnection, release_id: UUID, *, current: bool) -> None:
    query = releases.update().where(releases.c.id == release_id)
    await conn.execute(query.values(current=current))


async def fail(conn: AsyncConnection, release_id: UUID) -> bool:
    """Mark a pending release as failed; False when it was not pending."""
    return await _leave_pending(conn, release_id, Status.FAILED)


async def _leave_pending(conn: AsyncConnection, release_id: UUID, status: Status) -> bool:
    result = await conn.execute(
        releases.update()
        .where(releases.c.id == release_id, releases.c.status == Status.PENDING.value)
        .values(status=status.value, updated_at=sa.func.now())
    )
    return bool(result.rowcount)
