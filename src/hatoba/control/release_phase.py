"""The release phase: the ``release`` process runs once, and decides whether a release is made.

https://devcenter.heroku.com/articles/release-phase
"""

from __future__ import annotations

from uuid import UUID, uuid5

from hatoba.control import commands, releases
from hatoba.control.commands import Command
from hatoba.control.platform import Platform
from hatoba.model.release import Release, Slug, Status
from hatoba.store import dynos as dyno_rows
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
    line = slug.process_types[releases.RELEASE_TYPE]
    command = Command(dyno_id, releases.RELEASE_TYPE, line, output=release.id)
    status = await commands.run(p, release, command)
    await _decide(p, release, slug, dyno_id, status)
    p.streams.finish(release_id)


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
