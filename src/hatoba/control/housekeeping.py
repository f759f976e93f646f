"""What keeps the disk from filling: old trash, old slugs, unused sources are removed."""

from __future__ import annotations

import asyncio
import shutil

import structlog

from hatoba import errors
from hatoba.control import (
    apps,
    backups,
    image_builds,
    images,
    releases,
    review_apps_run,
    slugs,
    test_runs_run,
    transfers_scratch,
)
from hatoba.control.platform import Platform
from hatoba.kit.text import plural
from hatoba.model import traffic
from hatoba.model.webhook import KEPT_FOR
from hatoba.store import builds as build_rows
from hatoba.store import review_apps as review_rows
from hatoba.store import setups as setup_rows
from hatoba.store import slug_drafts as draft_rows
from hatoba.store import slugs as slug_rows
from hatoba.store import test_runs as test_rows
from hatoba.store import traffic as traffic_rows
from hatoba.store import webhook_deliveries as webhook_rows

log = structlog.get_logger("housekeeping")


async def tidy(p: Platform) -> str:
    """Remove what nobody can need any more; return one sentence that says what went."""
    await review_apps_run.sweep(p)
    await test_runs_run.sweep(p)
    gone = await apps.empty_trash(p)
    expired = await releases.expire(p)
    async with p.store.begin() as conn:
        kept = await slug_rows.checksums(conn)
        pending = {build.source for build in await build_rows.pending(conn)}
        pending |= {f"{setup.id}.tar" for setup in await setup_rows.pending(conn)}
        pending |= {f"{one.setup_id}.tar" for one in await review_rows.unfinished(conn)}
        pending |= {f"{one.setup_id}.tar" for one in await test_rows.unfinished(conn)}
    unused = await p.builder.keep_only(kept)
    sources = await asyncio.to_thread(_drop_sources, p, pending)
    outputs = await asyncio.to_thread(p.streams.keep_within)
    dumps = await _tidy_backups(p)
    blobs = await images.tidy(p)
    async with p.store.begin() as conn:
        told = await webhook_rows.prune(conn, p.clock.now() - KEPT_FOR)
        await draft_rows.prune(conn, p.clock.now() - slugs.WAITS)
        await traffic_rows.prune(conn, p.clock.now() - traffic.KEPT_FOR)
    sentence = (
        f"removed {plural(len(gone), 'app')} from the trash, {plural(unused, 'slug')}, "
        f"{plural(sources, 'source')}, {plural(dumps, 'dump')} and {plural(blobs, 'blob')} "
        "that nothing refers to, "
        f"{plural(told, 'old event')} and {plural(outputs, 'old output')}; "
        f"{plural(expired, 'release')} expired"
    )
    log.info(sentence)
    return sentence


async def _tidy_backups(p: Platform) -> int:
    """Tidy backups; a bucket or server that is away now will be there another time."""
    try:
        await transfers_scratch.sweep(p)
        return await backups.tidy(p)
    except errors.HatobaError as error:
        log.warning("backups are not tidied", why=error.message)
        return 0


def _drop_sources(p: Platform, pending: set[str]) -> int:
    left = [path for path in p.sources.glob("*.tar") if path.name not in pending]
    for path in left:
        path.unlink(missing_ok=True)
    for folder in p.sources.glob(f"*{image_builds.FOLDER}"):
        if f"{folder.stem}.tar" not in pending:
            shutil.rmtree(folder, ignore_errors=True)
    return len(left)
