"""Second factors: codes that a device makes from a secret and the time (TOTP, RFC 6238)."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.model.account import Account
from hatoba.store import accounts as rows
from hatoba.store.accounts import Factor

# What authenticator apps take: https://www.rfc-editor.org/rfc/rfc6238#section-5.2 (30 s, one
# step of tolerance), https://www.rfc-editor.org/rfc/rfc4226#section-4 (160 bits, 6 digits).
_SECRET_BYTES = 20
_DIGITS = 6
_STEP_SECONDS = 30
_ISSUER = "Hatoba"
_RECOVERY_CODES = 10


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every authenticator app takes; the codes do not rest on its collisions.
    return TOTP(secret, _DIGITS, SHA1(), _STEP_SECONDS)  # noqa: S303


def _bound(account_id: UUID) -> str:
    return f"two-factor:{account_id}"


def propose(account: Account) -> str:
    """Return a provisioning URI with a new secret; nothing changes until a code confirms it."""
    return _totp(os.urandom(_SECRET_BYTES)).get_provisioning_uri(account.email, _ISSUER)


async def enable(p: Platform, account: Account, secret: bytes, code: str) -> list[str]:
    """Ask for a code at each login from now on; return codes for when the device is lost.

    Raises InvalidParams for a secret that is too short or when there is a second factor already,
    TwoFactorRequired for a code that is wrong.
    """
    if len(secret) < _SECRET_BYTES:
        raise errors.InvalidParams(f"A secret must have at least {_SECRET_BYTES} bytes.")
    step = step_of(secret, code, p.clock.now(), after=0)
    if step is None:
        raise errors.TwoFactorRequired("That code is not right. Nothing was changed.")
    recovery = [secrets.token_hex(5) for _ in range(_RECOVERY_CODES)]
    async with p.store.begin() as conn:
        if await rows.factor(conn, account.id):
            raise errors.InvalidParams("Two-factor authentication is on already. Disable it first.")
        await rows.update(
            conn,
            account.id,
            sealed_factor=p.vault.seal(secret, _bound(account.id)),
            factor_step=step,
            recovery_hashes=[_hash(one) for one in recovery],
        )
    return recovery


async def disable(p: Platform, account: Account) -> None:
    """Ask for the password alone again."""
    async with p.store.begin() as conn:
        await rows.update(conn, account.id, sealed_factor=None, recovery_hashes=None)


async def check(p: Platform, account: Account, code: str | None) -> None:
    """Raise TwoFactorRequired unless the account has no second factor or this is its code now.

    A code, and a recovery code too, is good once.
    """
    async with p.store.begin() as conn:
        factor = await rows.factor(conn, account.id)
        if factor is None:
            return
        if not code:
            raise errors.TwoFactorRequired
        if not await _spend(p, conn, account, factor, code.strip()):
            raise errors.TwoFactorRequired("That code is not right, or was used already.")


async def _spend(
    p: Platform, conn: AsyncConnection, account: Account, factor: Factor, code: str
) -> bool:
    secret = p.vault.unseal(factor.sealed, _bound(account.id))
    step = step_of(secret, code, p.clock.now(), after=factor.step)
    if step is not None:
        await rows.update(conn, account.id, factor_step=step)
        return True
    left = [one for one in factor.recovery if one != _hash(code)]
    if len(left) == len(factor.recovery):
        return False
    await rows.update(conn, account.id, recovery_hashes=left)
    return True


def _hash(code: str) -> bytes:
    """Return how a recovery code is kept: random enough that it needs no salt."""
    return hashlib.sha256(code.lower().encode()).digest()


def step_of(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step in which a device with this secret shows the code.

    That is now or the step before, and later than ``after``; None when it shows another.
    """
    step = int(now.timestamp()) // _STEP_SECONDS
    for one in (step, step - 1):
        if one > after and _shows(secret, code, one):
            return one
    return None


def _shows(secret: bytes, code: str, step: int) -> bool:
    try:
        _totp(secret).verify(code.strip().encode(), step * _STEP_SECONDS)
    except (InvalidToken, InvalidKey):
        return False
    return True
