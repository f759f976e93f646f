"""Collaborators."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import account as encode
from hatoba.auth import collaborators


class Create(msgspec.Struct):
    """``POST /apps/{app}/collaborators``."""

    user: str


async def listed(call: OnApp) -> Answer:
    """List who may work on the app, its owner first."""
    found = await collaborators.listed(call.platform.store, call.app)
    return Listing([encode.collaborator(c, call.app) for c in found])


async def info(call: OnApp) -> Answer:
    """Tell about one collaborator."""
    found = await collaborators.find(call.platform.store, call.app, call.path("collaborator"))
    return Reply(encode.collaborator(found, call.app))


async def add(call: OnApp) -> Answer:
    """Let an account work on the app."""
    user = decode.body(call, Create).user
    added = await collaborators.add(call.platform.store, call.app, user)
    return Reply(encode.collaborator(added, call.app), 201)


async def remove(call: OnApp) -> Answer:
    """Take an account's access away."""
    gone = await collaborators.remove(
        call.platform.store, call.account, call.app, call.path("collaborator")
    )
    return Reply(encode.collaborator(gone, call.app))
