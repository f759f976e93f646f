"""Key-value stores, as Heroku's data API has them."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.encode import key_values as encode
from hatoba.api.key_value_access import OnKeyValue
from hatoba.control import attachments, catalogue, key_values, key_values_upgrade
from hatoba.control.platform import reviewed
from hatoba.schema import databases as wire
from hatoba.schema.key_values import Waiting


class Change(msgspec.Struct):
    """``PATCH /redis/v0/databases/{addon}/config``."""

    maxmemory_policy: str | None = None
    timeout: int | None = None
    notify_keyspace_events: str | None = None


class Wish(msgspec.Struct):
    """``POST /redis/v0/databases/{addon}/upgrade``; ``version`` is such as 9, 9.1 or 9.1.2."""

    version: str


async def info(call: OnKeyValue) -> Answer:
    """Tell about an instance, its URL included."""
    seen = await call.platform.key_values.info(call.instance)
    return Reply(encode.key_value(call.instance, call.addon, seen))


async def wait_status(call: OnKeyValue) -> Answer:
    """Tell whether it answers."""
    good = await call.platform.key_values.answers(call.instance)
    return Reply(Waiting(not good, "available" if good else "it does not answer yet"))


async def settings(call: OnKeyValue) -> Answer:
    """Tell its settings."""
    return Reply(encode.settings(call.instance))


async def configure(call: OnKeyValue) -> Answer:
    """Change settings."""
    given = msgspec.to_builtins(decode.body(call, Change))
    changes = {name: value for name, value in given.items() if value is not None}
    await reviewed(call.platform, call.actor, call.app)
    after = await key_values.configure(call.platform, call.instance.id, changes)
    return Reply(encode.settings(after))


async def rotate(call: OnKeyValue) -> Answer:
    """Give it another password, and every app that has it the new URL."""
    p, addon = call.platform, call.addon
    await reviewed(p, call.actor, call.app)
    await key_values.rotate(p, call.instance.id)
    await attachments.publish(p, call.actor, addon, await catalogue.service_of(p, addon))
    return Reply(wire.Message("Credentials were rotated."))


async def reset_statistics(call: OnKeyValue) -> Answer:
    """Count anew."""
    await call.platform.key_values.reset_statistics(call.instance)
    return Reply(wire.Message("Stats reset successful."))


async def upgrade(call: OnKeyValue) -> Answer:
    """Have it run a newer version, with what it holds."""
    version = decode.body(call, Wish).version
    await reviewed(call.platform, call.actor, call.app)
    now = await key_values_upgrade.upgrade(call.platform, call.instance.id, version)
    return Reply(wire.Message(f"done, it runs Valkey {now}"))
