"""From a noted dyno to what the engine is told to start."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from hatoba import errors
from hatoba.control import config
from hatoba.control.platform import Platform
from hatoba.engines.base import DynoSpec, Terminal
from hatoba.model.dyno import SIZES, Dyno, DynoKind
from hatoba.store import apps as app_rows
from hatoba.store import releases as release_rows
from hatoba.store import slugs as slug_rows


async def spec(
    p: Platform,
    dyno: Dyno,
    *,
    extra: Mapping[str, str] | None = None,
    attach: bool = False,
    terminal: Terminal | None = None,
    lifetime: float | None = None,
) -> DynoSpec:
    """Return what the engine needs to start the dyno: slug, config vars, quota."""
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, dyno.app_id)
        release = await release_rows.by_id(conn, dyno.release_id)
        slug_id: UUID | None = release.slug_id if release else None
        slug = await slug_rows.by_id(conn, slug_id) if slug_id else None
    if app is None or release is None:
        raise errors.NotFound("Couldn't find the app or the release of that dyno.")
    env = {**await config.of_release(p, release), **(extra or {})}
    return DynoSpec(
        id=dyno.id,
        app_id=dyno.app_id,
        name=dyno.name,
        user=app.number,
        slug=p.builder.slug(slug.checksum) if slug else None,
        command=dyno.command,
        env=env,
        memory=SIZES[dyno.size.lower()].memory_bytes,
        listens=dyno.kind is DynoKind.PROCESS and dyno.type == "web",
        attach=attach,
        terminal=terminal,
        lifetime=lifetime,
    )
