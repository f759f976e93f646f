"""Authorizations: tokens, made by password or by another token."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.auth import authorizations
from hatoba.auth.identity import as_uuid
from hatoba.control import oauth_clients
from hatoba.model.account import Authorization
from hatoba.schema import platform as wire

# What the official command line takes for a key that other programs use: it is left alone.
_DEFAULT = "~"
# Longer than anybody means; it keeps dates within what a calendar can hold.
_MAX_SECONDS = 100 * 365 * 86400


class Create(msgspec.Struct):
    """``POST /oauth/authorizations``; the CLI sends ``expires_in`` (seconds) as text."""

    description: str | None = None
    expires_in: int | None = None
    scope: list[str] | None = None
    client: str | None = None


class Update(msgspec.Struct):
    """``PATCH /oauth/authorizations/{id}``; ``client`` is let pass: it can't be changed."""

    description: str | None = None
    client: dict[str, str] | None = None


async def _shown(
    call: SignedIn, one: Authorization, token: str | None = None
) -> wire.Authorization:
    now = call.platform.clock.now()
    client = await oauth_clients.any_client(call.platform, one.client_id) if one.client_id else None
    return encode.authorization(one, call.account, now=now, token=token, client=client)


async def listed(call: SignedIn) -> Answer:
    """List the account's authorizations."""
    found = await authorizations.listed(call.platform.store, call.account)
    return Listing([await _shown(call, a) for a in found])


async def _found(call: SignedIn) -> Authorization:
    identity = call.path("authorization")
    if identity == _DEFAULT:
        return await authorizations.default(call.platform.store, call.account)
    return await authorizations.find(call.platform.store, call.account, identity)


async def info(call: SignedIn) -> Answer:
    """Tell about one authorization; ``~`` is the account's first that lasts."""
    return Reply(await _shown(call, await _found(call)))


async def create(call: SignedIn) -> Answer:
    """Make an authorization, whose token is shown now and never again."""
    wanted = decode.body(call, Create)
    if wanted.client is not None:
        return await _grant(call, wanted, wanted.client)
    made, token = await authorizations.issue(
        call.platform.store,
        call.account,
        description=wanted.description or "",
        scopes=wanted.scope or (),
        expires_at=_expiry(call, wanted.expires_in),
    )
    return Reply(await _shown(call, made, token), 201)


async def _grant(call: SignedIn, wanted: Create, client: str) -> Answer:
    client_id = as_uuid(client)
    if client_id is None:
        raise errors.NotFound("Couldn't find that OAuth client.", resource="oauth_client")
    found = await oauth_clients.any_client(call.platform, client_id)
    made, code = await authorizations.grant(
        call.platform.store,
        call.account,
        found,
        description=wanted.description or found.name,
        scopes=wanted.scope or (),
        now=call.platform.clock.now(),
    )
    now = call.platform.clock.now()
    shown = encode.authorization(made, call.account, now=now, client=found, code=code)
    return Reply(shown, 201)


def _expiry(call: SignedIn, seconds: int | None) -> datetime | None:
    if seconds is None:
        return None
    if not 0 < seconds <= _MAX_SECONDS:
        raise errors.InvalidParams("expires_in is invalid: it must be a number of seconds.")
    return call.platform.clock.now() + timedelta(seconds=seconds)


async def update(call: SignedIn) -> Answer:
    """Change what an authorization is called."""
    text = decode.body(call, Update).description
    found = await _found(call)
    if text is not None:
        found = await authorizations.describe(call.platform.store, found, text)
    return Reply(await _shown(call, found))


async def regenerate(call: SignedIn) -> Answer:
    """Give an authorization a new token in place of the old one."""
    made, token = await authorizations.regenerate(call.platform.store, await _found(call))
    call.service.tokens.forget()
    return Reply(await _shown(call, made, token))


async def revoke(call: SignedIn) -> Answer:
    """Remove an authorization; its token is refused from now on."""
    found = await _found(call)
    await authorizations.revoke(call.platform.store, found)
    call.service.tokens.forget()
    return Reply(await _shown(call, found))
