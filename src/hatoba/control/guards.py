"""Apps that are changed only by who has just shown a second factor."""

from __future__ import annotations

from datetime import timedelta

from hatoba import errors
from hatoba.control import two_factor
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.store import apps as app_rows
from hatoba.store import pre_authorizations as rows

LASTS = timedelta(minutes=30)


async def switch(p: Platform, actor: Actor, app: App, *, guarded: bool) -> bool:
    """Guard an app or not any more; return whether it is. Raises InvalidParams without a factor."""
    _check_factor(actor.account)
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        if now.guarded != guarded:
            await app_rows.update(conn, app.id, guarded=guarded)
    return guarded


async def open_for(p: Platform, account: Account, app: App, code: str | None) -> None:
    """Let an account change a guarded app for half an hour. Raises TwoFactorRequired."""
    _check_factor(account)
    await two_factor.check(p, account, code)
    async with p.store.begin() as conn:
        await rows.keep(conn, account.id, app.id, LASTS)


def _check_factor(account: Account) -> None:
    if not account.two_factor:
        raise errors.InvalidParams(
            "This needs an account with a second factor. Switch it on: heroku auth:2fa:enable"
        )
