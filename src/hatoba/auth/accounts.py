"""Accounts: make them, find them, check their passwords."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from sqlalchemy.exc import IntegrityError

from hatoba import errors
from hatoba.auth import passwords
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account
from hatoba.store import accounts as rows
from hatoba.store.database import Store

_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s\x00]+")
_MIN_PASSWORD = 8


async def create(
    store: Store, email: str, *, name: str | None = None, password: str | None = None
) -> Account:
    """Make an account. Raises InvalidParams when it can't have that e-mail address."""
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address) or len(address) > 254:
        raise errors.InvalidParams(f"{email!r} is not an e-mail address.")
    secret = await _hashed(password) if password is not None else None
    try:
        async with store.begin() as conn:
            values = {"email": address, "name": name, "password": secret}
            account = await rows.by_id(conn, await rows.insert(conn, values))
    except IntegrityError as error:
        raise errors.InvalidParams(f"There is an account {address} already.") from error
    return _there(account)


async def first(store: Store) -> Account | None:
    """Return the account that was made when the platform was, if there is one yet."""
    async with store.begin() as conn:
        return await rows.first(conn)


async def find(store: Store, identity: str) -> Account:
    """Return the account by id or e-mail address. Raises NotFound."""
    async with store.begin() as conn:
        if "@" in identity:
            return _there(await rows.by_email(conn, identity.strip().lower()))
        account_id = as_uuid(identity)
        return _there(await rows.by_id(conn, account_id) if account_id else None)


def _there(account: Account | None) -> Account:
    if account is None:
        raise errors.NotFound("Couldn't find that user.", resource="user")
    return account


async def update(
    store: Store, account: Account, *, name: str | None = None, password: str | None = None
) -> Account:
    """Change the name or the password of an account."""
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = name
    if password is not None:
        values["password"] = await _hashed(password)
    async with store.begin() as conn:
        if values:
            await rows.update(conn, account.id, **values)
        return _there(await rows.by_id(conn, account.id))


async def _hashed(password: str) -> str:
    if len(password) < _MIN_PASSWORD:
        raise errors.InvalidParams(f"A password needs at least {_MIN_PASSWORD} characters.")
    return await asyncio.to_thread(passwords.hashed, password)


async def by_password(store: Store, email: str, password: str) -> Account:
    """Return the account that this password opens. Raises Unauthorized."""
    async with store.begin() as conn:
        account = await rows.by_email(conn, email.strip().lower())
        stored = await rows.password(conn, account.id) if account else None
    # An unknown address takes as long to answer as a wrong password.
    right = await asyncio.to_thread(passwords.matches, password, stored or _NOBODY)
    if account is None or stored is None or not right:
        raise errors.Unauthorized("There was a problem with your login.")
    return account


async def check_password(store: Store, account: Account, password: str | None) -> None:
    """Raise Unauthorized unless this is the account's password, or it has none yet."""
    async with store.begin() as conn:
        stored = await rows.password(conn, account.id)
    if stored is None:
        return
    if not await asyncio.to_thread(passwords.matches, password or "", stored):
        raise errors.Unauthorized("The present password is not right.")


_NOBODY = f"scrypt${'00' * 16}${'00' * 32}"
