"""Webhooks and log drains of add-ons, for their providers."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.addon_access import OnAddon
from hatoba.api.call import Answer, Listing, Reply
from hatoba.api.encode import drains as encode_drain
from hatoba.api.encode import webhooks as encode
from hatoba.api.resources.webhooks import Create, Update, wish_of
from hatoba.control import drains, providers_callbacks, webhooks
from hatoba.model.drain import Drain
from hatoba.model.webhook import Webhook
from hatoba.schema.webhooks import SECRET_HEADER


class Redirect(msgspec.Struct):
    """``PUT /addons/{addon}/log-drains/{drain}``."""

    url: str


async def listed(call: OnAddon) -> Answer:
    """List the provider's webhooks for this add-on."""
    found = await webhooks.listed(call.platform, call.app, call.addon)
    return Listing([encode.addon_webhook(one, call.addon) for one in found])


async def info(call: OnAddon) -> Answer:
    """Tell about one webhook."""
    return Reply(encode.addon_webhook(await _find(call), call.addon))


async def add(call: OnAddon) -> Answer:
    """Tell the provider of the app's changes; the secret is told once, in a header."""
    wish = wish_of(decode.body(call, Create))
    made = await webhooks.add(call.platform, call.actor, call.app, wish, call.addon)
    return Reply(encode.addon_webhook(made, call.addon), 201, {SECRET_HEADER: made.secret})


async def update(call: OnAddon) -> Answer:
    """Change a webhook."""
    wish = wish_of(decode.body(call, Update))
    changed = await webhooks.change(call.platform, call.actor, call.app, await _find(call), wish)
    return Reply(encode.addon_webhook(changed, call.addon))


async def remove(call: OnAddon) -> Answer:
    """Tell it no more."""
    gone = await webhooks.remove(call.platform, call.actor, call.app, await _find(call))
    return Reply(encode.addon_webhook(gone, call.addon))


async def _find(call: OnAddon) -> Webhook:
    return await webhooks.find(call.platform, call.app, call.path("webhook"), call.addon)


async def deliveries(call: OnAddon) -> Answer:
    """List what was or is on its way to the provider's webhooks."""
    mine = {one.id for one in await webhooks.listed(call.platform, call.app, call.addon)}
    found = await webhooks.deliveries(call.platform, call.app)
    chosen = [encode.delivery(one) for one in found if one.webhook_id in mine]
    return Listing(chosen, ("id", "seq", "created_at"))


async def delivery(call: OnAddon) -> Answer:
    """Tell about one delivery."""
    mine = {one.id for one in await webhooks.listed(call.platform, call.app, call.addon)}
    found = await webhooks.delivery(call.platform, call.app, call.path("delivery"))
    if found.webhook_id not in mine:
        raise errors.NotFound("Couldn't find that delivery.", resource="delivery")
    return Reply(encode.delivery(found))


async def events(call: OnAddon) -> Answer:
    """List what the provider's webhooks were told of."""
    wanted = await _told(call)
    found = await webhooks.events(call.platform, call.app)
    chosen = [encode.event(one) for one in found if one.id in wanted]
    return Listing(chosen, ("id", "created_at"))


async def event(call: OnAddon) -> Answer:
    """Tell about one event."""
    found = await webhooks.event(call.platform, call.app, call.path("event"))
    if found.id not in await _told(call):
        raise errors.NotFound("Couldn't find that event.", resource="event")
    return Reply(encode.event(found))


async def _told(call: OnAddon) -> set[object]:
    """Return the ids of the events that went to this add-on's webhooks."""
    mine = {one.id for one in await webhooks.listed(call.platform, call.app, call.addon)}
    found = await webhooks.deliveries(call.platform, call.app)
    return {one.event_id for one in found if one.webhook_id in mine}


async def log_drains(call: OnAddon) -> Answer:
    """List the add-on's log drain, if it has one."""
    found = [one for one in await drains.listed(call.platform, call.app) if _its(call, one)]
    return Listing([encode_drain.drain(one, call.app, call.addon) for one in found])


async def redirect(call: OnAddon) -> Answer:
    """Send the app's lines to another address of the provider's."""
    url = decode.body(call, Redirect).url
    found = await drains.find(call.platform, call.app, call.path("drain"))
    if not _its(call, found):
        raise errors.NotFound("Couldn't find that drain.", resource="log_drain")
    await providers_callbacks.redirect(call.platform, call.addon, url)
    now = await drains.find(call.platform, call.app, str(found.id))
    return Reply(encode_drain.drain(now, call.app, call.addon))


def _its(call: OnAddon, drain: Drain) -> bool:
    """An add-on's drain has the add-on's id."""
    return drain.id == call.addon.id
