"""Automatic certificate management."""

from __future__ import annotations

from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.encode import apps as encode
from hatoba.control import acm
from hatoba.model.app import App


def _reply(call: OnApp, app: App) -> Answer:
    return Reply(encode.app(app, call.platform.place))


async def enable(call: OnApp) -> Answer:
    """Begin to manage the certificates of the app's domains."""
    return _reply(call, await acm.switch(call.platform, call.actor, call.app, on=True))


async def disable(call: OnApp) -> Answer:
    """Manage them no longer, and remove those that were got."""
    return _reply(call, await acm.switch(call.platform, call.actor, call.app, on=False))


async def refresh(call: OnApp) -> Answer:
    """Try the domains again that have failed."""
    return _reply(call, await acm.refresh(call.platform, call.actor, call.app))
