"""Authorizations: tokens that act for an account."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.auth import scopes as scope_rules
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account, Authorization, OAuthClient
from hatoba.store import authorizations as rows
from hatoba.store.database import Store

_PREFIX = "HRKU-"
_HINT = 4
# https://devcenter.heroku.com/articles/oauth: a code is good for 5 minutes, a token for 8 hours.
GRANT = timedelta(minutes=5)
LIFETIME = timedelta(hours=8)


def token_hash(token: str) -> bytes:
    """Return what is stored of a token; it has 256 bits of chance, so one round is enough."""
    return hashlib.sha256(token.encode()).digest()


def _fresh() -> tuple[str, dict[str, Any]]:
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, {"token_hash": token_hash(token), "token_hint": token[-_HINT:]}


async def issue(
    store: Store,
    account: Account,
    *,
    description: str = "",
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> tuple[Authorization, str]:
    """Make an authorization and return it with its token, which can't be had again."""
    token, columns = _fresh()
    values = {
        "account_id": account.id,
        "description": description,
        "scopes": list(scope_rules.parse(scopes)),
        "expires_at": expires_at,
        **columns,
    }
    async with store.begin() as conn:
        return await rows.insert(conn, values), token


async def grant(
    store: Store,
    account: Account,
    client: OAuthClient,
    *,
    description: str,
    scopes: Sequence[str],
    now: datetime,
) -> tuple[Authorization, str]:
    """Let a client act for the account; return the code by which it fetches its tokens."""
    _, columns = _fresh()
    code = str(uuid4())
    values = {
        "account_id": account.id,
        "client_id": client.id,
        "description": description,
        "scopes": list(scope_rules.parse(scopes)),
        "grant_hash": token_hash(code),
        "grant_until": now + GRANT,
        **columns,
    }
    async with store.begin() as conn:
        return await rows.insert(conn, values), code


@dataclass(frozen=True)
class Tokens:
    """What a client gets for a code or a refresh token."""

    authorization: Authorization
    access: str
    refresh: str


async def client_of(store: Store, *, code: str | None, refresh: str | None) -> UUID:
    """Return the client that a code or refresh token was made for. Raises Unauthorized."""
    async with store.begin() as conn:
        found = await _granted(conn, code, refresh)
    if found is None or found.client_id is None:
        raise errors.Unauthorized("That code or refresh token is not good, or not any more.")
    return found.client_id


async def exchange(store: Store, *, code: str | None, refresh: str | None, now: datetime) -> Tokens:
    """Return new tokens for a code, once, or for a refresh token. Raises Unauthorized."""
    access, columns = _fresh()
    kept = refresh or str(uuid4())
    async with store.begin() as conn:
        found = await _granted(conn, code, refresh)
        late = code is not None and (found is None or (found.grant_until or now) <= now)
        if found is None or late:
            raise errors.Unauthorized("That code or refresh token is not good, or not any more.")
        changes = {
            "grant_hash": None,
            "grant_until": None,
            "refresh_hash": token_hash(kept),
            "expires_at": now + LIFETIME,
        }
        after = await rows.update(conn, found.id, {**columns, **changes})
    return Tokens(after, access, kept)


async def _granted(
    conn: AsyncConnection, code: str | None, refresh: str | None
) -> Authorization | None:
    if code is not None:
        return await rows.by_grant(conn, token_hash(code))
    return await rows.by_refresh(conn, token_hash(refresh or ""))


async def listed(store: Store, account: Account) -> list[Authorization]:
    """Return the account's authorizations, oldest first."""
    async with store.begin() as conn:
        return await rows.of_account(conn, account.id)


async def find(store: Store, account: Account, identity: str) -> Authorization:
    """Return one of the account's authorizations by id. Raises NotFound."""
    wanted = as_uuid(identity)
    for authorization in await listed(store, account):
        if authorization.id == wanted:
            return authorization
    raise errors.NotFound("Couldn't find that authorization.", resource="authorization")


async def default(store: Store, account: Account) -> Authorization:
    """Return the account's first authorization that lasts and is no client's. Raises NotFound."""
    for one in await listed(store, account):
        if one.expires_at is None and one.client_id is None:
            return one
    raise errors.NotFound("Couldn't find that authorization.", resource="authorization")


async def describe(store: Store, authorization: Authorization, text: str) -> Authorization:
    """Change what an authorization is called."""
    async with store.begin() as conn:
        return await rows.update(conn, authorization.id, {"description": text})


async def regenerate(store: Store, authorization: Authorization) -> tuple[Authorization, str]:
    """Give an authorization a new token; the old one is of no use from then on."""
    token, columns = _fresh()
    async with store.begin() as conn:
        return await rows.update(conn, authorization.id, columns), token


async def revoke(store: Store, authorization: Authorization) -> None:
    """Remove an authorization and with it its token."""
    async with store.begin() as conn:
        await rows.delete(conn, authorization.id)
