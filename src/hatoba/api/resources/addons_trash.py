"""Destroyed add-ons that can be brought back."""

from __future__ import annotations

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode.basics import moment
from hatoba.api.resources import addons as resource
from hatoba.control import addons_trash
from hatoba.schema.addons import Trashed


async def listed(call: OnApp) -> Answer:
    """List the app's destroyed databases."""
    found = await addons_trash.listed(call.platform, call.app)
    return Listing(
        [
            Trashed(
                id=str(one.addon.id),
                name=one.addon.name,
                plan=f"{one.addon.service}:{one.addon.plan}",
                destroyed_at=moment(one.destroyed_at),
                until=moment(one.until),
            )
            for one in found
        ]
    )


async def restore(call: OnApp) -> Answer:
    """Bring a destroyed database back, and attach it to the app."""
    name = decode.body(call, resource.Naming).name
    addon = call.path("addon")
    back = await addons_trash.restore(call.platform, call.actor, call.app, addon, name)
    return Reply(await resource.shown(call, back, call.app))
