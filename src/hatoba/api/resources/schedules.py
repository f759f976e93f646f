"""Daily backups, as Heroku's data API has them."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode import backups as encode
from hatoba.control import schedules


class Create(msgspec.Struct):
    """``POST /client/v11/databases/{database}/transfer-schedules``; the hour may be ``02``."""

    hour: str | int
    timezone: str = "UTC"
    schedule_name: str = "DATABASE_URL"


async def listed(call: OnDatabase) -> Answer:
    """List the schedules of the database's app."""
    found = await schedules.listed(call.platform, call.app)
    return Reply([encode.schedule(one) for one in found])


async def put(call: OnDatabase) -> Answer:
    """Back the database up every day."""
    wanted = decode.body(call, Create)
    try:
        at = (int(wanted.hour), wanted.timezone)
    except ValueError as error:
        raise errors.InvalidParams("hour is invalid: expected a number from 0 to 23.") from error
    made = await schedules.put(
        call.platform, call.actor, call.app, call.database, wanted.schedule_name, at
    )
    return Reply(encode.schedule(made), 201)


async def remove(call: OnDatabase) -> Answer:
    """Take a schedule away."""
    gone = await schedules.remove(call.platform, call.actor, call.app, call.path("schedule"))
    return Reply(encode.schedule(gone))
