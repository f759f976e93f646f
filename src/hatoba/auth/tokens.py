"""Who a request is from: tokens, as bearer or as git's Basic password."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from hatoba import errors
from hatoba.auth.authorizations import token_hash
from hatoba.kit.clock import Clock
from hatoba.model.account import Account, Authorization
from hatoba.store import authorizations as rows
from hatoba.store.database import Store

# How long a found token is believed without asking the store, in seconds.
BELIEVED = 30.0
_KEPT = 1024


@dataclass(frozen=True)
class Identity:
    """An account and the authorization by which a request acts for it."""

    account: Account
    authorization: Authorization


class Tokens:
    """Finds tokens, and remembers the found ones for a short while.

    ``forget`` must be called after a token was revoked or an account changed.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[bytes, tuple[float, Identity]] = {}

    def forget(self) -> None:
        """Ask the store again about every token."""
        self._known.clear()

    async def identify(self, token: str) -> Identity:
        """Return who a token acts for. Raises Unauthorized when it is none, or over."""
        key = token_hash(token)
        until, identity = self._known.get(key, (0.0, None))
        if identity is None or until <= self._clock.monotonic():
            identity = await self._look_up(key)
        expires = identity.authorization.expires_at
        if expires is not None and expires <= self._clock.now():
            raise errors.Unauthorized("Expired token. Log in again: heroku login.")
        return identity

    async def _look_up(self, key: bytes) -> Identity:
        async with self._store.read() as conn:
            found = await rows.by_hash(conn, key)
        if found is None:
            self._known.pop(key, None)
            raise errors.Unauthorized
        if len(self._known) >= _KEPT:
            self._known.clear()
        identity = Identity(*found)
        self._known[key] = (self._clock.monotonic() + BELIEVED, identity)
        return identity

    async def authenticate(self, header: str | None) -> Identity:
        """Read an Authorization header: ``Bearer TOKEN``, or ``Basic`` with it as password."""
        kind, _, value = (header or "").strip().partition(" ")
        if kind.lower() == "bearer" and value.strip():
            return await self.identify(value.strip())
        if kind.lower() == "basic":
            return await self.authenticate_basic(header)
        raise errors.Unauthorized

    async def authenticate_basic(self, header: str | None) -> Identity:
        """Read git's Authorization header, whose password is a token. Raises Unauthorized."""
        pair = basic_pair(header)
        if pair is None or not pair[1]:
            raise errors.Unauthorized
        return await self.identify(pair[1])


def basic_pair(header: str | None) -> tuple[str, str] | None:
    """Return user and password of a Basic Authorization header; None when it is none."""
    kind, _, value = (header or "").strip().partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, colon, password = (
            base64.b64decode(value.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None
