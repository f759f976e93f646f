"""Add-ons: made for an app, found, put on another plan, destroyed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import attachments, catalogue
from hatoba.control.attachments import Wish
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.services import Service, plan_of
from hatoba.kit.text import plural
from hatoba.model import addon as rules
from hatoba.model.addon import Addon, AddonState, Attachment
from hatoba.model.app import App
from hatoba.store import addons as rows
from hatoba.store import apps as app_rows
from hatoba.store import teams as team_rows

# What takes longer goes on in the background; the add-on is ``provisioning`` meanwhile.
_PATIENCE_SECONDS = 20.0
_SOURCES = ("follow", "fork", "rollback")
_random = random.SystemRandom()


@dataclass(frozen=True)
class Order:
    """An add-on to be made: ``plan`` as ``service:plan``, names or None for made-up ones.

    With ``replace`` it takes the place of what has the attachment's name.
    """

    plan: str
    name: str | None = None
    attachment: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False


async def create(p: Platform, actor: Actor, app: App, order: Order) -> Addon:
    """Make an add-on and attach it to its app.

    Raises NotFound for an unknown service, InvalidParams for what can't be, and what the
    service could not do.
    """
    service, plan = plan_of(await catalogue.services(p), order.plan)
    _check_name(order.name)
    name = order.name or rules.addon_name(service.prefix, _random)
    try:
        async with p.store.begin() as conn:
            await _check_allowed(conn, await locked(conn, actor, app), service)
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
                asked_by=actor.account.id,
            )
            await _check_single(conn, app, service)
            await rows.insert(conn, made)
            wish = Wish(made, order.attachment, replace=order.replace)
            await attachments.reserve(p, conn, app, wish, service)
            options = await _resolved(conn, actor, app, order.options)
            await service.reserve(p, conn, made, options)
            await app_rows.update(conn, app.id)
            ended = await p.jobs.addon(conn, made.id)
    except IntegrityError as error:
        raise errors.InvalidParams("Name is already taken.") from error
    await ended(_PATIENCE_SECONDS)
    return await _as_it_is(p, made)


async def _as_it_is(p: Platform, addon: Addon) -> Addon:
    """Return an add-on, also one that is no more."""
    async with p.store.begin() as conn:
        return await rows.by_id(conn, addon.id) or replace(addon, state=AddonState.DEPROVISIONED)


async def _check_single(conn: AsyncConnection, app: App, service: Service) -> None:
    if not service.single:
        return
    for one in await rows.of_app(conn, app.id):
        if one.service == service.name:
            raise errors.InvalidParams(
                f"{app.name} has {service.name} already: {one.name}. An app can have only one."
            )


async def _check_allowed(conn: AsyncConnection, app: App, service: Service) -> None:
    if await team_rows.services_refused(conn, app.owner_id, service.name):
        raise errors.Forbidden(
            f"The team {app.team} takes only the add-on services on its list, and "
            f"{service.name} is not on it."
        )


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
    """Return what is meant by an attachment, of another app as ``other::NAME``, or an add-on."""
    owners = await team_rows.acts_for(conn, actor.account.id)
    elsewhere, _, short = name.rpartition("::")
    there = await app_rows.by_name(conn, elsewhere) if elsewhere else app
    wanted = short.upper().removesuffix("_URL")
    if there is not None and (there.id == app.id or there.owner_id in owners):
        for attachment in await rows.attachments(conn, app_ids=[there.id]):
            if attachment.name == wanted:
                return attachment.addon_id
    found = await rows.find(conn, name)
    owner = await app_rows.by_id(conn, found.app_id) if found else None
    if found is None or owner is None or owner.owner_id not in owners:
        raise errors.NotFound(f"Couldn't find the add-on {name}.", resource="addon")
    return found.id


async def find(p: Platform, identity: str) -> Addon:
    """Return a living add-on by id or name. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.find(conn, identity)
    if found is None:
        raise unknown()
    return found


async def find_any(p: Platform, identity: str) -> Addon | None:
    """Return an add-on by id, also one that is no more, or a living one by name."""
    async with p.store.begin() as conn:
        try:
            return await rows.by_id(conn, UUID(identity))
        except ValueError:
            return await rows.find(conn, identity)


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
    """Put another plan of the same service in force.

    Raises InvalidParams for one that can't be, and Conflict while something else is done about
    the add-on. One that a provider has not confirmed in time stays the ``wanted_plan``.
    """
    service, plan = plan_of(await catalogue.services(p), plan_name)
    if service.name != addon.service:
        raise errors.InvalidParams(f"{plan_name} is not a plan of {addon.service}.")
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        now = await _unoccupied(conn, addon)
        if plan.name == now.plan:
            return now
        await app_rows.update(conn, app.id)
        await rows.update(conn, addon.id, wanted_plan=plan.name, asked_by=actor.account.id)
        ended = await p.jobs.addon(conn, addon.id)
    await ended(_PATIENCE_SECONDS)
    return await find(p, str(addon.id))


async def _unoccupied(conn: AsyncConnection, addon: Addon) -> Addon:
    """Lock an add-on and return it as it is. Raises Conflict when it is being worked on."""
    now = await rows.by_id(conn, addon.id, lock=True)
    if now is None or now.state is AddonState.DEPROVISIONED:
        raise unknown()
    if now.busy:
        doing = f"being put on {now.wanted_plan}" if now.wanted_plan else now.state
        raise errors.Conflict(f"{now.name} is {doing}. Wait for it: heroku addons:wait {now.name}")
    return now


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
    """Take an add-on out of service and away from all apps.

    Raises Conflict, with nothing changed, when other apps use it and it is not forced. One
    whose provider has not confirmed in time is ``deprovisioning`` until it has.
    """
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        # With the add-on locked no other app can attach it between the look and the deed.
        now = await rows.by_id(conn, addon.id, lock=True)
        if now is None or now.state is AddonState.DEPROVISIONED:
            raise unknown()
        there = await rows.attachments(conn, addon_id=addon.id)
        _check_alone(addon, [a for a in there if a.app_id != app.id], force=force)
        leaving = {"state": AddonState.DEPROVISIONING, "wanted_plan": None, "attempts": 0}
        await rows.update(conn, addon.id, **leaving, due=None, asked_by=actor.account.id)
        ended = await p.jobs.addon(conn, addon.id)
    await ended(_PATIENCE_SECONDS)
    return await _as_it_is(p, addon)


def _check_alone(addon: Addon, others: list[Attachment], *, force: bool) -> None:
    if others and not force:
        raise errors.Conflict(
            f"{plural(len(others), 'other app')} {'uses' if len(others) == 1 else 'use'} "
            f"{addon.name}. Detach it there first, or use --force."
        )


async def attached_to(p: Platform, app: App) -> list[tuple[Attachment, Addon]]:
    """Return the attachments of an app with their add-ons."""
    async with p.store.begin() as conn:
        found = await rows.attachments(conn, app_ids=[app.id])
        pairs = [(a, await rows.find(conn, str(a.addon_id))) for a in found]
    return [(a, addon) for a, addon in pairs if addon is not None]
