"""What a build job does: slug, release, release phase, and then look whether it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.build.base import BuildRequest, BuildResult, Emit
from hatoba.control import (
    boot,
    cloud_native_builds,
    config,
    image_builds,
    image_releases,
    releases,
)
from hatoba.control.platform import Actor, Platform
from hatoba.kit.scrub import Scrubber
from hatoba.kit.text import Indent
from hatoba.model.account import Account
from hatoba.model.app import CLOUD_NATIVE, CONTAINER, App
from hatoba.model.release import Build, Release, Status, deploy_description
from hatoba.store import apps as app_rows
from hatoba.store import builds as rows
from hatoba.store import releases as release_rows
from hatoba.store import slugs as slug_rows

log = structlog.get_logger("deploy")


async def carry_out(p: Platform, build_id: UUID) -> None:
    """Carry out a pending build; after an interruption, again from its last sure point."""
    build = await _pending(p, build_id)
    if build is not None:
        await _end(p, build, *await _outcome(p, build))
        (p.sources / build.source).unlink(missing_ok=True)
    p.streams.finish(build_id)


async def _pending(p: Platform, build_id: UUID) -> Build | None:
    async with p.store.begin() as conn:
        build = await rows.by_id(conn, build_id)
    return build if build and build.status is Status.PENDING else None


async def _outcome(p: Platform, build: Build) -> tuple[Status, str | None]:
    try:
        app, release = await _release(p, build)
        problem = await _follow(p, build, app, release)
    except (errors.BuildFailed, errors.ReleaseFailed, errors.DiskFull, errors.NotFound) as error:
        return Status.FAILED, error.message
    except errors.Unavailable:
        # The job is tried again once the part that is away has come back.
        raise
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("a build broke", build_id=str(build.id))
        return Status.FAILED, "The platform failed while building; its log says why. Push again."
    return Status.SUCCEEDED, problem


async def _end(p: Platform, build: Build, status: Status, message: str | None) -> None:
    if status is Status.FAILED:
        _say(p, build, f"\n !     {message}\n")
    async with p.store.begin() as conn:
        ended = await rows.end(conn, build.id, status, message=message)
    if ended:
        p.logs.event(build.app_id, f"Build {status.value}")


def _say(p: Platform, build: Build, text: str) -> None:
    p.streams.append(build.id, text.encode())


async def _release(p: Platform, build: Build) -> tuple[App, Release]:
    """Build the slug and make its release, unless an earlier attempt came that far."""
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, build.app_id)
        done = await release_rows.by_id(conn, build.release_id) if build.release_id else None
    if app is None or app.destroyed_at is not None:
        raise errors.NotFound("The app was destroyed while it was being built.")
    if done is not None:
        return app, done
    return app, await _make_release(p, build, app, await _slug(p, build, app))


async def _slug(p: Platform, build: Build, app: App) -> dict[str, Any]:
    """Build, and return the slug to be inserted."""
    env = await config.current(p, app)
    scrubber = Scrubber(env.values())

    def emit(data: bytes) -> None:
        p.streams.append(build.id, scrubber.feed(data))

    try:
        if build.stack == CONTAINER:
            images = await image_builds.carry_out(p, build, app, emit)
            return image_releases.slug(app, images, commit=build.source_version)
        if build.stack == CLOUD_NATIVE:
            made = await cloud_native_builds.carry_out(p, build, app, env, emit)
            return made.slug(app, build.source_version)
        return _values(build, app, await _build(p, build, app, env, emit))
    finally:
        p.streams.append(build.id, scrubber.close())


async def _build(
    p: Platform, build: Build, app: App, env: Mapping[str, str], emit: Emit
) -> BuildResult:
    request = BuildRequest(
        id=build.id,
        app_id=app.id,
        user=app.number,
        source=p.sources / build.source,
        source_version=build.source_version or "",
        stack=build.stack,
        buildpacks=build.buildpacks,
        env=env,
    )
    return await p.builder.build(request, emit)


def _values(build: Build, app: App, result: BuildResult) -> dict[str, Any]:
    return {
        "app_id": app.id,
        "checksum": result.checksum,
        "size": result.size,
        "process_types": result.process_types,
        "stack": build.stack,
        "buildpack_description": result.buildpack_description,
        "commit": build.source_version,
    }


async def _make_release(p: Platform, build: Build, app: App, slug: dict[str, Any]) -> Release:
    commit = build.source_version
    actor = Actor(
        Account(build.account_id, build.account_email, None, build.created_at, build.created_at)
    )
    async with p.store.begin() as conn:
        now = await app_rows.by_id(conn, app.id, lock=True)
        if now is None or now.destroyed_at is not None or now.config_id is None:
            raise errors.NotFound("The app was destroyed while it was being built.")
        slug_id = await slug_rows.insert(conn, slug)
        described = slug["buildpack_description"]
        await app_rows.update(conn, app.id, buildpack_description=described)
        text = deploy_description(commit) if commit else f"Deploy {str(slug_id)[:8]}"
        draft = releases.Draft(text, slug_id=slug_id, config_id=now.config_id)
        release = await releases.append(p, conn, actor, app.id, draft)
        await rows.set_result(conn, build.id, slug_id, release.id)
    releases.announce(p, actor, release)
    return release


async def _follow(p: Platform, build: Build, app: App, release: Release) -> str | None:
    """See the release through: its release phase, then its dynos. Return what went wrong."""
    if release.status is Status.PENDING:
        _say(p, build, "-----> Release phase: running the release command...\n")
        indent = Indent(b"       ")
        async for data in p.streams.follow(release.id):
            p.streams.append(build.id, indent.piece(data))
        p.streams.append(build.id, indent.end())
        release = await releases.find(p, app, str(release.id))
    if release.status is Status.FAILED:
        raise errors.ReleaseFailed(
            f"The release command of v{release.version} failed; "
            "the previous release goes on serving."
        )
    _say(p, build, "-----> Launching...\n")
    verdict = await boot.verdict(p, app, release)
    _say(p, build, f"       v{release.version}: {verdict.seen}\n")
    if verdict.ok:
        _say(p, build, f"       {p.place.web_url(app.name)} deployed to Hatoba\n")
        return None
    return (
        f"v{release.version} is released, but it did not start: {verdict.seen}. "
        "What ran before goes on serving. Fix it and push again, or run `heroku rollback`."
    )
