"""OAuth clients: programs that act for accounts which let them."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.control import oauth_clients as clients
from hatoba.model.account import OAuthClient
from hatoba.schema import platform as wire


class Create(msgspec.Struct):
    """``POST /oauth/clients``."""

    name: str
    redirect_uri: str


class Update(msgspec.Struct):
    """``PATCH /oauth/clients/{client}``."""

    name: str | None = None
    redirect_uri: str | None = None


def _shown(call: SignedIn, one: OAuthClient) -> wire.OAuthClient:
    return encode.client(one, clients.secret_of(call.platform, one))


async def _found(call: SignedIn) -> OAuthClient:
    return await clients.find(call.platform, call.account, call.path("client"))


async def listed(call: SignedIn) -> Answer:
    """List the account's clients."""
    found = await clients.listed(call.platform, call.account)
    return Listing([_shown(call, one) for one in found], ("id", "name"))


async def info(call: SignedIn) -> Answer:
    """Tell about one client, its secret too."""
    return Reply(_shown(call, await _found(call)))


async def create(call: SignedIn) -> Answer:
    """Make a client."""
    wanted = decode.body(call, Create)
    made = await clients.create(call.platform, call.account, wanted.name, wanted.redirect_uri)
    return Reply(_shown(call, made), 201)


async def update(call: SignedIn) -> Answer:
    """Change what it is called or where it is sent back to."""
    wanted, found = decode.body(call, Update), await _found(call)
    after = await clients.update(
        call.platform, found, name=wanted.name, redirect_uri=wanted.redirect_uri
    )
    return Reply(_shown(call, after))


async def rotate(call: SignedIn) -> Answer:
    """Give it a new secret."""
    return Reply(_shown(call, await clients.rotate(call.platform, await _found(call))))


async def destroy(call: SignedIn) -> Answer:
    """Remove a client; all tokens that it holds are refused from now on."""
    gone = await _found(call)
    await clients.destroy(call.platform, gone)
    call.service.tokens.forget()
    return Reply(_shown(call, gone))
