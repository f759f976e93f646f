"""Webhooks, their deliveries and events."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import webhooks as encode
from hatoba.control import webhooks
from hatoba.control.webhooks import Wish
from hatoba.schema.webhooks import SECRET_HEADER


class Create(msgspec.Struct):
    """``POST /apps/{app}/webhooks``."""

    url: str
    include: list[str]
    level: str
    secret: str | None = None
    authorization: str | None = None


class Update(msgspec.Struct):
    """``PATCH /apps/{app}/webhooks/{webhook}``."""

    url: str | None = None
    include: list[str] | None = None
    level: str | None = None
    secret: str | None = None
    authorization: str | None = None


async def listed(call: OnApp) -> Answer:
    """List the app's webhooks."""
    found = await webhooks.listed(call.platform, call.app)
    return Listing([encode.webhook(one) for one in found])


async def info(call: OnApp) -> Answer:
    """Tell about one webhook."""
    found = await webhooks.find(call.platform, call.app, call.path("webhook"))
    return Reply(encode.webhook(found))


async def add(call: OnApp) -> Answer:
    """Tell somebody of the app's changes; the secret is told once, in a header."""
    made = await webhooks.add(
        call.platform, call.actor, call.app, wish_of(decode.body(call, Create))
    )
    return Reply(encode.webhook(made), 201, {SECRET_HEADER: made.secret})


async def update(call: OnApp) -> Answer:
    """Change a webhook."""
    wish = wish_of(decode.body(call, Update))
    found = await webhooks.find(call.platform, call.app, call.path("webhook"))
    changed = await webhooks.change(call.platform, call.actor, call.app, found, wish)
    return Reply(encode.webhook(changed))


async def remove(call: OnApp) -> Answer:
    """Tell it no more."""
    found = await webhooks.find(call.platform, call.app, call.path("webhook"))
    gone = await webhooks.remove(call.platform, call.actor, call.app, found)
    return Reply(encode.webhook(gone))


async def deliveries(call: OnApp) -> Answer:
    """List what was or is on its way to the app's webhooks, of one status if that is asked for."""
    wanted = call.request.query_params.get("eq[status]")
    found = await webhooks.deliveries(call.platform, call.app)
    chosen = [one for one in found if wanted in (None, one.status.value)]
    return Listing([encode.delivery(one) for one in chosen], ("id", "seq", "created_at"))


async def delivery(call: OnApp) -> Answer:
    """Tell about one delivery."""
    found = await webhooks.delivery(call.platform, call.app, call.path("delivery"))
    return Reply(encode.delivery(found))


async def events(call: OnApp) -> Answer:
    """List what webhooks were told of."""
    found = await webhooks.events(call.platform, call.app)
    return Listing([encode.event(one) for one in found], ("id", "created_at"))


async def event(call: OnApp) -> Answer:
    """Tell about one event."""
    found = await webhooks.event(call.platform, call.app, call.path("event"))
    return Reply(encode.event(found))


def wish_of(asked: Create | Update) -> Wish:
    """Return what a request asks a webhook to be."""
    return Wish(
        url=asked.url,
        include=None if asked.include is None else tuple(asked.include),
        level=asked.level,
        secret=asked.secret,
        authorization=asked.authorization,
    )
