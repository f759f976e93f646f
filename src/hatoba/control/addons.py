"""Add-ons: made for an app, found, put on another plan, destroyed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import attachments
from hatoba.control.databases_service import PostgresService
from hatoba.control.key_values_service import KeyValueService
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.services import Service, plan_of
from hatoba.model import addon as rules
from hatoba.model.account import Account
from hatoba.model.addon import Addon, AddonState, Attachment
from hatoba.model.app import App
from hatoba.store import accounts as account_rows
from hatoba.store import addons as rows
from hatoba.store import apps as app_rows

log = structlog.get_logger(__name__)

SERVICES: Mapping[str, Service] = {
    service.name: service for service in (PostgresService(), KeyValueService())
}
"""All services, by name."""
# What takes longer goes on in the background; the add-on is ``provisioning`` meanwhile.
_PATIENCE_SECONDS = 20.0
_SOURCES = ("follow", "fork")
_random = random.SystemRandom()
_building: dict[UUID, asyncio.Task[None]] = {}


@dataclass(frozen=True)
class Order:
    """An add-on to be made: ``plan`` as ``service:plan``, names or None for made-up ones."""

    plan: str
    name: str | None = None
    attachment: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def service_of(addon: Addon) -> Service:
    """Return the service that an add-on is of."""
    return SERVICES[addon.service]


async def create(p: Platform, actor: Actor, app: App, order: Order) -> Addon:
    """Make an add-on and attach it to its app.

    Raises NotFound for an unknown service, InvalidParams for what can't be, and what the
    service could not do.
    """
    service, plan = plan_of(SERVICES, order.plan)
    _check_name(order.name)
    name = order.name or rules.addon_name(service.prefix, _random)
    try:
        async with p.store.begin() as conn:
            await locked(conn, actor, app)
            moment = p.clock.now()
            made = Addon(
                uuid4(),
                app.id,
                service.name,
                plan.name,
                name,
                AddonState.PROVISIONING,
                moment,
                moment,
            )
            await rows.insert(conn, made)
            await attachments.reserve(p, conn, made, app, order.attachment, service)
            options = await _resolved(conn, actor, app, order.options)
            await service.reserve(p, conn, made, options)
            await app_rows.update(conn, app.id)
    except IntegrityError as error:
        raise errors.InvalidParams("Name is already taken.") from error
    building = _start(p, actor, made)
    await asyncio.wait({building}, timeout=_PATIENCE_SECONDS)
    if building.done():
        building.result()
    return await find(p, str(made.id))


def _check_name(name: str | None) -> None:
    if name is not None and (problem := rules.name_problem(name)):
        raise errors.InvalidParams(problem)


async def _resolved(
    conn: AsyncConnection, actor: Actor, app: App, options: Mapping[str, str]
) -> dict[str, str]:
    """Return the options with those that name another add-on turned into its id."""
    given = dict(options)
    for key in _SOURCES:
        if key in given:
            given[key] = str(await _named(conn, actor, app, given[key]))
    return given


async def _named(conn: AsyncConnection, actor: Actor, app: App, name: str) -> UUID:
    wanted = name.upper().removesuffix("_URL")
    for attachment in await rows.attachments(conn, app_ids=[app.id]):
        if attachment.name == wanted:
            return attachment.addon_id
    found = await rows.find(conn, name)
    owner = await app_rows.by_id(conn, found.app_id) if found else None
    if found is None or owner is None or owner.owner_id != actor.account.id:
        raise errors.NotFound(f"Couldn't find the add-on {name}.", resource="addon")
    return found.id


def _start(p: Platform, actor: Actor, addon: Addon) -> asyncio.Task[None]:
    task = asyncio.create_task(_build(p, actor, addon), name=f"addon {addon.id}")
    _building[addon.id] = task
    task.add_done_callback(lambda _: _building.pop(addon.id, None))
    return task


async def _build(p: Platform, actor: Actor, addon: Addon) -> None:
    try:
        await service_of(addon).build(p, addon)
    except errors.HatobaError as error:
        log.warning("add-on can't be made", addon=addon.name, why=error.message)
        async with p.store.begin() as conn:
            await rows.update(conn, addon.id, state=AddonState.DEPROVISIONED)
            for attachment in await rows.attachments(conn, addon_id=addon.id):
                await rows.detach(conn, attachment.id)
        raise
    await attachments.publish(p, actor, addon, service_of(addon))
    async with p.store.begin() as conn:
        await rows.update(conn, addon.id, state=AddonState.PROVISIONED)


async def resume(p: Platform) -> None:
    """Go on with the add-ons that a killed daemon was making or destroying."""
    async with p.store.begin() as conn:
        unfinished = await rows.unfinished(conn)
        owners = [await _owner(conn, addon) for addon in unfinished]
    for addon, owner in zip(unfinished, owners, strict=True):
        if owner is None:
            continue
        if addon.state is AddonState.PROVISIONING:
            _start(p, Actor(owner), addon)
        else:
            await _resume_destroying(p, Actor(owner), addon)


async def _resume_destroying(p: Platform, actor: Actor, addon: Addon) -> None:
    """Finish a destruction that was cut off; what can't be destroyed is the app's again."""
    try:
        await _finish_destroying(p, actor, addon)
    except errors.HatobaError as error:
        log.warning("add-on can't be destroyed", addon=addon.name, why=error.message)
        async with p.store.begin() as conn:
            await rows.update(conn, addon.id, state=AddonState.PROVISIONED)


async def _owner(conn: AsyncConnection, addon: Addon) -> Account | None:
    app = await app_rows.by_id(conn, addon.app_id)
    return await account_rows.by_id(conn, app.owner_id) if app else None


async def find(p: Platform, identity: str) -> Addon:
    """Return a living add-on by id or name. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.find(conn, identity)
    if found is None:
        raise unknown()
    return found


def unknown() -> errors.NotFound:
    """Return the error for an add-on that isn't, as the official CLI understands it."""
    return errors.NotFound("Couldn't find that add-on.", resource="add_on")


async def app_of(p: Platform, addon: Addon) -> App:
    """Return the app that an add-on was made for. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await app_rows.by_id(conn, addon.app_id)
    if found is None:
        raise errors.NotFound("Couldn't find that app.", resource="app")
    return found


async def of_app(p: Platform, app: App) -> list[Addon]:
    """Return the add-ons that were made for an app."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def of_apps(p: Platform, apps: list[App]) -> list[Addon]:
    """Return the add-ons of these apps."""
    async with p.store.begin() as conn:
        return await rows.of_account(conn, [app.id for app in apps])


async def change_plan(p: Platform, actor: Actor, app: App, addon: Addon, plan_name: str) -> Addon:
    """Put another plan of the same service in force. Raises InvalidParams."""
    service, plan = plan_of(SERVICES, plan_name)
    if service.name != addon.service:
        raise errors.InvalidParams(f"{plan_name} is not a plan of {addon.service}.")
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await app_rows.update(conn, app.id)
    await service.change_plan(p, addon, plan.name)
    async with p.store.begin() as conn:
        await rows.update(conn, addon.id, plan=plan.name)
    return await find(p, str(addon.id))


async def rename(p: Platform, actor: Actor, app: App, addon: Addon, name: str) -> Addon:
    """Give an add-on another name. Raises InvalidParams when it is taken, or can't be."""
    _check_name(name)
    try:
        async with p.store.begin() as conn:
            await locked(conn, actor, app)
            await rows.update(conn, addon.id, name=name)
    except IntegrityError as error:
        raise errors.InvalidParams("Name is already taken.") from error
    return await find(p, name)


async def destroy(
    p: Platform, actor: Actor, app: App, addon: Addon, *, force: bool = False
) -> Addon:
    """Detach an add-on from all apps and take it out of service.

    Raises Conflict, with nothing changed, when other apps use it and it is not forced.
    """
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        there = await rows.attachments(conn, addon_id=addon.id)
    others = [a for a in there if a.app_id != app.id]
    if others and not force:
        raise errors.Conflict(
            f"{len(others)} other apps use {addon.name}. Detach it there first, or use --force."
        )
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.update(conn, addon.id, state=AddonState.DEPROVISIONING)
    try:
        await _finish_destroying(p, actor, addon)
    except errors.HatobaError:
        # It is still the app's: what was done of it is done again with the next attempt.
        async with p.store.begin() as conn:
            await rows.update(conn, addon.id, state=addon.state)
        raise
    return replace(addon, state=AddonState.DEPROVISIONED)


async def _finish_destroying(p: Platform, actor: Actor, addon: Addon) -> None:
    """Take an add-on out of service and away from all apps. Idempotent."""
    await service_of(addon).destroy(p, addon)
    async with p.store.begin() as conn:
        there = await rows.attachments(conn, addon_id=addon.id)
    for attachment in there:
        await attachments.detach(p, Actor(actor.account), addon, attachment)
    async with p.store.begin() as conn:
        await rows.update(conn, addon.id, state=AddonState.DEPROVISIONED)
        await app_rows.update(conn, addon.app_id)


async def attached_to(p: Platform, app: App) -> list[tuple[Attachment, Addon]]:
    """Return the attachments of an app with their add-ons."""
    async with p.store.begin() as conn:
        found = await rows.attachments(conn, app_ids=[app.id])
        pairs = [(a, await rows.find(conn, str(a.addon_id))) for a in found]
    return [(a, addon) for a, addon in pairs if addon is not None]
