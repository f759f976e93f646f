"""Add-on attachments."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.addon_access import OnAddon
from hatoba.api.call import Answer, Call, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import addons as encode
from hatoba.api.resources import addon_pages
from hatoba.auth import access
from hatoba.control import addons, apps, attachments, catalogue
from hatoba.control.attachments import Wish
from hatoba.model.addon import Addon, Attachment
from hatoba.model.app import App
from hatoba.model.permission import Permission


class Reference(msgspec.Struct):
    """An add-on or app, by name or id."""

    name: str | None = None
    id: str | None = None

    @property
    def identity(self) -> str:
        """The one of both that was given."""
        return self.name or self.id or ""


class Create(msgspec.Struct):
    """``POST /addon-attachments``."""

    addon: Reference | str
    app: Reference | str
    confirm: str | None = None
    name: str | None = None
    namespace: str | None = None


class Wanted(msgspec.Struct):
    """``POST /actions/addon-attachments/resolve``."""

    addon_attachment: str
    app: str | None = None
    addon_service: str | None = None


async def of_app(call: OnApp) -> Answer:
    """List the app's attachments."""
    found = await addons.attached_to(call.platform, call.app)
    return Listing([await describe(call, a, addon, call.app) for a, addon in found], ("id", "name"))


async def of_addon(call: OnAddon) -> Answer:
    """List an add-on's attachments."""
    by_id = {app.id: app for app in await apps.listed(call.platform, call.account.id)}
    found = await attachments.of_addon(call.platform, call.addon)
    there = [a for a in found if a.app_id in by_id]
    shown = [await describe(call, a, call.addon, by_id[a.app_id]) for a in there]
    return Listing(shown, ("id", "name"))


async def every(call: SignedIn) -> Answer:
    """List the attachments of all the account's apps."""
    shown = [
        await describe(call, a, addon, app)
        for app in await apps.listed(call.platform, call.account.id)
        for a, addon in await addons.attached_to(call.platform, app)
    ]
    return Listing(shown, ("id",))


async def create(call: SignedIn) -> Answer:
    """Attach an add-on to an app."""
    wanted = decode.body(call, Create)
    store = call.platform.store
    app = await access.app(store, call.account, _identity(wanted.app), Permission.OPERATE)
    addon = await addons.find(call.platform, _identity(wanted.addon))
    await access.app(store, call.account, str(addon.app_id), Permission.OPERATE)
    wish = Wish(addon, wanted.name, wanted.namespace, replace=app.is_called(wanted.confirm))
    service = await catalogue.service_of(call.platform, addon)
    made = await attachments.attach(call.platform, call.actor, app, wish, service)
    return Reply(await describe(call, made, addon, app), 201)


async def info(call: OnApp) -> Answer:
    """Tell about one attachment of the app."""
    for one, addon in await addons.attached_to(call.platform, call.app):
        if call.path("attachment") in (one.name, str(one.id)):
            return Reply(await describe(call, one, addon, call.app))
    raise attachments.unknown()


async def of_any_app(call: SignedIn) -> Answer:
    """Tell about one attachment, by its id."""
    one = await attachments.find(call.platform, call.path("attachment"))
    app = await access.app(call.platform.store, call.account, str(one.app_id), Permission.VIEW)
    addon = await addons.find(call.platform, str(one.addon_id))
    return Reply(await describe(call, one, addon, app))


async def destroy(call: SignedIn) -> Answer:
    """Take an add-on away from an app."""
    one = await attachments.find(call.platform, call.path("attachment"))
    store = call.platform.store
    app = await access.app(store, call.account, str(one.app_id), Permission.OPERATE)
    addon = await addons.find(call.platform, str(one.addon_id))
    shown = await describe(call, one, addon, app)
    await _not_the_last(call, one, addon)
    await attachments.detach(call.platform, call.actor, addon, one)
    return Reply(shown)


async def _not_the_last(call: SignedIn, one: Attachment, addon: Addon) -> None:
    there = await attachments.of_addon(call.platform, addon)
    if all(a.id == one.id for a in there):
        raise errors.InvalidParams(
            f"{one.name} is the last attachment of {addon.name}. "
            "Destroy the add-on instead: heroku addons:destroy"
        )


async def resolve(call: SignedIn) -> Answer:
    """Tell which attachment of an app a name means. A miss is 404, as the official CLI wants."""
    wanted = decode.body(call, Wanted)
    if wanted.app is None:
        raise attachments.unknown()
    app = await access.app(call.platform.store, call.account, wanted.app, Permission.VIEW)
    name = wanted.addon_attachment
    key = name.upper().removesuffix("_URL")
    pairs = await addons.attached_to(call.platform, app)
    exact = [p for p in pairs if p[0].name == key]
    found = exact or [p for p in pairs if name in (p[1].name, str(p[1].id), str(p[0].id))]
    found = found or [p for p in pairs if key in p[0].name]
    if wanted.addon_service:
        found = [p for p in found if p[1].service == wanted.addon_service]
    if not found:
        raise attachments.unknown()
    return Listing([await _opened(call, a, addon, app) for a, addon in found])


async def _opened(call: SignedIn, one: Attachment, addon: Addon, app: App) -> encode.Json:
    """Show an attachment to somebody who is about to open its add-on's page in a browser."""
    service = await catalogue.service_of(call.platform, addon)
    shown = await describe(call, one, addon, app)
    return {**shown, "web_url": addon_pages.ticket(call, addon, service)}


def _identity(given: Reference | str) -> str:
    return given if isinstance(given, str) else given.identity


async def describe(call: Call, one: Attachment, addon: Addon, app: App) -> encode.Json:
    """Show an attachment of an app."""
    owner = app if addon.app_id == app.id else await apps.by_id(call.platform, addon.app_id)
    service = await catalogue.service_of(call.platform, addon)
    around = encode.Around(addon, owner, addon_pages.address(call, addon, service))
    return encode.attachment(one, around, app, plan=_wants_plan(call))


def _wants_plan(call: Call) -> bool:
    return "addon:plan" in call.request.headers.get("accept-inclusion", "")
