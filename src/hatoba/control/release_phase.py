"""The release phase: the ``release`` process runs once, and decides whether a release is made.

https://devcenter.heroku.com/articles/release-phase
"""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid5

from hatoba.control import config, releases
from hatoba.control.platform import Platform
from hatoba.control.reconcile import moves
from hatoba.kit.scrub import Scrubber
from hatoba.model.dyno import DEFAULT_SIZE, Dyno, DynoKind, DynoState
from hatoba.model.release import Release, Slug, Status
from hatoba.store import dynos as dyno_rows
from hatoba.store import releases as rows
from hatoba.store import slugs as slug_rows

TIME_LIMIT = 3600.0


async def carry_out(p: Platform, release_id: UUID) -> None:
    """Run the release phase of a pending release; after an interruption, go on with it.

    The dyno's id follows from the release's, so the command is never started twice.
    """
    async with p.store.begin() as conn:
        release = await rows.by_id(conn, release_id)
        slug = await slug_rows.by_id(conn, release.slug_id) if release and release.slug_id else None
    if release is None or slug is None or release.status is not Status.PENDING:
        p.streams.finish(release_id)
        return
    dyno = _dyno(p, release, slug)
    scrubber = Scrubber((await config.of_release(p, release)).values())
    p.pump.tap(dyno.id, lambda data: p.streams.append(release_id, scrubber.feed(data)))
    try:
        status = await _run(p, dyno)
    finally:
        p.pump.untap(dyno.id)
        p.streams.append(release_id, scrubber.close())
    await _decide(p, release, slug, dyno, status)
    p.streams.finish(release_id)


def _dyno(p: Platform, release: Release, slug: Slug) -> Dyno:
    now = p.clock.now()
    dyno_id = uuid5(release.id, "release phase")
    return Dyno(
        id=dyno_id,
        app_id=release.app_id,
        kind=DynoKind.RELEASE,
        type=releases.RELEASE_TYPE,
        number=1000 + dyno_id.int % 9000,
        release_id=release.id,
        release_version=release.version,
        size=DEFAULT_SIZE.name,
        command=slug.process_types[releases.RELEASE_TYPE],
        state=DynoState.STARTING,
        since=now,
        created_at=now,
    )


async def _run(p: Platform, dyno: Dyno) -> int | None:
    """Have the lane start the dyno, wait for its end, and return its exit status."""
    async with p.store.begin() as conn:
        await dyno_rows.insert(conn, dyno)
    p.lanes.nudge(dyno.app_id)
    status: int | None = None

    async def ended() -> bool:
        nonlocal status
        async with p.store.begin() as conn:
            noted = [d for d in await dyno_rows.of_app(conn, dyno.app_id) if d.id == dyno.id]
        status = noted[0].exit_status if noted else None
        return not noted or noted[0].state is DynoState.DOWN

    try:
        await asyncio.wait_for(p.lanes.until(dyno.app_id, ended), TIME_LIMIT)
    except TimeoutError:
        moves.say(p, dyno, "Release command took longer than an hour")
        await p.engine.stop(dyno.id, grace=0)
        return None
    ends = [d.output_end for d in await p.engine.dynos() if d.id == dyno.id]
    await p.pump.reached(max(ends, default=0))
    return status


async def _decide(
    p: Platform, release: Release, slug: Slug, dyno: Dyno, status: int | None
) -> None:
    async with p.store.begin() as conn:
        if status == 0:
            await releases.activate(conn, release, slug)
        else:
            await rows.fail(conn, release.id)
        await dyno_rows.delete(conn, dyno.id)
    if status == 0:
        p.logs.event(release.app_id, f"Release v{release.version} command succeeded")
    else:
        p.logs.event(release.app_id, f"Release v{release.version} command failed")
    p.lanes.nudge(release.app_id)
