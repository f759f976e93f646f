"""New passwords for those who lost theirs."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Call, Reply
from hatoba.api.encode.basics import moment
from hatoba.auth import accounts


class Finalize(msgspec.Struct):
    """``POST /password-resets/{token}/actions/finalize``."""

    password: str
    password_confirmation: str


async def create(_: Call) -> Answer:
    """Say who can help: there is nobody who would carry a letter with the token."""
    raise errors.InvalidParams(
        "This platform sends no mail. Ask one of its administrators for a token: "
        "heroku users:reset EMAIL."
    )


async def finalize(call: Call) -> Answer:
    """Set a new password by a token that an administrator gave."""
    wanted = decode.body(call, Finalize)
    if wanted.password != wanted.password_confirmation:
        raise errors.InvalidParams("password_confirmation is not the same as password.")
    now = call.platform.clock.now()
    call.service.logins.take("password-reset")
    account = await accounts.reset_password(
        call.platform.store, call.path("token"), wanted.password, now
    )
    user = {"id": str(account.id), "email": account.email}
    return Reply({"created_at": moment(now), "user": user})
