"""Apps."""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import apps as encode
from hatoba.api.resources import users
from hatoba.auth import access
from hatoba.control import apps
from hatoba.model.permission import Permission


class Create(msgspec.Struct):
    """``POST /apps``; what is not a choice here (team, space, locked) is let pass."""

    name: str | None = None
    region: str | dict[str, Any] | None = None
    stack: str | dict[str, Any] | None = None


class Update(msgspec.Struct):
    """``PATCH /apps/{app}``."""

    name: str | None = None
    maintenance: bool | None = None
    build_stack: str | dict[str, Any] | None = None


def name_of(value: str | dict[str, Any] | None) -> str | None:
    """Return the name that a reference gives, plainly or as an object."""
    return str(value.get("name") or value.get("id")) if isinstance(value, dict) else value


async def create(call: SignedIn) -> Answer:
    """Create an app."""
    wanted = decode.body(call, Create)
    app = await apps.create(
        call.platform,
        call.actor,
        name=wanted.name,
        stack=name_of(wanted.stack),
        region=name_of(wanted.region),
    )
    return Reply(encode.app(app, call.platform.place), 201)


async def listed(call: SignedIn) -> Answer:
    """List the apps that the account owns or works on."""
    found = await apps.listed(call.platform, call.account.id)
    return Listing([encode.app(a, call.platform.place) for a in found], ("name", "id"))


async def of_user(call: SignedIn) -> Answer:
    """List the account's own apps, and those it works on."""
    if not users.is_own(call):
        raise errors.NotFound("Couldn't find that user.", resource="user")
    return await listed(call)


async def info(call: OnApp) -> Answer:
    """Tell about one app."""
    return Reply(encode.app(call.app, call.platform.place))


async def update(call: OnApp) -> Answer:
    """Rename the app, switch maintenance, set the stack of its next build."""
    wanted = decode.body(call, Update)
    await access.check(call.platform.store, call.account, call.app, *_needed(wanted))
    app = await apps.update(
        call.platform,
        call.actor,
        call.app,
        name=wanted.name,
        maintenance=wanted.maintenance,
        build_stack=name_of(wanted.build_stack),
    )
    return Reply(encode.app(app, call.platform.place))


def _needed(wanted: Update) -> tuple[Permission, ...]:
    """Return the permissions of which one is needed: other names are for who manages the app."""
    if wanted.name is not None:
        return (Permission.MANAGE,)
    return (Permission.OPERATE, Permission.DEPLOY)


async def destroy(call: OnApp) -> Answer:
    """Put the app into the trash."""
    app = await apps.destroy(call.platform, call.actor, call.app)
    return Reply(encode.app(app, call.platform.place))
