"""The release phase: the ``release`` process runs once, and decides whether a release is made.

https://devcenter.heroku.com/articles/release-phase
"""

from __future__ import annotations

from uuid import UUID, uuid5

from hatoba.control import commands, releases
from hatoba.control.commands import Command
from hatoba.control.platform import Platform
from hatoba.model.dyno import DEFAULT_SIZE
from hatoba.model.formation import RELEASE_TYPE
from hatoba.model.release import Release, Slug, Status
from hatoba.store import dynos as dyno_rows
from hatoba.store import formations as formation_rows
from hatoba.store import releases as rows
from hatoba.store import slugs as slug_rows


async def carry_out(p: Platform, release_id: UUID) -> None:
    """Run the release phase of a pending release; after an interruption, go on with it."""
    async with p.store.begin() as conn:
        release = await rows.by_id(conn, release_id)
        slug = await slug_rows.by_id(conn, release.slug_id) if release and release.slug_id else None
    if release is None or slug is None or release.status is not Status.PENDING:
        p.streams.finish(release_id)
        return
    dyno_id = uuid5(release.id, "release phase")
    line = slug.process_types[RELEASE_TYPE]
    command = Command(dyno_id, RELEASE_TYPE, line, await _size(p, release), release.id)
    status = await commands.run(p, release, command)
    await _decide(p, release, slug, dyno_id, status)
    p.streams.finish(release_id)


async def _size(p: Platform, release: Release) -> str:
    """Return the size that ``ps:type release=SIZE`` gave to release dynos."""
    async with p.store.begin() as conn:
        formation = await formation_rows.of_app(conn, release.app_id)
    return next((f.size for f in formation if f.type == RELEASE_TYPE), DEFAULT_SIZE.name)


async def _decide(
    p: Platform, release: Release, slug: Slug, dyno_id: UUID, status: int | None
) -> None:
    async with p.store.begin() as conn:
        if status == 0:
            await releases.activate(conn, release, slug)
        else:
            await rows.fail(conn, release.id)
        await dyno_rows.delete(conn, dyno_id)
    if status == 0:
        p.logs.event(release.app_id, f"Release v{release.version} command succeeded")
    else:
        p.logs.event(release.app_id, f"Release v{release.version} command failed")
    p.lanes.nudge(release.app_id)
