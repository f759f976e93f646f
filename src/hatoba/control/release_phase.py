"""The release phase: the ``release`` process runs once, and decides whether a release is made.

https://devcenter.heroku.com/articles/release-phase
"""

from __future__ import annotations

from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.control import commands, releases
from hatoba.control.commands import Command
from hatoba.control.platform import Platform
from hatoba.model.dyno import DEFAULT_SIZE
from hatoba.model.formation import RELEASE_TYPE
from hatoba.model.release import Release, Slug, Status
from hatoba.store import apps as app_rows
from hatoba.store import dynos as dyno_rows
from hatoba.store import formations as formation_rows
from hatoba.store import releases as rows
from hatoba.store import slugs as slug_rows


async def carry_out(p: Platform, release_id: UUID) -> None:
    """Decide a pending release by its release phase; after an interruption, go on with it."""
    async with p.store.begin() as conn:
        release = await rows.by_id(conn, release_id)
        slug = await _slug(conn, release) if release else None
    if release is not None and release.status is Status.PENDING:
        dyno_id = uuid5(release.id, "release phase")
        status = await _run(p, release, slug, dyno_id) if slug and releases.has_phase(slug) else 0
        await _decide(p, release, slug, dyno_id, status)
    p.streams.finish(release_id)


async def _slug(conn: AsyncConnection, release: Release) -> Slug | None:
    """Return the release's slug; one that waited for its turn runs what has become current."""
    if release.slug_id is None and release.status is Status.PENDING:
        now = await rows.current(conn, release.app_id)
        await rows.set_slug(conn, release.id, now.slug_id if now else None)
        return await slug_rows.by_id(conn, now.slug_id) if now and now.slug_id else None
    return await slug_rows.by_id(conn, release.slug_id) if release.slug_id else None


async def _run(p: Platform, release: Release, slug: Slug, dyno_id: UUID) -> int | None:
    line = slug.process_types[RELEASE_TYPE]
    command = Command(dyno_id, RELEASE_TYPE, line, await _size(p, release), release.id)
    status = await commands.run(p, release, command)
    how = "succeeded" if status == 0 else "failed"
    p.logs.event(release.app_id, f"Release v{release.version} command {how}")
    return status


async def _size(p: Platform, release: Release) -> str:
    """Return the size that ``ps:type release=SIZE`` gave to release dynos."""
    async with p.store.begin() as conn:
        formation = await formation_rows.of_app(conn, release.app_id)
    return next((f.size for f in formation if f.type == RELEASE_TYPE), DEFAULT_SIZE.name)


async def _decide(
    p: Platform, release: Release, slug: Slug | None, dyno_id: UUID, status: int | None
) -> None:
    async with p.store.begin() as conn:
        await app_rows.by_id(conn, release.app_id, lock=True)
        if status == 0:
            await releases.activate(conn, release, slug)
        else:
            await rows.fail(conn, release.id)
        await dyno_rows.delete(conn, dyno_id)
    p.lanes.nudge(release.app_id)
