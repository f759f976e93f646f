"""The credentials of databases, as Heroku's data API has them."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode import databases as encode
from hatoba.control import databases, databases_rotation
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import reviewed
from hatoba.schema import databases as wire


class Create(msgspec.Struct):
    """``POST /postgres/v0/databases/{database}/credentials``."""

    name: str


class Rotate(msgspec.Struct):
    """``POST …/credentials_rotation``; ``forced`` ends open sessions now."""

    forced: bool | None = None


async def listed(call: OnDatabase) -> Answer:
    """List them with their passwords."""
    sessions = await credentials.sessions(call.platform, call.database)
    found = await credentials.listed(call.platform, call.database)
    return Reply([encode.credential(call.database, one, sessions) for one in found])


async def info(call: OnDatabase) -> Answer:
    """Tell about one, with its password."""
    found = await credentials.find(call.platform, call.database, call.path("credential"))
    sessions = await credentials.sessions(call.platform, call.database)
    return Reply(encode.credential(call.database, found, sessions))


async def create(call: OnDatabase) -> Answer:
    """Make a further one."""
    name = decode.body(call, Create).name
    await reviewed(call.platform, call.actor, call.app)
    database = await databases.available(call.platform, call.database.id)
    await credentials.create(call.platform, database, name)
    return Reply(wire.Message(f"Credential {name} was created."), 201)


async def destroy(call: OnDatabase) -> Answer:
    """Drop one that no app is attached by."""
    await reviewed(call.platform, call.actor, call.app)
    name = call.path("credential")
    await databases_rotation.destroy(call.platform, call.database, name)
    return Reply(wire.Message(f"Credential {name} was destroyed."))


async def rotate(call: OnDatabase) -> Answer:
    """Give one another password, and the attached apps the new URL."""
    end_now = bool(decode.body(call, Rotate).forced)
    names = [call.path("credential")]
    await reviewed(call.platform, call.actor, call.app)
    await databases_rotation.rotate(
        call.platform, call.actor, call.database, names, end_now=end_now
    )
    return Reply(wire.Message(f"Rotated {names[0]}."))


async def rotate_all(call: OnDatabase) -> Answer:
    """Give all of them other passwords."""
    end_now = bool(decode.body(call, Rotate).forced)
    names = [one.name for one in await credentials.listed(call.platform, call.database)]
    await reviewed(call.platform, call.actor, call.app)
    await databases_rotation.rotate(
        call.platform, call.actor, call.database, names, end_now=end_now
    )
    return Reply(wire.Message("Rotated all credentials."))


async def repair_default(call: OnDatabase) -> Answer:
    """Make the default credential own everything again."""
    await credentials.repair_default(call.platform, call.database)
    return Reply(wire.Message("The default credential owns the database again."))
