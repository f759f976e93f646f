"""Log drains."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import drains as encode
from hatoba.control import addons, drains


class Create(msgspec.Struct):
    """``POST /apps/{app}/log-drains``."""

    url: str


async def listed(call: OnApp) -> Answer:
    """List the app's drains."""
    found = await drains.listed(call.platform, call.app)
    by_id = {one.id: one for one in await addons.of_app(call.platform, call.app)}
    return Listing([encode.drain(one, call.app, by_id.get(one.id)) for one in found])


async def info(call: OnApp) -> Answer:
    """Tell about one drain."""
    found = await drains.find(call.platform, call.app, call.path("drain"))
    return Reply(encode.drain(found, call.app))


async def add(call: OnApp) -> Answer:
    """Send the app's lines on to a log server."""
    url = decode.body(call, Create).url
    return Reply(
        encode.drain(await drains.add(call.platform, call.actor, call.app, url), call.app), 201
    )


async def remove(call: OnApp) -> Answer:
    """Send no more lines there."""
    gone = await drains.remove(call.platform, call.actor, call.app, call.path("drain"))
    return Reply(encode.drain(gone, call.app))


async def delivery(call: OnApp) -> Answer:
    """Tell whether a drain takes lines."""
    found = await drains.find(call.platform, call.app, call.path("drain"))
    return Reply(encode.delivery(call.platform.couriers.of(found.id)))
