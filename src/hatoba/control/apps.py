"""Apps: create, change, destroy into the trash, restore from it."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import addons_work, build_caches, builders, image_releases, releases
from hatoba.control.platform import Actor, Platform, locked
from hatoba.kit.text import listing
from hatoba.model.app import (
    CLOUD_NATIVE,
    CONTAINER,
    REGION,
    STACK,
    STACKS,
    App,
    name_problem,
    random_name,
)
from hatoba.store import apps as rows
from hatoba.store import config as config_rows
from hatoba.store import teams as team_rows

TRASH_DAYS = 7
_NAME_TRIES = 5
# What else is to be done in the transaction that makes an app.
Beside = Callable[[AsyncConnection, App], Awaitable[None]]


async def create(
    p: Platform,
    actor: Actor,
    *,
    name: str | None = None,
    stack: str | None = None,
    region: str | None = None,
    beside: Beside | None = None,
) -> App:
    """Create an app and its first release, which has neither slug nor config vars.

    Without a name one is made up. Raises InvalidParams when the name can't be had.
    """
    _check(p, name=name, stack=stack, region=region)
    for _ in range(_NAME_TRIES):
        chosen = name or random_name(random.SystemRandom())
        try:
            return await _insert(p, actor, chosen, stack or STACK, beside)
        except IntegrityError:
            if name:
                break
    raise _taken(name)


async def _insert(p: Platform, actor: Actor, name: str, stack: str, beside: Beside | None) -> App:
    async with p.store.begin() as conn:
        values = {"name": name, "owner_id": actor.account.id, "stack": stack, "region": REGION}
        app_id = await rows.insert(conn, values)
        config_id = await config_rows.insert(conn, app_id, p.vault.seal_config(app_id, {}))
        await rows.update(conn, app_id, config_id=config_id)
        draft = releases.Draft("Initial release", slug_id=None, config_id=config_id)
        await releases.append(p, conn, actor, app_id, draft)
        app = await rows.by_id(conn, app_id)
        if app is None:
            raise errors.HatobaError
        if beside is not None:
            await beside(conn, app)
            app = await rows.by_id(conn, app_id) or app
    p.logs.event(app.id, f"Initial release by user {actor.account.email}")
    p.lanes.nudge(app.id)
    return app


def _check(
    p: Platform, *, name: str | None = None, stack: str | None = None, region: str | None = None
) -> None:
    if name is not None and (problem := name_problem(name)):
        raise errors.InvalidParams(problem)
    if stack is not None:
        check_stack(p, stack)
    if region not in (None, REGION):
        raise errors.InvalidParams(
            f"Region {region} is not here; the region of this platform is {REGION}."
        )


def check_stack(p: Platform, stack: str) -> None:
    """Raise InvalidParams for a stack that apps can't have here."""
    if stack not in STACKS:
        raise errors.InvalidParams(
            f"Stack {stack} is not here; the stacks of this platform are {listing(STACKS)}."
        )
    if stack == CONTAINER:
        image_releases.check_engine(p)
    if stack == CLOUD_NATIVE:
        builders.check(p)


async def of_collaborator(p: Platform, owner_id: UUID, account_id: UUID) -> list[App]:
    """Return the living apps of an owner on which an account is a collaborator."""
    async with p.store.begin() as conn:
        return await rows.worked_on(conn, owner_id, account_id)


async def update(
    p: Platform,
    actor: Actor,
    app: App,
    *,
    name: str | None = None,
    maintenance: bool | None = None,
    build_stack: str | None = None,
) -> App:
    """Rename the app, switch maintenance, or set its stack."""
    _check(p, name=name, stack=build_stack)
    try:
        async with p.store.begin() as conn:
            now = await locked(conn, actor, app)
            changes: dict[str, Any] = {}
            if name is not None and name != now.name:
                changes["name"] = name
            if maintenance is not None and maintenance != now.maintenance:
                changes["maintenance"] = maintenance
            if build_stack is not None and build_stack != now.stack:
                changes["stack"] = build_stack
            if changes:
                await rows.update(conn, app.id, **changes)
            after = await rows.by_id(conn, app.id)
    except IntegrityError as error:
        raise _taken(name) from error
    if "maintenance" in changes:
        word = "on" if maintenance else "off"
        p.logs.event(app.id, f"Maintenance mode {word} by user {actor.account.email}")
    if "name" in changes:
        p.logs.event(app.id, f"Rename {now.name} to {name} by user {actor.account.email}")
    await p.lanes.settle(app.id)
    return after or app


async def check_name(p: Platform, app: App, name: str) -> None:
    """Raise InvalidParams when an app can't have that name, as it would be renamed."""
    _check(p, name=name)
    async with p.store.begin() as conn:
        other = await rows.by_name(conn, name)
    if other is not None and other.id != app.id:
        raise _taken(name)


def _taken(name: str | None) -> errors.InvalidParams:
    return errors.InvalidParams(f"Name {name} is already taken")


async def note_repo_size(p: Platform, app: App, size: int) -> None:
    """Note how many bytes the app's repository takes."""
    async with p.store.begin() as conn:
        await rows.set_repo_size(conn, app.id, size)


async def destroy(p: Platform, actor: Actor, app: App) -> App:
    """Stop the app and put it into the trash, from which it can be restored for seven days."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.update(conn, app.id, destroyed_at=p.clock.now())
        after = await rows.by_id(conn, app.id)
    p.logs.event(app.id, f"Destroyed by user {actor.account.email}")
    await p.lanes.settle(app.id)
    await p.couriers.settle()
    return after or app


async def trashed(p: Platform, actor: Actor) -> list[App]:
    """Return the destroyed apps of the actor and its teams that can still be restored."""
    async with p.store.begin() as conn:
        owners = await team_rows.acts_for(conn, actor.account.id)
        return await rows.destroyed(conn, owners=owners)


async def restore(p: Platform, actor: Actor, app_id: UUID) -> App:
    """Take an app out of the trash; it starts again as it was."""
    try:
        async with p.store.begin() as conn:
            app = await rows.by_id(conn, app_id, lock=True)
            owners = await team_rows.acts_for(conn, actor.account.id)
            if app is None or app.destroyed_at is None or app.owner_id not in owners:
                raise errors.NotFound("That app is not in the trash.", resource="app")
            await rows.update(conn, app_id, destroyed_at=None)
            after = await rows.by_id(conn, app_id)
    except IntegrityError as error:
        raise errors.InvalidParams(
            "Another app has taken that name meanwhile. Rename it first, then restore."
        ) from error
    p.logs.event(app_id, f"Restored by user {actor.account.email}")
    p.lanes.nudge(app_id)
    await p.couriers.settle()
    return after or app


async def empty_trash(p: Platform) -> list[UUID]:
    """Delete for good what was destroyed more than seven days ago; return which apps.

    An app whose add-ons' providers still hold something for it stays until they have let go.
    """
    async with p.store.begin() as conn:
        expired = await rows.expired(conn, p.clock.now() - timedelta(days=TRASH_DAYS))
    held = await addons_work.let_go(p, expired)
    gone = [app_id for app_id in expired if app_id not in held]
    async with p.store.begin() as conn:
        for app_id in gone:
            await rows.delete(conn, app_id)
    for app_id in gone:
        p.logs.forget(app_id)
        await build_caches.drop(p, app_id)
    return gone


async def by_id(p: Platform, app_id: UUID) -> App:
    """Return an app. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, app_id)
    if found is None:
        raise errors.NotFound("Couldn't find that app.", resource="app")
    return found


async def listed(p: Platform, account_id: UUID) -> list[App]:
    """Return the apps that the account owns or works on."""
    async with p.store.read() as conn:
        return await rows.of_account(conn, account_id, shared=True)


async def owned(p: Platform, account_id: UUID) -> list[App]:
    """Return the apps that the account owns."""
    async with p.store.read() as conn:
        return await rows.of_account(conn, account_id, shared=False)
