"""The account's second factor."""

from __future__ import annotations

import base64
import binascii

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.access import log_in
from hatoba.api.call import Answer, Reply, SignedIn
from hatoba.auth import accounts
from hatoba.control import two_factor


class Enable(msgspec.Struct):
    """``PUT /hatoba/account/two-factor``: the proposed secret (base 32) and its code now."""

    secret: str
    code: str


class Disable(msgspec.Struct):
    """``DELETE /hatoba/account/two-factor``: what a login takes; a token alone won't do."""

    password: str
    code: str


async def propose(call: SignedIn) -> Answer:
    """Make up a secret, as a URI for an authenticator app; it is kept by ``enable`` only."""
    return Reply({"uri": two_factor.propose(call.account)})


async def enable(call: SignedIn) -> Answer:
    """Ask for a code at each login from now on."""
    wanted = decode.body(call, Enable)
    try:
        padding = "=" * (-len(wanted.secret) % 8)
        secret = base64.b32decode(wanted.secret + padding, casefold=True)
    except (binascii.Error, ValueError):
        raise errors.InvalidParams("secret is invalid: it must be base 32.") from None
    await accounts.check_has_password(call.platform.store, call.account)
    recovery = await two_factor.enable(call.platform, call.account, secret, wanted.code)
    call.service.tokens.forget()
    return Reply({"two_factor_authentication": True, "recovery_codes": recovery})


async def disable(call: SignedIn) -> Answer:
    """Ask for the password alone again; this itself takes the password and a code."""
    wanted = decode.body(call, Disable)
    await log_in(call.service, call.account.email, wanted.password, wanted.code)
    await two_factor.disable(call.platform, call.account)
    call.service.tokens.forget()
    return Reply({"two_factor_authentication": False})


async def take_away(call: SignedIn) -> Answer:
    """Help somebody who lost their device: an administrator ends their second factor."""
    named = await accounts.find(call.platform.store, call.path("user"))
    await two_factor.disable(call.platform, named)
    call.service.tokens.forget()
    return Reply({"two_factor_authentication": False})
