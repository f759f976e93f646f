"""Attachments: the names by which apps know add-ons, and the config vars that come of them."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import config, releases
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.services import Service
from hatoba.model import addon as rules
from hatoba.model.addon import Addon, AddonState, Attachment
from hatoba.model.app import App
from hatoba.store import addons as rows
from hatoba.store import apps as app_rows

_random = random.SystemRandom()


@dataclass(frozen=True)
class Wish:
    """How an add-on is to be attached: as what, under which name (None: a made-up one).

    With ``replace`` it takes the place of what has that name.
    """

    addon: Addon
    name: str | None = None
    namespace: str | None = None
    replace: bool = False


async def reserve(
    p: Platform, conn: AsyncConnection, app: App, wish: Wish, service: Service
) -> Attachment:
    """Keep a new add-on's first attachment; its config vars come once it is made.

    Until then the app keeps those of what it takes the place of. Raises InvalidParams for a
    name that can't be, and Taken for one that is used, unless that is to be replaced.
    """
    there, values = await _present(p, conn, app)
    chosen = _chosen(wish.name, service, there, values)
    if not wish.replace and _is_used(chosen, service, there, values):
        raise Taken(chosen, app.name)
    names = rules.config_vars(chosen, service.suffixes)
    for old in [one for one in there if one.name == chosen]:
        await rows.detach(conn, old.id)
        names = tuple(dict.fromkeys([*names, *old.config_vars]))
    moment = p.clock.now()
    made = Attachment(uuid4(), wish.addon.id, app.id, chosen, None, moment, moment, names)
    await rows.attach(conn, made)
    return made


async def forget(p: Platform, addon: Addon) -> None:
    """Drop the attachments of an add-on that was never made: it gave apps no values. Idempotent."""
    for attachment in await of_addon(p, addon):
        async with p.store.begin() as conn:
            await rows.detach(conn, attachment.id)


async def unused_name(
    p: Platform, conn: AsyncConnection, app: App, wanted: str | None, service: Service
) -> str:
    """Return the name for a new attachment of an app: the wanted one, or one that is free.

    Raises InvalidParams for one that can't be, or that is used.
    """
    there, values = await _present(p, conn, app)
    chosen = _chosen(wanted, service, there, values)
    if _is_used(chosen, service, there, values):
        raise errors.InvalidParams(f"Add-on attachment name {chosen} is already in use.")
    return chosen


async def _present(
    p: Platform, conn: AsyncConnection, app: App
) -> tuple[list[Attachment], dict[str, str]]:
    return await rows.attachments(conn, app_ids=[app.id]), await config.read(p, conn, app)


def _chosen(
    wanted: str | None, service: Service, there: list[Attachment], values: Collection[str]
) -> str:
    """Return the name that is wanted, or one that is free. Raises InvalidParams."""
    chosen = wanted or _free_name(service, there, values)
    if problem := rules.attachment_problem(chosen):
        raise errors.InvalidParams(problem)
    return chosen


def _is_used(
    name: str, service: Service, there: list[Attachment], values: Mapping[str, str]
) -> bool:
    clash = not values.keys().isdisjoint(rules.config_vars(name, service.suffixes))
    return clash or name in {a.name for a in there}


def _free_name(service: Service, there: list[Attachment], values: Collection[str]) -> str:
    """Return a name that neither attachments nor the app's own config vars stand against."""
    taken = {a.name for a in there}
    taken |= {n.removesuffix(f"_{s}") for n in values for s in service.suffixes}
    return rules.free_name(service.primary, service.colours, taken, _random)


async def publish(p: Platform, actor: Actor, addon: Addon, service: Service) -> None:
    """Give every app that has the add-on its config vars as they are now. Idempotent."""
    for attachment in await of_addon(p, addon):
        await _bring_up(p, Actor(actor.account), addon, attachment, service)


async def _bring_up(
    p: Platform, actor: Actor, addon: Addon, attachment: Attachment, service: Service
) -> None:
    given = await service.values(p, addon, attachment.credential)
    values = {f"{attachment.name}_{suffix}": value for suffix, value in given.items()}
    changes = {**dict.fromkeys(attachment.config_vars), **values}
    description = f"Attach {attachment.name} (@ref:{addon.name})"
    await _release(p, actor, attachment, changes, description)


async def _release(
    p: Platform,
    actor: Actor,
    attachment: Attachment,
    changes: Mapping[str, str | None],
    description: str,
    *,
    gone: bool = False,
) -> None:
    """Change an app's config vars by a release, unless they are so already.

    With ``gone`` the attachment goes in the same transaction. An app in the trash stays as it is.
    """
    given = [name for name, value in changes.items() if value is not None]
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, attachment.app_id, lock=True)
        alive = app is not None and app.destroyed_at is None
        if app is not None and alive:
            await locked(conn, actor, app)
        await (rows.detach(conn, attachment.id) if gone else rows.give(conn, attachment.id, given))
        if app is None or not alive:
            return
        before = await config.read(p, conn, app)
        after = {n: v for n, v in {**before, **changes}.items() if v is not None}
        if after == before:
            return
        release = await config.store(p, conn, actor, app, after, description)
    releases.announce(p, actor, release)


async def attach(p: Platform, actor: Actor, app: App, wish: Wish, service: Service) -> Attachment:
    """Attach an add-on to an app under a name.

    Raises InvalidParams when the name is used, unless that attachment is to be replaced, and
    Conflict for an add-on that is not there yet, or going.
    """
    if wish.name is not None and (problem := rules.attachment_problem(wish.name)):
        raise errors.InvalidParams(problem)
    moment = p.clock.now()
    draft = Attachment(uuid4(), wish.addon.id, app.id, "", wish.namespace, moment, moment)
    # A service may be slow to answer: it is asked before the app is locked.
    given = await service.values(p, wish.addon, draft.credential)
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        addon = await _usable(conn, wish.addon, service, app)
        there, before = await _present(p, conn, now)
        chosen = wish.name or _free_name(service, there, before)
        values = {f"{chosen}_{suffix}": value for suffix, value in given.items()}
        same = [a for a in there if a.name == chosen]
        _check_free(now, chosen, same, _own(before, same) & values.keys(), replace=wish.replace)
        for old in same:
            await rows.detach(conn, old.id)
        made = Attachment(
            draft.id, addon.id, app.id, chosen, wish.namespace, moment, moment, tuple(values)
        )
        await rows.attach(conn, made)
        kept = {n: v for n, v in before.items() if all(n not in old.config_vars for old in same)}
        description = f"Attach {chosen} (@ref:{addon.name})"
        release = await config.store(p, conn, actor, now, {**kept, **values}, description)
    releases.announce(p, actor, release)
    # Had its password been rotated meanwhile, nobody would have told this app.
    await _bring_up(p, Actor(actor.account), addon, made, service)
    return made


async def _usable(conn: AsyncConnection, addon: Addon, service: Service, app: App) -> Addon:
    """Lock the add-on, so that nobody destroys it meanwhile. Raises Conflict."""
    now = await rows.by_id(conn, addon.id, lock=True)
    if now is None or now.state is not AddonState.PROVISIONED:
        state = now.state if now else AddonState.DEPROVISIONED
        raise errors.Conflict(f"{addon.name} can't be attached: it is {state}.")
    if not service.shared and app.id != now.app_id:
        raise errors.InvalidParams(f"Add-ons of {service.name} can't be shared between apps.")
    return now


def _own(values: Mapping[str, str], replaced: list[Attachment]) -> set[str]:
    """Return the config vars that are not those of attachments that are replaced."""
    return set(values) - {name for old in replaced for name in old.config_vars}


def _check_free(
    app: App, chosen: str, same: list[Attachment], clash: set[str], *, replace: bool
) -> None:
    if same and not replace:
        raise Taken(chosen, app.name)
    if clash:
        raise errors.InvalidParams(
            f"{min(clash)} is a config var of {app.name} already. Choose another name by --as."
        )


class Taken(errors.InvalidParams):
    """The attachment's name is used; a confirmed request replaces it."""

    id = "confirmation_required"

    def __init__(self, name: str, app: str) -> None:
        super().__init__(
            f"{name} is in use already. Confirm with the app's name, {app}, to replace it."
        )


async def detach(p: Platform, actor: Actor, addon: Addon, attachment: Attachment) -> None:
    """Take an add-on away from an app, with its config vars. Idempotent."""
    description = f"Detach {attachment.name} (@ref:{addon.name})"
    changes = dict.fromkeys(attachment.config_vars)
    await _release(p, actor, attachment, changes, description, gone=True)


async def detach_all(p: Platform, actor: Actor, addon: Addon) -> None:
    """Take an add-on away from all apps, also from those in the trash. Idempotent."""
    for attachment in await of_addon(p, addon):
        await detach(p, Actor(actor.account), addon, attachment)


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
