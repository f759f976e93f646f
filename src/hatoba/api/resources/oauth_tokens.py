"""Tokens that a client gets for a grant's code, or for its refresh token."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Call, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.auth import authorizations
from hatoba.control import oauth_clients as clients


class Secret(msgspec.Struct):
    """What only the client knows."""

    secret: str | None = None


class Grant(msgspec.Struct):
    """``authorization_code`` with a code, or ``refresh_token``."""

    type: str | None = None
    code: str | None = None


class Refresh(msgspec.Struct):
    """The refresh token."""

    token: str | None = None


class Create(msgspec.Struct):
    """``POST /oauth/tokens``."""

    client: Secret
    grant: Grant
    refresh_token: Refresh | None = None


async def create(call: Call) -> Answer:
    """Give a client its tokens."""
    wanted = decode.body(call, Create)
    code, refresh = _proof(wanted)
    p = call.platform
    client_id = await authorizations.client_of(p.store, code=code, refresh=refresh)
    client = await clients.any_client(p, client_id)
    if not clients.proves(p, client, wanted.client.secret or ""):
        raise errors.Unauthorized("That is not the client's secret.")
    now = p.clock.now()
    tokens = await authorizations.exchange(p.store, code=code, refresh=refresh, now=now)
    call.service.tokens.forget()
    return Reply(encode.tokens(tokens.authorization, tokens.access, tokens.refresh, now), 201)


def _proof(wanted: Create) -> tuple[str | None, str | None]:
    if wanted.grant.type == "authorization_code" and wanted.grant.code:
        return wanted.grant.code, None
    if wanted.grant.type == "refresh_token" and wanted.refresh_token and wanted.refresh_token.token:
        return None, wanted.refresh_token.token
    raise errors.InvalidParams(
        "grant is invalid: it must be of type authorization_code with a code, or of type "
        "refresh_token with refresh_token.token."
    )


async def revoke(call: SignedIn) -> Answer:
    """Take a client's tokens away; the token is named by its id."""
    gone = await authorizations.find(call.platform.store, call.account, call.path("token"))
    await authorizations.revoke(call.platform.store, gone)
    call.service.tokens.forget()
    return Reply(encode.tokens(gone, "revoked", "revoked", call.platform.clock.now()))
