"""Public SSH keys."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.auth import keys
from hatoba.model.account import Key


class Create(msgspec.Struct):
    """``POST /account/keys``: a line of a ``.pub`` file."""

    public_key: str


async def _found(call: SignedIn) -> Key:
    return await keys.find(call.platform.store, call.account, call.path("key"))


async def listed(call: SignedIn) -> Answer:
    """List the account's keys."""
    found = await keys.listed(call.platform.store, call.account)
    return Listing([encode.key(one, call.account) for one in found])


async def info(call: SignedIn) -> Answer:
    """Tell about one key, by id, fingerprint or comment."""
    return Reply(encode.key(await _found(call), call.account))


async def add(call: SignedIn) -> Answer:
    """Add a key."""
    text = decode.body(call, Create).public_key
    return Reply(
        encode.key(await keys.add(call.platform.store, call.account, text), call.account), 201
    )


async def remove(call: SignedIn) -> Answer:
    """Remove a key."""
    gone = await _found(call)
    await keys.remove(call.platform.store, gone)
    return Reply(encode.key(gone, call.account))
