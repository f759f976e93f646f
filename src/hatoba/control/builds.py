"""Builds: take a source, have it built and released, tell how it went."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from hatoba import errors
from hatoba.control import build_caches, sources
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.release import Build, Status
from hatoba.store import apps as app_rows
from hatoba.store import builds as rows
from hatoba.store import releases as release_rows


@dataclass(frozen=True)
class Order:
    """A build to be: of an archive, which is moved away, with its version such as a commit.

    Without ``buildpacks`` the app's own are used.
    """

    source: Path
    version: str | None = None
    buildpacks: tuple[str, ...] = ()
    id: UUID = field(default_factory=uuid4)


async def create(p: Platform, actor: Actor, app: App, order: Order) -> Build:
    """Take the source archive and have it built.

    Raises BuildInProgress while another build of the app is pending.
    """
    kept = p.sources / f"{order.id}.tar"
    await asyncio.to_thread(sources.move, order.source, kept)
    values = {"id": order.id, "source": kept.name, "source_version": order.version}
    try:
        build = await _insert(p, actor, app, values, order.buildpacks)
    except BaseException as error:
        kept.unlink(missing_ok=True)
        if isinstance(error, IntegrityError):
            raise errors.BuildInProgress from error
        raise
    p.logs.event(app.id, f"Build started by user {actor.account.email}")
    return build


async def _insert(
    p: Platform, actor: Actor, app: App, values: dict[str, Any], buildpacks: tuple[str, ...]
) -> Build:
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        chosen = list(buildpacks or await app_rows.buildpacks(conn, app.id))
        more = {"app_id": app.id, "account_id": actor.account.id, "stack": now.stack}
        build_id = await rows.insert(conn, {**values, **more, "buildpacks": chosen})
        await p.jobs.build(conn, build_id, app.id)
        build = await rows.by_id(conn, build_id)
    if build is None:
        raise errors.HatobaError
    return build


async def listed(p: Platform, app: App) -> list[Build]:
    """Return the app's builds, oldest first."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, identity: str) -> Build:
    """Return a build of the app by id. Raises NotFound."""
    try:
        build_id = UUID(identity)
    except ValueError:
        build_id = None
    build = await by_id(p, build_id) if build_id else None
    if build is None or build.app_id != app.id:
        raise errors.NotFound("Couldn't find that build.", resource="build")
    return build


async def by_id(p: Platform, build_id: UUID) -> Build | None:
    """Return the build."""
    async with p.store.begin() as conn:
        return await rows.by_id(conn, build_id)


async def cancel(p: Platform, actor: Actor, app: App, build: Build) -> Build:
    """Stop a pending build; nothing is released."""
    if build.status is not Status.PENDING:
        raise errors.Conflict("That build has ended already.")
    if build.release_id is not None:
        raise errors.Conflict("That build is being released already; roll back instead.")
    reason = f"The build was cancelled by {actor.account.email}."
    async with p.store.begin() as conn:
        await rows.end(conn, build.id, Status.FAILED, message=reason)
    p.jobs.cancel(build.id)
    p.streams.append(build.id, f" !     {reason}\n".encode())
    p.streams.finish(build.id)
    return await find(p, app, str(build.id))


async def drop_cache(p: Platform, actor: Actor, app: App) -> None:
    """Delete what builds of the app keep between them."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
    await build_caches.drop(p, app.id)


async def awaited(p: Platform, stream_id: UUID) -> bool:
    """Tell whether a build or a release phase is still to end, and so to write to its stream."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, stream_id) or await release_rows.by_id(conn, stream_id)
    return found is not None and found.status is Status.PENDING


def output_path(p: Platform, stream_id: UUID) -> str:
    """Return the unguessable path of a build's or a release's output in the API."""
    signature = p.vault.sign("stream", str(stream_id))
    return f"/streams/{stream_id}/{signature}"
