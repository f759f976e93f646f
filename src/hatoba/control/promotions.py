"""Promotions: the slug that an app runs becomes a release of other apps, without a build.

All releases of a promotion are made in one transaction; whatever interrupts it, either all
targets have theirs or none has. From then on each is a release as any other: its release phase
is a durable job, and its status is the target's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import images, releases
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.pipeline import Pipeline, Promotion, PromotionTarget, promote_description
from hatoba.model.release import Release, Slug
from hatoba.store import apps as app_rows
from hatoba.store import images as image_rows
from hatoba.store import pipelines as pipeline_rows
from hatoba.store import promotions as rows
from hatoba.store import releases as release_rows
from hatoba.store import slugs as slug_rows


@dataclass(frozen=True)
class _Source:
    """What is promoted."""

    app: App
    release: Release
    slug: Slug


@dataclass(frozen=True)
class Target:
    """An app to promote to, and the version of its state that was reviewed (None: any)."""

    app: App
    reviewed: int | None = None


async def create(
    p: Platform, actor: Actor, pipeline: Pipeline, source: App, targets: Sequence[Target]
) -> Promotion:
    """Release the source's current slug on each target, with the target's own config vars.

    Raises InvalidParams when there is nothing to promote, or an app is not of the pipeline, and
    StaleReview when one of the apps is not any more as it was reviewed.
    """
    if not targets:
        raise errors.InvalidParams("A promotion needs at least one target app.")
    made: list[Release] = []
    async with p.store.begin() as conn:
        ends = [Target(source, actor.reviewed), *targets]
        await _check_members(conn, pipeline, [end.app for end in ends])
        # In the order of their ids, so that two promotions never wait for each other.
        for end in sorted(ends, key=lambda one: one.app.id):
            await locked(conn, Actor(actor.account, end.reviewed), end.app)
        promoted = await _source(conn, source)
        note = await rows.insert(conn, pipeline.id, source.id, promoted.release.id)
        for target in targets:
            release = await _release(p, conn, actor, promoted, target.app)
            await rows.add_target(conn, note.id, target.app.id, release.id)
            made.append(release)
    for release in made:
        releases.announce(p, actor, release)
    return note


async def _check_members(conn: AsyncConnection, pipeline: Pipeline, apps: Sequence[App]) -> None:
    if len({app.id for app in apps}) != len(apps):
        raise errors.InvalidParams("Each app can be named once, and none can promote to itself.")
    members = {coupled.app_id for coupled in await pipeline_rows.couplings(conn, pipeline.id)}
    for app in apps:
        if app.id not in members:
            raise errors.InvalidParams(f"{app.name} is not in the pipeline {pipeline.name}.")


async def _source(conn: AsyncConnection, app: App) -> _Source:
    release = await release_rows.current(conn, app.id)
    slug = await slug_rows.by_id(conn, release.slug_id) if release and release.slug_id else None
    if release is None or slug is None:
        raise errors.InvalidParams(
            f"{app.name} has nothing to promote: no code was deployed to it. "
            "Deploy it with git push heroku main"
        )
    return _Source(app, release, slug)


async def _release(
    p: Platform, conn: AsyncConnection, actor: Actor, source: _Source, target: App
) -> Release:
    now = await app_rows.by_id(conn, target.id)
    if now is None or now.config_id is None:
        raise errors.NotFound("Couldn't find that app.", resource="app")
    text = promote_description(source.app.name, source.release.version, source.slug.commit)
    slug_id = await slug_rows.copy(conn, source.slug, target.id)
    if source.slug.images:
        await _copy_images(conn, source, target)
    return await releases.append(
        p, conn, actor, target.id, releases.Draft(text, slug_id, now.config_id)
    )


async def _copy_images(conn: AsyncConnection, source: _Source, target: App) -> None:
    """Have the target's registry give out the images too, and make it an app of their kind."""
    found = source.slug.images.values()
    digests = {one.digest for one in found}
    await image_rows.copy(conn, source.app.id, target.id, digests)
    await image_rows.tag_new(conn, target.id, digests, images.LATEST)
    await image_rows.link(conn, target.id, set[str]().union(*(one.blobs for one in found)))
    await app_rows.update(conn, target.id, stack=source.slug.stack)


async def find(p: Platform, account: Account, identity: UUID | None) -> Promotion:
    """Return a promotion of a pipeline that the account sees. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, identity) if identity else None
        seen = {pipeline.id for pipeline in await pipeline_rows.seen_by(conn, account.id)}
    if found is None or found.pipeline_id not in seen:
        raise errors.NotFound("Couldn't find that pipeline promotion.", resource="promotion")
    return found


async def targets(p: Platform, promotion: Promotion) -> list[PromotionTarget]:
    """Return what has become of a promotion on each target."""
    async with p.store.begin() as conn:
        return await rows.targets(conn, promotion.id)
