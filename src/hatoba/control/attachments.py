"""Attachments: the names by which apps know add-ons, and the config vars that come of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import config, releases
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.services import Service
from hatoba.model import addon as rules
from hatoba.model.addon import Addon, Attachment
from hatoba.model.app import App
from hatoba.store import addons as rows
from hatoba.store import apps as app_rows

_random = random.SystemRandom()


async def reserve(
    p: Platform,
    conn: AsyncConnection,
    addon: Addon,
    app: App,
    name: str | None,
    service: Service,
) -> Attachment:
    """Keep a new add-on's first attachment; its config vars come once it is made."""
    there = await rows.attachments(conn, app_ids=[app.id])
    values = await config.read(p, conn, app)
    taken = {a.name for a in there} | {n.removesuffix("_URL") for n in values}
    chosen = name or rules.free_name(service.primary, service.colours, taken, _random)
    if problem := rules.attachment_problem(chosen):
        raise errors.InvalidParams(problem)
    if chosen in taken:
        raise errors.InvalidParams(f"Add-on attachment name {chosen} is already in use.")
    moment = p.clock.now()
    made = Attachment(uuid4(), addon.id, app.id, chosen, None, moment, moment)
    await rows.attach(conn, made)
    return made


async def publish(p: Platform, actor: Actor, addon: Addon, service: Service) -> None:
    """Give every app that has the add-on its config vars as they are now. Idempotent."""
    async with p.store.begin() as conn:
        there = await rows.attachments(conn, addon_id=addon.id)
    for attachment in there:
        values = await service.config(p, addon, attachment.name, attachment.credential)
        description = f"Attach {attachment.name} (@ref:{addon.name})"
        await _release(p, Actor(actor.account), attachment, values, description)


async def _release(
    p: Platform,
    actor: Actor,
    attachment: Attachment,
    changes: Mapping[str, str | None],
    description: str,
) -> None:
    """Change an app's config vars by a release, unless they are so already."""
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, attachment.app_id, lock=True)
        if app is None or app.destroyed_at is not None:
            return
        before = await config.read(p, conn, app)
        after = {n: v for n, v in {**before, **changes}.items() if v is not None}
        if after == before:
            return
        release = await config.store(p, conn, actor, app, after, description)
    releases.announce(p, actor, release)


@dataclass(frozen=True)
class Wish:
    """How an add-on is to be attached: as what, under which name (None: a made-up one).

    With ``replace`` it takes the place of what has that name.
    """

    addon: Addon
    name: str | None = None
    namespace: str | None = None
    replace: bool = False


async def attach(p: Platform, actor: Actor, app: App, wish: Wish, service: Service) -> Attachment:
    """Attach an add-on to an app under a name.

    Raises InvalidParams when the name is used, unless that attachment is to be replaced.
    """
    if wish.name is not None and (problem := rules.attachment_problem(wish.name)):
        raise errors.InvalidParams(problem)
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        there = await rows.attachments(conn, app_ids=[app.id])
        values = await config.read(p, conn, now)
        taken = {a.name for a in there} | {n.removesuffix("_URL") for n in values}
        chosen = wish.name or rules.free_name(service.primary, service.colours, taken, _random)
        moment = p.clock.now()
        made = Attachment(uuid4(), wish.addon.id, app.id, chosen, wish.namespace, moment, moment)
        same = [a for a in there if a.name == chosen]
        if same and not wish.replace:
            raise Taken(chosen, app.name)
        if not same and f"{chosen}_URL" in values:
            raise errors.InvalidParams(
                f"{chosen}_URL is a config var of {now.name} already. Choose another name by --as."
            )
        for old in same:
            await rows.detach(conn, old.id)
        given = await service.config(p, wish.addon, chosen, made.credential)
        await rows.attach(conn, made)
        description = f"Attach {chosen} (@ref:{wish.addon.name})"
        release = await config.store(p, conn, actor, now, {**values, **given}, description)
    releases.announce(p, actor, release)
    return made


class Taken(errors.InvalidParams):
    """The attachment's name is used; a confirmed request replaces it."""

    id = "confirmation_required"

    def __init__(self, name: str, app: str) -> None:
        super().__init__(
            f"{name} is attached already. Confirm with the app's name, {app}, to replace it."
        )


async def detach(p: Platform, actor: Actor, addon: Addon, attachment: Attachment) -> None:
    """Take an add-on away from an app, with its config vars. Idempotent."""
    names = [f"{attachment.name}_URL"]
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, attachment.app_id)
        if app is not None:
            await locked(conn, actor, app)
        await rows.detach(conn, attachment.id)
    description = f"Detach {attachment.name} (@ref:{addon.name})"
    await _release(p, actor, attachment, dict.fromkeys(names), description)


async def find(p: Platform, identity: str) -> Attachment:
    """Return an attachment by id. Raises NotFound."""
    async with p.store.begin() as conn:
        for one in await rows.attachments(conn):
            if str(one.id) == identity:
                return one
    raise unknown()


def unknown() -> errors.NotFound:
    """Return the error for an attachment that isn't, as the official CLI understands it."""
    return errors.NotFound("Couldn't find that add-on attachment.", resource="add_on attachment")


async def of_addon(p: Platform, addon: Addon) -> list[Attachment]:
    """Return an add-on's attachments."""
    async with p.store.begin() as conn:
        return await rows.attachments(conn, addon_id=addon.id)
