"""Accounts: make them, find them, check their passwords."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from hatoba import errors
from hatoba.auth import passwords
from hatoba.auth.identity import as_uuid
from hatoba.model.account import Account
from hatoba.model.team import OWNER_DOMAIN
from hatoba.store import accounts as rows
from hatoba.store import teams as team_rows
from hatoba.store.database import Store

_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s\x00]+")
_MIN_PASSWORD = 8
_MIN_DIFFERENT = 4
# https://en.wikipedia.org/wiki/List_of_the_most_common_passwords: those of eight characters.
_USUAL = frozenset(
    "password password1 passw0rd 12345678 123456789 1234567890 qwertyuiop iloveyou baseball "
    "football princess sunshine superman trustno1 letmein1 welcome1 changeme".split()
)


async def create(
    store: Store,
    email: str,
    *,
    name: str | None = None,
    password: str | None = None,
    admin: bool = False,
) -> Account:
    """Make an account. Raises InvalidParams when it can't have that e-mail address."""
    chosen = address(email)
    secret = await _hashed(password) if password is not None else None
    try:
        async with store.begin() as conn:
            values = {"email": chosen, "name": name, "password": secret, "admin": admin}
            account = await rows.by_id(conn, await rows.insert(conn, values))
    except IntegrityError as error:
        raise errors.InvalidParams(f"There is an account {chosen} already.") from error
    return _there(account)


def address(email: str) -> str:
    """Return an e-mail address as it is kept. Raises InvalidParams when it is none."""
    kept = email.strip().lower()
    if not _EMAIL.fullmatch(kept) or len(kept) > 254:
        raise errors.InvalidParams(f"{email!r} is not an e-mail address.")
    if kept.endswith(f"@{OWNER_DOMAIN}"):
        raise errors.InvalidParams(f"Addresses at {OWNER_DOMAIN} are those of teams.")
    return kept


async def first(store: Store) -> Account | None:
    """Return the account that was made when the platform was, if there is one yet."""
    async with store.begin() as conn:
        return await rows.first(conn)


async def find(store: Store, identity: str) -> Account:
    """Return somebody's account by id or e-mail address. Raises NotFound, also for a team's."""
    found = await owner(store, identity)
    if found.email.endswith(f"@{OWNER_DOMAIN}"):
        raise errors.NotFound("Couldn't find that user.", resource="user")
    return found


async def owner(store: Store, identity: str) -> Account:
    """As ``find``, also for the account under which a team owns its apps."""
    async with store.begin() as conn:
        if "@" in identity:
            return _there(await rows.by_email(conn, identity.strip().lower()))
        account_id = as_uuid(identity)
        return _there(await rows.by_id(conn, account_id) if account_id else None)


def _there(account: Account | None) -> Account:
    if account is None:
        raise errors.NotFound("Couldn't find that user.", resource="user")
    return account


async def everybody(store: Store) -> list[Account]:
    """Return all accounts that are no team's, the oldest first."""
    async with store.begin() as conn:
        return await rows.people(conn)


async def update(
    store: Store, account: Account, *, password: str | None = None, **changes: str | bool | None
) -> Account:
    """Change an account: its password, ``name``, ``allow_tracking``, ``beta``.

    What is None stays as it is.
    """
    values: dict[str, Any] = {key: value for key, value in changes.items() if value is not None}
    if password is not None:
        values["password"] = await _hashed(password)
    async with store.begin() as conn:
        if values:
            await rows.update(conn, account.id, **values)
        return _there(await rows.by_id(conn, account.id))


async def appoint(store: Store, account: Account, *, admin: bool) -> Account:
    """Make an account an administrator's, or not. Raises InvalidParams for the last one."""
    async with store.begin() as conn:
        people = await rows.people(conn, lock=True)
        if not admin:
            _check_administrators(people, account)
        await rows.update(conn, account.id, admin=admin)
        return _there(await rows.by_id(conn, account.id))


def _check_administrators(people: list[Account], without: Account) -> None:
    if not any(one.admin for one in people if one.id != without.id):
        raise errors.InvalidParams(
            f"{without.email} is the last administrator of this platform; appoint another one "
            f"first: heroku users:set EMAIL --admin"
        )


async def remove(store: Store, account: Account, now: datetime) -> None:
    """Remove an account. Raises InvalidParams while others need it.

    That is while it owns apps or pipelines, or is the last administrator of a team or of the
    platform. Apps in the trash count: who destroyed them may want them back.
    """
    async with store.begin() as conn:
        people = await rows.people(conn, lock=True)
        if owned := await rows.owns(conn, account.id):
            raise errors.InvalidParams(
                f"{account.email} owns {', '.join(owned[:5])}{' …' if owned[5:] else ''}. "
                "Transfer or destroy them first; apps in the trash go after seven days."
            )
        if names := await team_rows.led_alone(conn, account.id):
            raise errors.InvalidParams(
                f"{account.email} is the last administrator of the team {names[0]}; "
                "appoint another one or destroy the team first."
            )
        _check_administrators(people, account)
        await rows.remove(conn, account.id, now)


async def reset_token(store: Store, account: Account, until: datetime) -> str:
    """Make the one token by which a new password can be set until then."""
    token = secrets.token_urlsafe(32)
    async with store.begin() as conn:
        await rows.keep_reset(conn, _reset_hash(token), account.id, until)
    return token


async def reset_password(store: Store, token: str, password: str, now: datetime) -> Account:
    """Set a new password by a token, once. Raises NotFound when it is not good any more."""
    hashed = await _hashed(password)
    async with store.begin() as conn:
        account_id = await rows.use_reset(conn, _reset_hash(token), now)
        if account_id is not None:
            await rows.update(conn, account_id, password=hashed)
            return _there(await rows.by_id(conn, account_id))
    raise errors.NotFound(
        "That token does not reset a password, or not any more.", resource="password_reset"
    )


def _reset_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def preferences(store: Store, account: Account) -> dict[str, Any]:
    """Return what the account prefers."""
    async with store.begin() as conn:
        return await rows.preferences(conn, account.id)


async def prefer(store: Store, account: Account, changes: dict[str, Any]) -> dict[str, Any]:
    """Change some of what the account prefers and return all."""
    async with store.begin() as conn:
        after = {**await rows.preferences(conn, account.id), **changes}
        await rows.update(conn, account.id, preferences=after)
    return after


async def _hashed(password: str) -> str:
    if len(password) < _MIN_PASSWORD:
        raise errors.InvalidParams(f"A password needs at least {_MIN_PASSWORD} characters.")
    if len(set(password)) < _MIN_DIFFERENT or password.lower() in _USUAL:
        raise errors.InvalidParams("That password is among the first that anybody would guess.")
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


async def check_has_password(store: Store, account: Account) -> None:
    """Raise InvalidParams for an account that has no password yet."""
    async with store.begin() as conn:
        if await rows.password(conn, account.id) is None:
            raise errors.InvalidParams("Set a password first: heroku users:password.")


async def check_password(store: Store, account: Account, password: str | None) -> None:
    """Raise InvalidParams unless this is the account's password, or it has none yet."""
    async with store.begin() as conn:
        stored = await rows.password(conn, account.id)
    if stored is None:
        return
    if not await asyncio.to_thread(passwords.matches, password or "", stored):
        raise errors.InvalidParams("The present password is not right.")


_NOBODY = f"scrypt${'00' * 16}${'00' * 32}"
