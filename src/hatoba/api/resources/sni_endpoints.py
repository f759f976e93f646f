"""SNI endpoints: the certificates of an app's domains."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import domains as encode
from hatoba.control import certificates, domains
from hatoba.model.certificate import SniEndpoint


class Upload(msgspec.Struct):
    """``POST /apps/{app}/sni-endpoints``, and the PATCH of one."""

    certificate_chain: str
    private_key: str


async def _reply(call: OnApp, one: SniEndpoint, status: int = 200) -> Answer:
    there = await domains.listed(call.platform, call.app)
    return Reply(encode.sni_endpoint(one, call.app, there), status)


async def listed(call: OnApp) -> Answer:
    """List the app's certificates."""
    there = await domains.listed(call.platform, call.app)
    found = await certificates.listed(call.platform, call.app)
    return Listing([encode.sni_endpoint(one, call.app, there) for one in found], ("name", "id"))


async def info(call: OnApp) -> Answer:
    """Tell about one certificate."""
    return await _reply(call, await certificates.find(call.platform, call.app, _name(call)))


async def add(call: OnApp) -> Answer:
    """Keep and serve a certificate."""
    given = decode.body(call, Upload)
    made = await certificates.add(
        call.platform, call.actor, call.app, given.certificate_chain, given.private_key
    )
    return await _reply(call, made, 201)


async def update(call: OnApp) -> Answer:
    """Serve another certificate in place of one."""
    given, p = decode.body(call, Upload), call.platform
    chain, key = given.certificate_chain, given.private_key
    made = await certificates.update(p, call.actor, call.app, _name(call), chain, key)
    return await _reply(call, made)


async def remove(call: OnApp) -> Answer:
    """Serve a certificate no more."""
    gone = await certificates.remove(call.platform, call.actor, call.app, _name(call))
    return await _reply(call, gone)


def _name(call: OnApp) -> str:
    return call.path("endpoint")
