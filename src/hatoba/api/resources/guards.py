"""Guarded apps, and showing a second factor for one."""

from __future__ import annotations

from hatoba.api.access import TWO_FACTOR_HEADER
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.control import guards


async def info(call: OnApp) -> Answer:
    """Tell whether the app is guarded."""
    return Reply({"guarded": call.app.guarded})


async def switch_on(call: OnApp) -> Answer:
    """Have every change of the app take a second factor."""
    await guards.switch(call.platform, call.actor, call.app, guarded=True)
    return Reply({"guarded": True})


async def switch_off(call: OnApp) -> Answer:
    """Let the app be changed with a token alone."""
    await guards.switch(call.platform, call.actor, call.app, guarded=False)
    return Reply({"guarded": False})


async def pre_authorize(call: OnApp) -> Answer:
    """Take a code, after which the account may change the app for half an hour."""
    call.service.logins.take(call.account.email)
    code = call.request.headers.get(TWO_FACTOR_HEADER)
    await guards.open_for(call.platform, call.account, call.app, code)
    return Reply({"app": {"id": str(call.app.id), "name": call.app.name}})
