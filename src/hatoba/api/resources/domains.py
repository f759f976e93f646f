"""Domains."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import domains as encode
from hatoba.control import domains
from hatoba.schema import platform as wire


class Create(msgspec.Struct):
    """``POST /apps/{app}/domains``."""

    hostname: str
    sni_endpoint: str | None = None


class Update(msgspec.Struct):
    """``PATCH /apps/{app}/domains/{domain}``."""

    sni_endpoint: str | None


def _own(call: OnApp) -> wire.Domain:
    return encode.own(call.app, call.platform.place)


def _is_own(call: OnApp) -> bool:
    own = _own(call)
    return call.path("domain") in (own.id, own.hostname)


def _refuse_own(call: OnApp) -> None:
    if _is_own(call):
        raise errors.Forbidden("The domain that an app has from the start can't be changed.")


async def listed(call: OnApp) -> Answer:
    """List the app's domains: its own, then the custom ones."""
    place = call.platform.place
    found = await domains.listed(call.platform, call.app)
    custom = [encode.domain(one, call.app, place) for one in found]
    return Listing([_own(call), *custom], ("id", "hostname"), {"domain": "hostname"})


async def info(call: OnApp) -> Answer:
    """Tell about one domain."""
    if _is_own(call):
        return Reply(_own(call))
    found = await domains.find(call.platform, call.app, call.path("domain"))
    return Reply(encode.domain(found, call.app, call.platform.place))


async def add(call: OnApp) -> Answer:
    """Lead a host name to the app."""
    wanted = decode.body(call, Create)
    made = await domains.add(
        call.platform, call.actor, call.app, wanted.hostname, wanted.sni_endpoint
    )
    return Reply(encode.domain(made, call.app, call.platform.place), 201)


async def update(call: OnApp) -> Answer:
    """Choose the certificate that a domain is served with."""
    _refuse_own(call)
    wanted = decode.body(call, Update).sni_endpoint
    made = await domains.update(call.platform, call.actor, call.app, call.path("domain"), wanted)
    return Reply(encode.domain(made, call.app, call.platform.place))


async def remove(call: OnApp) -> Answer:
    """Lead a host name nowhere any more."""
    _refuse_own(call)
    gone = await domains.remove(call.platform, call.actor, call.app, call.path("domain"))
    return Reply(encode.domain(gone, call.app, call.platform.place))
