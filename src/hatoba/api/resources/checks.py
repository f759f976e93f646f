"""Whether a change would be refused: the same body, the same errors, and no change."""

from __future__ import annotations

from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.resources.domains import Create as Domain
from hatoba.api.resources.drains import Create as Drain
from hatoba.api.resources.webhooks import Create as Webhook
from hatoba.api.resources.webhooks import wish_of
from hatoba.control import domains, drains, webhooks
from hatoba.schema import hatoba as wire


async def domain(call: OnApp) -> Answer:
    """Look whether a host name can be led to the app; tell it as DNS has it."""
    wanted = decode.body(call, Domain)
    found = await domains.check(call.platform, call.app, wanted.hostname, wanted.sni_endpoint)
    return Reply(wire.Checked(found))


async def log_drain(call: OnApp) -> Answer:
    """Look whether lines can be sent there."""
    url = decode.body(call, Drain).url
    drains.check(url)
    return Reply(wire.Checked(url))


async def webhook(call: OnApp) -> Answer:
    """Look whether somebody can be told so."""
    wanted = decode.body(call, Webhook)
    webhooks.check(wish_of(wanted))
    return Reply(wire.Checked(wanted.url))
