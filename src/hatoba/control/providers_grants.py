"""What providers may do here: a grant for each add-on, exchanged for tokens that expire."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hatoba import errors
from hatoba.control import providers
from hatoba.control.platform import Platform
from hatoba.model.provider import ACCESS_LASTS, GRANT_LASTS
from hatoba.store import providers as rows

_PURPOSE = "provider grant"
_ACCESS, _REFRESH = "HRKU-AA", "HRKU-AR"


@dataclass(frozen=True)
class Tokens:
    """What a grant is exchanged for; ``expires_in`` is seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


async def give(p: Platform, addon_id: UUID) -> tuple[str, datetime]:
    """Return an add-on's grant, the same each time, and until when it can be exchanged."""
    now = p.clock.now()
    async with p.store.begin() as conn:
        await rows.update(conn, addon_id, granted_at=now)
    return f"{addon_id}.{p.vault.sign(_PURPOSE, str(addon_id))}", now + GRANT_LASTS


async def exchange(p: Platform, code: str, client_secret: str) -> Tokens:
    """Return tokens for a grant. Raises BadRequest for one that is wrong, or over."""
    identity, _, signature = code.partition(".")
    addon_id = _uuid(identity)
    if addon_id is None or not p.vault.verify(_PURPOSE, identity, signature):
        raise _invalid()
    async with p.store.begin() as conn:
        row = await rows.resource(conn, addon_id)
    granted = row["granted_at"] if row else None
    if row is None or granted is None or granted + GRANT_LASTS < p.clock.now():
        raise _invalid()
    await _check_client(p, row["provider"], client_secret)
    return await _issue(p, addon_id)


async def refresh(p: Platform, token: str, client_secret: str) -> Tokens:
    """Return new tokens for a refresh token, which stays good. Raises BadRequest."""
    async with p.store.begin() as conn:
        row = await rows.by_refresh(conn, _hashed(token))
    if row is None:
        raise _invalid()
    await _check_client(p, row["provider"], client_secret)
    return await _issue(p, row["id"], refresh=token)


async def _check_client(p: Platform, provider: str, secret: str) -> None:
    known = (await providers.find(p, provider)).provider.client_secret
    if not hmac.compare_digest(known.encode(), secret.encode()):
        raise errors.Unauthorized("The client_secret is not that of this provider.")


async def _issue(p: Platform, addon_id: UUID, refresh: str | None = None) -> Tokens:
    made = Tokens(
        access=_ACCESS + secrets.token_urlsafe(32),
        refresh=refresh or _REFRESH + secrets.token_urlsafe(32),
        expires_in=int(ACCESS_LASTS.total_seconds()),
    )
    async with p.store.begin() as conn:
        await rows.update(
            conn,
            addon_id,
            access_hash=_hashed(made.access),
            refresh_hash=_hashed(made.refresh),
            access_until=p.clock.now() + ACCESS_LASTS,
        )
    return made


async def allows(p: Platform, addon_id: UUID, token: str) -> bool:
    """Tell whether a token is the one of this add-on's provider, and not over."""
    async with p.store.begin() as conn:
        row = await rows.resource(conn, addon_id)
    if row is None or row["access_hash"] is None or row["access_until"] < p.clock.now():
        return False
    return hmac.compare_digest(bytes(row["access_hash"]), _hashed(token))


def _hashed(token: str) -> bytes:
    """Return what is stored of a token; it has 256 bits of chance, so one round is enough."""
    return hashlib.sha256(token.encode()).digest()


def _invalid() -> errors.BadRequest:
    return errors.BadRequest("The grant is not valid, or is over.")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
