"""The account that the token acts for."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Reply, SignedIn
from hatoba.api.encode import account as encode
from hatoba.auth import accounts


class Update(msgspec.Struct):
    """``PATCH /account``; a new password needs the present one, if there is one."""

    name: str | None = None
    password: str | None = None
    new_password: str | None = None
    allow_tracking: bool | None = None
    beta: bool | None = None


async def info(call: SignedIn) -> Answer:
    """Tell whose token this is."""
    return Reply(encode.account(call.account))


async def update(call: SignedIn) -> Answer:
    """Change the name or the password."""
    wanted = decode.body(call, Update)
    if wanted.new_password is not None:
        call.service.logins.take(call.account.email)
        await accounts.check_password(call.platform.store, call.account, wanted.password)
    after = await accounts.update(
        call.platform.store,
        call.account,
        name=wanted.name,
        password=wanted.new_password,
        allow_tracking=wanted.allow_tracking,
        beta=wanted.beta,
    )
    call.service.tokens.forget()
    return Reply(encode.account(after))


async def remove(call: SignedIn) -> Answer:
    """Remove the account, which must own nothing."""
    await accounts.remove(call.platform.store, call.account, call.platform.clock.now())
    call.service.tokens.forget()
    return Reply(encode.account(call.account))


async def rate_limits(call: SignedIn) -> Answer:
    """Tell how many requests are left."""
    return Reply({"remaining": call.remaining})
