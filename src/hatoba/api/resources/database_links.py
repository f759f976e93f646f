"""Links between databases."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode.basics import moment
from hatoba.auth import access
from hatoba.control import addons, attachments, databases, databases_links
from hatoba.control.databases_links import Seen
from hatoba.control.platform import reviewed
from hatoba.model.database import DEFAULT_CREDENTIAL, Database
from hatoba.model.database_link import name_for
from hatoba.model.permission import Permission
from hatoba.schema import database_links as wire


class Wish(msgspec.Struct, rename={"name": "as"}):
    """``POST /client/v11/databases/{database}/links``; ``target`` is an add-on's id or name."""

    target: str
    name: str | None = None


async def listed(call: OnDatabase) -> Answer:
    """List the links into it."""
    return Reply([_link(one) for one in await databases_links.listed(call.platform, call.database)])


async def create(call: OnDatabase) -> Answer:
    """Link another database's tables into it."""
    wish, p = decode.body(call, Wish), call.platform
    remote = await _remote(call, wish.target)
    await reviewed(p, call.actor, call.app)
    ready = await databases.available(p, call.database.id)
    name = wish.name or name_for((await databases.owner(p, wish.target)).addon_name)
    return Reply(_link(await databases_links.create(p, ready, remote, name)), 201)


async def destroy(call: OnDatabase) -> Answer:
    """Take a link away."""
    await reviewed(call.platform, call.actor, call.app)
    ready = await databases.available(call.platform, call.database.id)
    return Reply(_link(await databases_links.destroy(call.platform, ready, call.path("link"))))


async def _remote(call: OnDatabase, target: str) -> Database:
    """Return the database to link, which the account may read with a password of its own.

    It may where the database is attached to the linked one's app by its default credential, and
    where it may operate the app that the database was made for. Raises InvalidParams, Forbidden.
    """
    p = call.platform
    try:
        owner = await databases.owner(p, target)
    except errors.NotFound as error:
        raise errors.InvalidParams(
            f"{target} is no database of Heroku Postgres; only those can be linked."
        ) from error
    there = await attachments.of_addon(p, await addons.find(p, str(owner.addon_id)))
    if call.app.id not in {one.app_id for one in there if one.credential == DEFAULT_CREDENTIAL}:
        await access.app(
            p.store, call.account, str(owner.app_id), Permission.OPERATE, Permission.DEPLOY
        )
    return await databases.available(p, owner.addon_id)


def _link(seen: Seen) -> wire.Link:
    one = seen.link
    remote = wire.Remote(name=seen.addon, attachment_name=seen.attachment)
    return wire.Link(str(one.id), one.name, moment(one.created_at), remote, one.problem)
