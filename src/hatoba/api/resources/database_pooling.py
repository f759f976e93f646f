"""Databases attached by a connection pooler."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.api.resources.attachments import describe
from hatoba.auth import access
from hatoba.control import addons, databases, databases_pooling
from hatoba.model.permission import Permission


class Pooling(msgspec.Struct):
    """``POST /client/v11/databases/{database}/connection-pooling``."""

    app: str
    credential: str = "default"
    name: str | None = None


async def attach(call: OnDatabase) -> Answer:
    """Attach the database to an app by its pooler."""
    wanted = decode.body(call, Pooling)
    if wanted.credential != "default":
        raise errors.InvalidParams("Only the default credential is pooled.")
    p = call.platform
    app = await access.app(p.store, call.account, wanted.app, Permission.OPERATE)
    ready = await databases.available(p, call.database.id)
    made = await databases_pooling.attach(p, call.actor, app, ready, wanted.name)
    addon = await addons.find(p, str(ready.id))
    return Reply(await describe(call, made, addon, app), 201)
