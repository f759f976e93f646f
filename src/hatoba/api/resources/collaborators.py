"""Who may work on an app, and who let them."""

from __future__ import annotations

from typing import Literal

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import account as encode
from hatoba.auth import access, accounts
from hatoba.control import collaborators
from hatoba.model.account import Account
from hatoba.model.permission import Permission, parse

PermissionName = Literal["view", "deploy", "operate", "manage"]


class Create(msgspec.Struct):
    """``POST /apps/{app}/collaborators``; teams' apps take permissions, others do too here."""

    user: str
    permissions: list[PermissionName] | None = None
    silent: bool | None = None


class Change(msgspec.Struct):
    """``PATCH /teams/apps/{app}/collaborators/{collaborator}``."""

    permissions: list[PermissionName]


async def listed(call: OnApp) -> Answer:
    """List who may work on the app, its owner first."""
    found = await collaborators.listed(call.platform, call.app)
    return Listing([encode.collaborator(c, call.app) for c in found])


async def info(call: OnApp) -> Answer:
    """Tell about one collaborator."""
    found = await collaborators.find(call.platform, call.app, call.path("collaborator"))
    return Reply(encode.collaborator(found, call.app))


async def add(call: OnApp) -> Answer:
    """Let an account work on the app."""
    wanted = decode.body(call, Create)
    account = await accounts.find(call.platform.store, wanted.user)
    return await _added(call, account, wanted.permissions)


async def share(call: OnApp) -> Answer:
    """Let an account work on the app; members of its team may let themselves unless locked."""
    wanted, store = decode.body(call, Create), call.platform.store
    may = await access.permissions(store, call.account, call.app)
    if Permission.MANAGE in may:
        await access.check(store, call.account, call.app, Permission.MANAGE)
        return await add(call)
    if wanted.user.lower() not in ("~", call.account.email, str(call.account.id)):
        await access.check(store, call.account, call.app, Permission.MANAGE)
    await access.check_may_join(store, call.account, call.app)
    return await _added(call, call.account, None)


async def _added(call: OnApp, account: Account, names: list[PermissionName] | None) -> Answer:
    given = parse(names) if names is not None else None
    made = await collaborators.add(call.platform, call.actor, call.app, account, given)
    return Reply(encode.collaborator(made, call.app), 201)


async def change(call: OnApp) -> Answer:
    """Change what a collaborator may do."""
    chosen = parse(decode.body(call, Change).permissions)
    one = await collaborators.find(call.platform, call.app, call.path("collaborator"))
    after = await collaborators.change(call.platform, call.actor, call.app, one, chosen)
    return Reply(encode.collaborator(after, call.app))


async def remove(call: OnApp) -> Answer:
    """Take somebody's access away; everybody may leave, only who manages the app sends off."""
    gone = await collaborators.find(call.platform, call.app, call.path("collaborator"))
    if gone.account_id != call.account.id:
        await access.check(call.platform.store, call.account, call.app, Permission.MANAGE)
    await collaborators.remove(call.platform, call.actor, call.app, gone)
    return Reply(encode.collaborator(gone, call.app))
