"""Queries that let old releases go, and the slugs that no other release has."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.release import Status
from hatoba.store.tables import builds, releases, slugs


async def expire(conn: AsyncConnection, before: datetime, newest: int) -> int:
    """Let releases expire that are older, and not among their app's newest, with their slugs.

    A slug that a kept release has too stays, and so does each release of it. Slugs that were never
    released go when they are older. Return how many releases expired.
    """
    kept = _kept(before, newest)
    old = releases.c.slug_id.is_not(None) & releases.c.slug_id.not_in(kept)
    expired = releases.update().where(old)
    expired = expired.values(slug_id=None, status=Status.EXPIRED.value, updated_at=sa.func.now())
    count = (await conn.execute(expired)).rowcount
    await _delete_slugs(conn, before)
    return count


def _kept(before: datetime, newest: int) -> sa.Select[tuple[object]]:
    """Return the query of the slugs that some release keeps."""
    place = sa.func.row_number().over(
        partition_by=releases.c.app_id, order_by=releases.c.version.desc()
    )
    ranked = sa.select(releases, place.label("place")).subquery()
    keeps = sa.or_(
        ranked.c.place <= newest,
        ranked.c.created_at >= before,
        ranked.c.current,
        ranked.c.status == Status.PENDING.value,
    )
    return sa.select(ranked.c.slug_id).where(ranked.c.slug_id.is_not(None), keeps)


async def _delete_slugs(conn: AsyncConnection, before: datetime) -> None:
    released = sa.exists().where(releases.c.slug_id == slugs.c.id)
    unused = sa.select(slugs.c.id).where(slugs.c.created_at < before, ~released)
    forget = builds.update().where(builds.c.slug_id.in_(unused)).values(slug_id=None)
    await conn.execute(forget)
    await conn.execute(slugs.delete().where(slugs.c.id.in_(unused)))
