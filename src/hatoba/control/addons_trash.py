"""Destroyed databases, which can be brought back for some days as the add-ons that they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hatoba import errors
from hatoba.control import addons, attachments, catalogue, databases
from hatoba.control.attachments import Wish
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.addon import Addon, AddonState
from hatoba.model.app import App
from hatoba.model.database import TRASH_DAYS, State
from hatoba.store import addons as rows
from hatoba.store import databases as database_rows


@dataclass(frozen=True)
class Trashed:
    """A destroyed add-on, whose content is deleted for good at ``until``."""

    addon: Addon
    destroyed_at: datetime
    until: datetime


async def listed(p: Platform, app: App) -> list[Trashed]:
    """Return the destroyed databases of an app that can be brought back, the newest last."""
    found = []
    async with p.store.begin() as conn:
        for addon in await rows.deprovisioned(conn, app.id):
            database = await database_rows.find(conn, addon.id)
            if database is not None and database.state in (State.DESTROYED, State.AVAILABLE):
                until = addon.updated_at + timedelta(days=TRASH_DAYS)
                found.append(Trashed(addon, addon.updated_at, until))
    return sorted(found, key=lambda one: one.destroyed_at)


async def restore(
    p: Platform, actor: Actor, app: App, identity: str, name: str | None = None
) -> Addon:
    """Bring a destroyed database back, by id or name, and attach it to its app as ``name``.

    What was cut off goes on when it is asked for again; its name was nobody else's meanwhile.
    Raises NotFound when it is not in the trash, and InvalidParams for a name that can't be, or
    that is used.
    """
    addon = await _meant(p, app, identity)
    service = await catalogue.service_of(p, addon)
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        free = await attachments.unused_name(p, conn, now, name, service)
        database = await database_rows.find(conn, addon.id)
    if database is not None and database.state is State.DESTROYED:
        await databases.restore(p, addon.id)
    async with p.store.begin() as conn:
        await rows.move(conn, addon.id, AddonState.DEPROVISIONED, AddonState.PROVISIONED)
    back = await addons.find(p, str(addon.id))
    if not await attachments.of_addon(p, back):
        await attachments.attach(p, actor, app, Wish(back, free), service)
    return back


async def _meant(p: Platform, app: App, identity: str) -> Addon:
    """Return the newest of that name in the trash, or one whose return was cut off."""
    there = [one.addon for one in await listed(p, app)]
    there += [one for one in await addons.of_app(p, app) if not await attachments.of_addon(p, one)]
    found = [one for one in there if identity in (one.name, str(one.id))]
    if not found:
        raise errors.NotFound(
            f"{identity} is not in the trash of {app.name}. See: heroku addons:trash",
            resource="add_on",
        )
    return found[-1]
