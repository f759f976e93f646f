"""Authorizations: tokens that act for an account."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hatoba import errors
from hatoba.auth import scopes as scope_rules
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account, Authorization
from hatoba.store import authorizations as rows
from hatoba.store.database import Store

_PREFIX = "HRKU-"
_HINT = 4


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
