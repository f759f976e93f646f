"""Add-ons: made, listed, changed, destroyed, and what a name can mean."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.addon_access import OnAddon
from hatoba.api.call import Answer, Call, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import addons as encode
from hatoba.api.resources import addon_pages
from hatoba.control import addons, apps, attachments, catalogue
from hatoba.model.addon import Addon
from hatoba.model.app import App
from hatoba.schema import addons as wire


class PlanName(msgspec.Struct):
    """A plan, as ``addons:create`` names it."""

    name: str


class Naming(msgspec.Struct):
    """The name that the attachment is to have."""

    name: str | None = None


class Create(msgspec.Struct):
    """``POST /apps/{app}/addons``; ``confirm`` is the app's name, to replace what is in the way."""

    plan: PlanName | str
    attachment: Naming | None = None
    config: dict[str, str] | None = None
    name: str | None = None
    confirm: str | None = None


class Update(msgspec.Struct):
    """``PATCH /apps/{app}/addons/{addon}``."""

    plan: PlanName | str | None = None
    name: str | None = None


class Destroy(msgspec.Struct):
    """``DELETE /apps/{app}/addons/{addon}``."""

    force: bool | None = None


class Wanted(msgspec.Struct):
    """``POST /actions/addons/resolve``."""

    addon: str
    app: str | None = None
    addon_service: str | None = None


async def listed(call: OnApp) -> Answer:
    """List the add-ons that were made for the app, and those attached to it."""
    own = await addons.of_app(call.platform, call.app)
    listing = [await shown(call, one, call.app) for one in own]
    attached = {a.id: a for _, a in await addons.attached_to(call.platform, call.app)}
    for one in attached.values():
        if one.app_id != call.app.id:
            owner = await addons.app_of(call.platform, one)
            listing.append(await shown(call, one, owner, attached_to=call.app))
    return Listing(listing, ("id", "name"))


async def every(call: SignedIn) -> Answer:
    """List the add-ons of all the account's apps."""
    by_id = {app.id: app for app in await apps.listed(call.platform, call.account.id)}
    found = await addons.of_apps(call.platform, list(by_id.values()))
    return Listing([await shown(call, one, by_id[one.app_id]) for one in found], ("id", "name"))


async def of_user(call: SignedIn) -> Answer:
    """List the add-ons of the account's apps; of nobody else's."""
    if call.path("user") not in ("~", str(call.account.id), call.account.email):
        raise errors.NotFound("Couldn't find that user.", resource="user")
    return await every(call)


async def usage(_: OnApp) -> Answer:
    """Tell what the app's metered add-ons have counted: none is metered on this platform."""
    return Reply(wire.AppUsage(addons=[]))


async def team_usage(_: SignedIn) -> Answer:
    """Tell of which apps of a team metered add-ons have counted something: of none."""
    return Reply({"apps": []})


async def create(call: OnApp) -> Answer:
    """Make an add-on for the app."""
    wanted = decode.body(call, Create)
    order = addons.Order(
        plan=_plan(wanted.plan),
        name=wanted.name,
        attachment=wanted.attachment.name if wanted.attachment else None,
        options=wanted.config or {},
        replace=call.app.is_called(wanted.confirm),
    )
    made = await addons.create(call.platform, call.actor, call.app, order)
    return Reply(await shown(call, made, call.app), 201)


async def info(call: OnAddon) -> Answer:
    """Tell about one add-on."""
    return Reply(await shown(call, call.addon, call.app))


async def of_app(call: OnApp) -> Answer:
    """Tell about one add-on of the app."""
    found = await _find(call)
    owner = await addons.app_of(call.platform, found)
    return Reply(await shown(call, found, owner, attached_to=call.app))


async def update(call: OnApp) -> Answer:
    """Put an add-on on another plan, or give it another name."""
    wanted, found = decode.body(call, Update), await _find_own(call)
    if wanted.plan is not None:
        found = await addons.change_plan(
            call.platform, call.actor, call.app, found, _plan(wanted.plan)
        )
    if wanted.name is not None:
        found = await addons.rename(call.platform, call.actor, call.app, found, wanted.name)
    return Reply(await shown(call, found, call.app))


async def destroy(call: OnApp) -> Answer:
    """Destroy an add-on; a database's content is kept for 7 days."""
    found = await _find_own(call)
    force = bool(decode.body(call, Destroy).force)
    gone = await addons.destroy(call.platform, call.actor, call.app, found, force=force)
    return Reply(encode.addon(gone, call.app, await catalogue.service_of(call.platform, gone), []))


async def resolve(call: SignedIn) -> Answer:
    """Tell which add-ons a name can mean: its own, or that of an attachment of the app."""
    wanted = decode.body(call, Wanted)
    mine = await apps.listed(call.platform, call.account.id)
    within = [a for a in mine if wanted.app in (None, a.name, str(a.id))]
    found = {a.id: a for a in await addons.of_apps(call.platform, mine)}
    names = [a for a in found.values() if wanted.addon in (a.name, str(a.id))]
    if not names and wanted.app is not None:
        name = wanted.addon.upper()
        pairs = [pair for app in within for pair in await addons.attached_to(call.platform, app)]
        names = [addon for a, addon in pairs if name in (a.name, *a.config_vars)]
    if not names:
        own = {a.id for a in within}
        names = [
            a for a in found.values() if a.app_id in own and a.service.startswith(wanted.addon)
        ]
    if not names:
        raise addons.unknown()
    by_id = {app.id: app for app in mine}
    known = [a for a in names if a.app_id in by_id]
    return Listing([await _opened(call, a, by_id[a.app_id]) for a in known])


async def _opened(call: SignedIn, one: Addon, app: App) -> encode.Json:
    """Show an add-on to somebody who is about to open its page in a browser."""
    service = await catalogue.service_of(call.platform, one)
    whole = await shown(call, one, app)
    return {**whole, "web_url": addon_pages.ticket(call, one, service)}


def _plan(given: PlanName | str) -> str:
    return given if isinstance(given, str) else given.name


async def _find(call: OnApp) -> Addon:
    """Return the add-on that the path names, by its own name or an attachment's."""
    name = call.path("addon")
    for attachment, addon in await addons.attached_to(call.platform, call.app):
        if name.upper() in (attachment.name, *attachment.config_vars):
            return addon
    found = await addons.find(call.platform, name)
    if found.app_id != call.app.id:
        raise addons.unknown()
    return found


async def _find_own(call: OnApp) -> Addon:
    """Return the add-on that the path names; one of another app is only seen, not changed."""
    found = await _find(call)
    if found.app_id != call.app.id:
        raise addons.unknown()
    return found


async def shown(call: Call, one: Addon, app: App, *, attached_to: App | None = None) -> encode.Json:
    """Show an add-on of an app, with the config vars of the app that it is attached to."""
    there = await attachments.of_addon(call.platform, one)
    seen_by = (attached_to or app).id
    names = [name for a in there if a.app_id == seen_by for name in a.config_vars]
    service = await catalogue.service_of(call.platform, one)
    page = addon_pages.address(call, one, service)
    return encode.addon(one, app, service, names, page)
