"""Releases: the append-only history, and which one is current.

A release that brings code may overtake an older one whose release phase goes on (a rollback must
not wait for a migration that hangs); the older one is then never current. One that brings no code,
such as a change of config vars, waits for what is before it, and runs the code that came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import snapshots
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import formation as formation_rules
from hatoba.model.app import App
from hatoba.model.dyno import DEFAULT_SIZE
from hatoba.model.formation import RELEASE_TYPE
from hatoba.model.release import KEPT_RELEASES, Release, Slug, Status, rollback_description
from hatoba.store import apps as app_rows
from hatoba.store import expiry
from hatoba.store import formations as formation_rows
from hatoba.store import releases as rows
from hatoba.store import slugs as slug_rows


@dataclass(frozen=True)
class Draft:
    """A release to be: what it will run, with which config.

    One that ``waits`` learns at its turn, once all before it are decided, which slug it runs.
    """

    description: str
    slug_id: UUID | None
    config_id: UUID
    waits: bool = False


async def append(
    p: Platform, conn: AsyncConnection, actor: Actor, app_id: UUID, draft: Draft
) -> Release:
    """Add a release in this transaction, which has locked the app.

    With a ``release`` process it stays pending until its release phase has succeeded, and one
    that waits until its turn; otherwise it is current at once.
    """
    values = {
        "description": draft.description,
        "account_id": actor.account.id,
        "slug_id": draft.slug_id,
        "config_id": draft.config_id,
        "status": Status.PENDING.value,
    }
    release_id = await rows.append(conn, app_id, values)
    release = await _by_id(conn, release_id)
    slug = await slug_rows.by_id(conn, draft.slug_id) if draft.slug_id else None
    if slug and has_phase(slug):
        # Known before it has succeeded once: releases:retry looks for it in the formation.
        await _put_type(conn, app_id, RELEASE_TYPE, slug, 0)
    if draft.waits or has_phase(slug):
        await app_rows.update(conn, app_id)
        await p.jobs.release(conn, release_id, app_id)
        return release
    return await activate(conn, release, slug)


async def append_without_code(
    p: Platform,
    conn: AsyncConnection,
    actor: Actor,
    app_id: UUID,
    *,
    description: str,
    config_id: UUID,
) -> Release:
    """Add a release of the code that the app has, in this transaction, which has locked it."""
    waits = await rows.any_pending(conn, app_id)
    now = None if waits else await rows.current(conn, app_id)
    draft = Draft(description, now.slug_id if now else None, config_id, waits=waits)
    return await append(p, conn, actor, app_id, draft)


def has_phase(slug: Slug | None) -> bool:
    """Return whether a release of the slug has a release phase."""
    return slug is not None and RELEASE_TYPE in slug.process_types


async def activate(conn: AsyncConnection, release: Release, slug: Slug | None) -> Release:
    """Make a pending release of a locked app current, unless a newer one is.

    Its process types become the app's formation.
    """
    if await rows.make_current(conn, release):
        if slug:
            await _adopt_process_types(conn, release.app_id, slug)
        await app_rows.update(
            conn,
            release.app_id,
            released_at=release.created_at,
            **({"slug_size": slug.size} if slug else {}),
        )
    return await _by_id(conn, release.id)


async def _adopt_process_types(conn: AsyncConnection, app_id: UUID, slug: Slug) -> None:
    before = {f.type: f.quantity for f in await formation_rows.of_app(conn, app_id)}
    for name, quantity in formation_rules.initial(slug.process_types, before).items():
        await _put_type(conn, app_id, name, slug, quantity)
    await formation_rows.keep_only(conn, app_id, slug.process_types)


async def _put_type(
    conn: AsyncConnection, app_id: UUID, name: str, slug: Slug, quantity: int
) -> None:
    values = {"app_id": app_id, "type": name, "command": slug.process_types[name]}
    values |= {"quantity": quantity, "size": DEFAULT_SIZE.name}
    await formation_rows.put(conn, values)


async def _by_id(conn: AsyncConnection, release_id: UUID) -> Release:
    release = await rows.by_id(conn, release_id)
    if release is None:
        raise errors.NotFound("Couldn't find that release.", resource="release")
    return release


def announce(p: Platform, actor: Actor, release: Release) -> None:
    """Say in the log that there is a new release, and have the dynos follow it."""
    who = f"by user {actor.account.email}"
    p.logs.event(release.app_id, f"Release v{release.version} created {who}")
    p.logs.event(release.app_id, f"{release.description} {who}")
    p.lanes.nudge(release.app_id)


async def listed(p: Platform, app: App) -> list[Release]:
    """Return the app's releases by version."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, identity: str) -> Release:
    """Return a release by id, ``7`` or ``v7``. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await _find(conn, app, identity)
    return _found(found, app)


def _found(release: Release | None, app: App) -> Release:
    if release is None or release.app_id != app.id:
        raise errors.NotFound("Couldn't find that release.", resource="release")
    return release


async def _find(conn: AsyncConnection, app: App, identity: str) -> Release | None:
    version = identity.removeprefix("v")
    if version.isdecimal() and len(version) < 10:
        return await rows.by_version(conn, app.id, int(version))
    try:
        return await rows.by_id(conn, UUID(identity))
    except ValueError:
        return None


async def create(
    p: Platform, actor: Actor, app: App, *, slug_id: UUID, description: str | None
) -> Release:
    """Release a slug of this platform with the app's present config vars."""
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        slug = await slug_rows.hold(conn, slug_id)
        if slug is None or now.config_id is None:
            raise errors.NotFound("Couldn't find that slug.", resource="slug")
        text = description or f"Deploy {(slug.commit or str(slug.id))[:8]}"
        draft = Draft(text, slug_id=slug_id, config_id=now.config_id)
        release = await append(p, conn, actor, app.id, draft)
    announce(p, actor, release)
    return release


async def rollback(p: Platform, actor: Actor, app: App, identity: str) -> Release:
    """Make a new release of an earlier one's slug and config vars."""
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        target = _found(await _find(conn, app, identity), app)
        await _check_slug(conn, target)
        text = rollback_description(target.version)
        config_id = await snapshots.brought_up(p, conn, now, target.config_id)
        draft = Draft(text, slug_id=target.slug_id, config_id=config_id)
        await app_rows.update(conn, app.id, config_id=config_id)
        release = await append(p, conn, actor, app.id, draft)
    announce(p, actor, release)
    return release


async def _check_slug(conn: AsyncConnection, target: Release) -> None:
    """Raise InvalidParams unless the release's slug ran and is there to run again."""
    there = target.slug_id is not None and await slug_rows.hold(conn, target.slug_id) is not None
    if target.status is Status.EXPIRED or (target.slug_id is not None and not there):
        raise errors.InvalidParams(
            f"Can't roll back to v{target.version}: it has expired, and its slug is deleted. "
            "Push its commit again."
        )
    if target.status is not Status.SUCCEEDED or not there:
        raise errors.InvalidParams(
            f"Can't roll back to v{target.version}: it has no slug that ran. "
            "Choose one that `heroku releases` shows as succeeded."
        )


async def expire(p: Platform) -> int:
    """Let the slugs of old releases go; return how many releases can't be rolled back to now."""
    async with p.store.begin() as conn:
        before = p.clock.now() - timedelta(days=p.release_days)
        return await expiry.expire(conn, before, KEPT_RELEASES)
