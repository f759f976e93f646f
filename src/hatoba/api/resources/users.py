"""Accounts by name: one's own, and all for administrators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.api.encode.basics import moment
from hatoba.api.resources.account import Update
from hatoba.auth import accounts
from hatoba.model.account import Account

_RESET = timedelta(hours=24)


class Create(msgspec.Struct):
    """``POST /hatoba/accounts``; without a password the account needs a reset token."""

    email: str
    name: str | None = None
    password: str | None = None
    admin: bool = False


class Appoint(msgspec.Struct):
    """``PATCH /hatoba/accounts/{user}``."""

    admin: bool


class Preferences(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, omit_defaults=True):
    """``PATCH /users/{user}/preferences``: what dashboards remember for an account."""

    timezone: str | None = None
    default_organization: str | None = None
    dismissed_github_banner: bool | None = None
    dismissed_getting_started: bool | None = None
    dismissed_org_access_controls: bool | None = None
    dismissed_org_wizard_notification: bool | None = None
    dismissed_pipelines_banner: bool | None = None
    dismissed_pipelines_github_banner: bool | None = None
    dismissed_pipelines_github_banners: list[str] | None = None
    dismissed_sms_banner: bool | None = None


_NO_PREFERENCES: dict[str, Any] = {
    **{field.encode_name: None for field in msgspec.structs.fields(Preferences)},
    "dismissed-pipelines-github-banners": [],
}


def is_own(call: SignedIn) -> bool:
    """Tell whether the path names the account itself, by ``~``, id or e-mail address."""
    return call.path("user").lower() in ("~", str(call.account.id), call.account.email)


async def _named(call: SignedIn) -> Account:
    """Return the account that the path names: one's own or, for administrators, anybody's."""
    if is_own(call):
        return call.account
    if call.account.admin:
        return await accounts.find(call.platform.store, call.path("user"))
    raise errors.NotFound("Couldn't find that user.", resource="user")


async def info(call: SignedIn) -> Answer:
    """Tell about an account."""
    return Reply(encode.account(await _named(call)))


async def update(call: SignedIn) -> Answer:
    """Change the name and the like; passwords are their owner's alone."""
    wanted, named = decode.body(call, Update), await _named(call)
    after = await accounts.update(
        call.platform.store,
        named,
        name=wanted.name,
        allow_tracking=wanted.allow_tracking,
        beta=wanted.beta,
    )
    call.service.tokens.forget()
    return Reply(encode.account(after))


async def remove(call: SignedIn) -> Answer:
    """Remove an account that owns nothing."""
    gone = await _named(call)
    await accounts.remove(call.platform.store, gone, call.platform.clock.now())
    call.service.tokens.forget()
    return Reply(encode.account(gone))


async def preferences(call: SignedIn) -> Answer:
    """Tell what an account prefers."""
    kept = await accounts.preferences(call.platform.store, await _named(call))
    return Reply({**_NO_PREFERENCES, **kept})


async def prefer(call: SignedIn) -> Answer:
    """Change what an account prefers."""
    changes = msgspec.to_builtins(decode.body(call, Preferences))
    kept = await accounts.prefer(call.platform.store, await _named(call), changes)
    return Reply({**_NO_PREFERENCES, **kept})


async def listed(call: SignedIn) -> Answer:
    """List all accounts of the platform."""
    found = await accounts.everybody(call.platform.store)
    return Listing([encode.person(one) for one in found], ("id", "email"))


async def create(call: SignedIn) -> Answer:
    """Make an account."""
    wanted = decode.body(call, Create)
    made = await accounts.create(
        call.platform.store,
        wanted.email,
        name=wanted.name,
        password=wanted.password,
        admin=wanted.admin,
    )
    return Reply(encode.person(made), 201)


async def appoint(call: SignedIn) -> Answer:
    """Make an account an administrator's, or not."""
    admin = decode.body(call, Appoint).admin
    named = await accounts.find(call.platform.store, call.path("user"))
    after = await accounts.appoint(call.platform.store, named, admin=admin)
    call.service.tokens.forget()
    return Reply(encode.person(after))


async def reset_password(call: SignedIn) -> Answer:
    """Make a token by which the account's owner can set a new password, once."""
    named = await accounts.find(call.platform.store, call.path("user"))
    until = call.platform.clock.now() + _RESET
    token = await accounts.reset_token(call.platform.store, named, until)
    return Reply({"email": named.email, "token": token, "expires_at": moment(until)}, 201)
