"""Databases, as Heroku's data API has them."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode import databases as encode
from hatoba.control import databases, databases_archive, databases_copies, databases_reset
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import reviewed
from hatoba.model.database import Database
from hatoba.schema import databases as wire


class Reset(msgspec.Struct):
    """``PUT /client/v11/databases/{database}/reset``."""

    extensions: list[str] | None = None


async def info(call: OnDatabase) -> Answer:
    """Tell about a database."""
    return Reply(encode.database(call.database, await look(call)))


async def look(call: OnDatabase) -> encode.Shown:
    """Look at a database and at what is around it. Raises Unavailable."""
    found = call.database
    around = await databases.around(call.platform, found)
    return encode.Shown(
        name=call.addon_name,
        view=await databases.view(call.platform, found),
        credentials=len(await credentials.listed(call.platform, found)),
        protection=await databases_archive.protection(call.platform, found),
        leader=around.leader,
        origin=around.origin,
        followers=around.followers,
    )


async def wait_status(call: OnDatabase) -> Answer:
    """Tell whether it is still being made."""
    return Reply(encode.waiting(call.database))


async def reset(call: OnDatabase) -> Answer:
    """Empty it; its content is kept for 7 days."""
    extensions = tuple(decode.body(call, Reset).extensions or ())
    await reviewed(call.platform, call.actor, call.app)
    await databases_reset.reset(call.platform, await _ready(call), extensions)
    return Reply(wire.Message("Reset successful."))


async def end_sessions(call: OnDatabase) -> Answer:
    """End all its sessions."""
    ended = await databases.end_sessions(call.platform, await _ready(call))
    return Reply(wire.Message(f"Connections terminated: {ended}."))


async def unfollow(call: OnDatabase) -> Answer:
    """Have it follow no more."""
    await reviewed(call.platform, call.actor, call.app)
    await databases_copies.unfollow(call.platform, await _ready(call))
    return Reply(wire.Message("The database follows no other any more."))


async def kept(call: OnDatabase) -> Answer:
    """List what it held before it was reset."""
    return Reply([encode.kept(e) for e in await databases_reset.kept(call.platform, call.database)])


async def take_back(call: OnDatabase) -> Answer:
    """Give it back what it held."""
    await reviewed(call.platform, call.actor, call.app)
    entry = call.path("entry")
    taken = await databases_reset.take_back(call.platform, await _ready(call), entry)
    return Reply(encode.kept(taken))


async def bastion(_: OnDatabase) -> Answer:
    """Tell no host to go through: a database is reached directly."""
    return Reply({})


async def _ready(call: OnDatabase) -> Database:
    return await databases.available(call.platform, call.database.id)


async def reset_statistics(call: OnDatabase) -> Answer:
    """Count tables', indexes' and statements' use anew."""
    await databases.reset_statistics(call.platform, await _ready(call))
    return Reply(wire.Message("Statistics were reset."))
