"""The younger data API for Postgres: what of it makes sense for databases with a fixed plan."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Reply, SignedIn
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode import data_postgres as encode
from hatoba.api.resources.databases import look
from hatoba.control import databases, databases_quotas, databases_settings, databases_upgrade
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import reviewed
from hatoba.model.database_settings import SETTINGS, Value, text
from hatoba.schema import data_postgres as wire


class Given(msgspec.Struct):
    """``PUT …/settings``: names and values as ``log_statement:ddl,auto_explain:on``."""

    settings: str


class GivenQuota(msgspec.Struct):
    """``PATCH …/quotas/storage``; sizes in GB, null for none."""

    warning_gb: float | msgspec.UnsetType | None = msgspec.UNSET
    critical_gb: float | msgspec.UnsetType | None = msgspec.UNSET
    enforcement_action: str | msgspec.UnsetType = msgspec.UNSET


class Wish(msgspec.Struct):
    """``POST …/upgrade/run``."""

    version: int | None = None


async def levels(_: SignedIn) -> Answer:
    """List no levels: plans here are fixed."""
    return Reply(wire.Items([]))


async def pricing(_: SignedIn) -> Answer:
    """List no prices: nothing is billed here, in no tier."""
    return Reply({tier: {} for tier in ("advanced", "advanced-private", "advanced-shield")})


async def info(call: OnDatabase) -> Answer:
    """Tell about a database."""
    return Reply(encode.info(call.database, await look(call), call.app))


async def wait_status(call: OnDatabase) -> Answer:
    """Tell whether something is still being done with it."""
    return Reply(encode.waiting(call.database))


async def settings(call: OnDatabase) -> Answer:
    """List its settings."""
    values = databases_settings.listed(call.database)
    return Reply(wire.Items([wire.Setting(name, text(value)) for name, value in values.items()]))


async def change_settings(call: OnDatabase) -> Answer:
    """Change settings, and put them in force at once."""
    changes = _parsed(decode.body(call, Given).settings)
    await reviewed(call.platform, call.actor, call.app)
    database = await databases.available(call.platform, call.database.id)
    before = databases_settings.listed(database)
    await databases_settings.change(call.platform, database, changes)
    done = [
        wire.Change(name, text(before[name]), text(value))
        for name, value in changes.items()
        if before[name] != value
    ]
    return Reply(wire.Changes(done))


def _parsed(given: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for pair in filter(None, (part.strip() for part in given.split(","))):
        name, _, value = (part.strip() for part in pair.partition(":"))
        default = SETTINGS[name].default if name in SETTINGS else ""
        if isinstance(default, bool):
            found[name] = {"on": True, "true": True, "off": False, "false": False}.get(value, value)
        elif isinstance(default, int) and value.removeprefix("-").isdecimal():
            found[name] = int(value)
        else:
            found[name] = value
    return found


async def list_credentials(call: OnDatabase) -> Answer:
    """List its credentials, without passwords."""
    there = await credentials.listed(call.platform, call.database)
    return Reply(wire.Items([encode.credential(one) for one in there]))


async def credential(call: OnDatabase) -> Answer:
    """Tell how to connect as a credential."""
    found = await credentials.find(call.platform, call.database, call.path("credential"))
    return Reply(encode.full_credential(call.database, found))


async def quotas(call: OnDatabase) -> Answer:
    """List its one quota: how much its plan lets it store."""
    view = await databases.view(call.platform, call.database)
    return Reply(wire.Items([encode.quota(call.database, view)]))


async def quota(call: OnDatabase) -> Answer:
    """Tell how much it stores of what its plan allows."""
    _check_quota(call)
    view = await databases.view(call.platform, call.database)
    return Reply(encode.quota(call.database, view))


async def change_quota(call: OnDatabase) -> Answer:
    """Set the sizes at which somebody is told, or writes are refused."""
    _check_quota(call)
    given = msgspec.to_builtins(decode.body(call, GivenQuota))
    await reviewed(call.platform, call.actor, call.app)
    ready = await databases.available(call.platform, call.database.id)
    changed = await databases_quotas.change(call.platform, ready, given)
    return Reply(encode.quota(changed, await databases.view(call.platform, changed)))


def _check_quota(call: OnDatabase) -> None:
    if call.path("quota") != encode.STORAGE:
        raise errors.NotFound(f"The only quota is {encode.STORAGE}.", resource="quota")


async def upgrade(call: OnDatabase) -> Answer:
    """Begin an upgrade to a newer Postgres, preparing it first where that is needed."""
    version = decode.body(call, Wish).version
    await reviewed(call.platform, call.actor, call.app)
    ready = await databases.available(call.platform, call.database.id)
    if not ready.server.shared and ready.following is None:
        await databases_upgrade.prepare(call.platform, ready, version)
    begun = await databases_upgrade.run(call.platform, ready, version)
    return Reply(wire.Version(str(begun.major)))


async def no_pool(_: OnDatabase) -> Answer:
    """Say that there are no pools."""
    raise errors.InvalidParams(
        "Pools are of the Advanced tier, which is not offered. For a copy to read from: "
        "heroku addons:create heroku-postgresql:standard-0 --follow DATABASE"
    )


async def no_target(_: OnDatabase) -> Answer:
    """Say that nothing migrates to it."""
    raise errors.NotFound("No database is migrating to this one.", resource="migration")


async def no_migration(_: OnDatabase) -> Answer:
    """Say that there is no other tier to migrate to."""
    raise errors.InvalidParams(
        "There is no Advanced tier to migrate to. To another plan's server: heroku pg:copy"
    )
