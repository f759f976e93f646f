"""Maintenances of data add-ons: the platform announces none, its owner upgrades when it suits."""

from __future__ import annotations

from hatoba import errors
from hatoba.api.addon_access import OnAddon
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.encode.basics import moment
from hatoba.control import attachments
from hatoba.schema import maintenances as wire


async def of_app(_: OnApp) -> Answer:
    """List none of an app's add-ons."""
    return Reply(wire.Maintenances([]))


async def history(_: OnAddon) -> Answer:
    """List none that an add-on had."""
    return Reply(wire.Maintenances([]))


async def info(call: OnAddon) -> Answer:
    """Tell that none of an add-on is announced."""
    addon = call.addon
    names = [one.name for one in await attachments.of_addon(call.platform, addon)]
    kept = wire.Kept(str(addon.id), addon.name, addon.service, addon.full_plan, names)
    owner = wire.Owner(str(call.app.id), call.app.name)
    return Reply(wire.Maintenance(kept, owner, moment(addon.created_at)))


async def window(_: OnAddon) -> Answer:
    """Tell that nothing is done at a time of its own."""
    return Reply(wire.Window())


async def no_maintenance(call: OnAddon) -> Answer:
    """Say that there is none to be run or put off."""
    raise errors.InvalidParams(
        f"No maintenance of {call.addon.name} is announced. A database gets a newer version of "
        "Postgres when you ask for it: heroku pg:upgrade:prepare"
    )


async def no_window(call: OnAddon) -> Answer:
    """Say that a window would be for nothing."""
    raise errors.InvalidParams(
        f"Nothing is done to {call.addon.name} unless you ask for it, so it needs no window."
    )
