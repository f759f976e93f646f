"""Whether a change would be refused: the same body, the same errors, and no change."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.resources.domains import Create as Domain
from hatoba.api.resources.drains import Create as Drain
from hatoba.api.resources.sni_endpoints import Upload
from hatoba.api.resources.webhooks import Create as Webhook
from hatoba.api.resources.webhooks import wish_of
from hatoba.control import apps, certificates, config, domains, drains, webhooks
from hatoba.schema import hatoba as wire


class Naming(msgspec.Struct):
    """The name that an app is to get."""

    name: str


async def domain(call: OnApp) -> Answer:
    """Look whether a host name can be led to the app; tell it as DNS has it."""
    wanted = decode.body(call, Domain)
    found = await domains.check(call.platform, call.app, wanted.hostname, wanted.sni_endpoint)
    return Reply(wire.Checked(found))


async def name(call: OnApp) -> Answer:
    """Look whether the app can have another name."""
    wanted = decode.body(call, Naming).name
    await apps.check_name(call.platform, call.app, wanted)
    return Reply(wire.Checked(wanted))


async def config_vars(call: OnApp) -> Answer:
    """Look whether config vars can be set and unset so; tell their names."""
    changes = decode.body(call, dict[str, str | None])
    await config.check(call.platform, call.app, changes)
    return Reply(wire.Checked(", ".join(changes)))


async def certificate(call: OnApp) -> Answer:
    """Look whether a certificate can be served; tell whom it is for."""
    given = decode.body(call, Upload)
    facts = certificates.check(call.platform, given.certificate_chain, given.private_key)
    return Reply(wire.Checked(", ".join(facts.domains)))


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
