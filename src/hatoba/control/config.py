"""Config vars: read, change with a release, fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import releases, snapshots
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import config as rules
from hatoba.model.app import App
from hatoba.model.release import Release
from hatoba.store import apps as app_rows
from hatoba.store import config as rows


async def current(p: Platform, app: App) -> dict[str, str]:
    """Return the app's config vars."""
    async with p.store.begin() as conn:
        now = await app_rows.by_id(conn, app.id)
        return await _read(p, conn, now or app)


async def _read(p: Platform, conn: AsyncConnection, app: App) -> dict[str, str]:
    sealed = await rows.sealed(conn, app.config_id) if app.config_id else None
    return p.vault.unseal_config(app.id, sealed) if sealed else {}


async def of_release(p: Platform, release: Release) -> dict[str, str]:
    """Return the config vars as that release has them."""
    async with p.store.begin() as conn:
        sealed = await rows.sealed(conn, release.config_id)
    return p.vault.unseal_config(release.app_id, sealed) if sealed else {}


async def change(
    p: Platform, actor: Actor, app: App, changes: Mapping[str, str | None]
) -> dict[str, str]:
    """Set (or with None unset) config vars, make a release of it, and return them all.

    A change that changes nothing makes no release. Raises InvalidParams for a name or a size
    that can't be.
    """
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        await _check_names(conn, app, changes)
        before = await _read(p, conn, now)
        description = rules.describe_change(before, changes)
        if description is None:
            return before
        after = rules.merge(before, changes)
        release = await store(p, conn, actor, now, after, description)
    releases.announce(p, actor, release)
    return after


async def check(p: Platform, app: App, changes: Mapping[str, str | None]) -> None:
    """Raise what ``change`` would raise."""
    async with p.store.begin() as conn:
        await _check_names(conn, app, changes)
        now = await app_rows.by_id(conn, app.id)
        after = rules.merge(await _read(p, conn, now or app), changes)
    if problem := rules.size_problem(after):
        raise errors.InvalidParams(problem)


async def _check_names(conn: AsyncConnection, app: App, changes: Iterable[str]) -> None:
    for name in changes:
        if problem := rules.name_problem(name):
            raise errors.InvalidParams(problem)
    protected = await snapshots.protected(conn, app.id)
    if taken := sorted(set(changes) & set(protected)):
        raise errors.InvalidParams(
            f"{taken[0]} belongs to an add-on. Detach it first: heroku addons:detach "
            f"{protected[taken[0]]} -a {app.name}"
        )


async def store(
    p: Platform,
    conn: AsyncConnection,
    actor: Actor,
    app: App,
    values: Mapping[str, str],
    description: str,
) -> Release:
    """Give a locked app these config vars by a release. Raises InvalidParams for their size."""
    if problem := rules.size_problem(values):
        raise errors.InvalidParams(problem)
    sealed = p.vault.seal_config(app.id, values)
    config_id = await rows.insert(conn, app.id, sealed, rules.own_pages(values))
    await app_rows.update(conn, app.id, config_id=config_id)
    return await releases.append_without_code(
        p, conn, actor, app.id, description=description, config_id=config_id
    )


async def read(p: Platform, conn: AsyncConnection, app: App) -> dict[str, str]:
    """Return a locked app's config vars."""
    return await _read(p, conn, app)


def fingerprints(p: Platform, app: App, values: Mapping[str, str]) -> dict[str, str]:
    """Return the fingerprints of values, by the same names."""
    return {name: p.vault.fingerprint(app.id, value) for name, value in values.items()}
