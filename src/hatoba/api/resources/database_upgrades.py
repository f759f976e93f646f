"""Upgrades of databases, as Heroku's data API has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.control import databases, databases_upgrade
from hatoba.control.platform import reviewed
from hatoba.model.database_upgrade import Kind, State, Upgrade
from hatoba.schema import databases as wire


class Wish(msgspec.Struct):
    """``POST /client/v11/databases/{database}/upgrade/{step}``."""

    version: int | None = None


async def _prepare(call: OnDatabase, version: int | None) -> str:
    ready = await databases.available(call.platform, call.database.id)
    made = await databases_upgrade.prepare(call.platform, ready, version)
    return (
        f"{call.addon_name} can be upgraded to PostgreSQL {made.major}. There are no maintenance "
        f"windows here: run it when it suits you, with `heroku pg:upgrade:run`."
    )


async def _try_out(call: OnDatabase, version: int | None) -> str:
    ready = await databases.available(call.platform, call.database.id)
    begun = await databases_upgrade.try_out(call.platform, ready, version)
    return (
        f"A copy of {call.addon_name} is upgraded to PostgreSQL {begun.major} on trial. "
        f"How it goes: `heroku pg:upgrade:wait`."
    )


async def _run(call: OnDatabase, version: int | None) -> str:
    ready = await databases.available(call.platform, call.database.id)
    begun = await databases_upgrade.run(call.platform, ready, version)
    return (
        f"{call.addon_name} is upgraded to PostgreSQL {begun.major}; the data of before is kept "
        f"for 7 days. How it goes: `heroku pg:upgrade:wait`."
    )


async def _cancel(call: OnDatabase, _: int | None) -> str:
    await databases_upgrade.cancel(call.platform, call.database)
    return f"The upgrade of {call.addon_name} is cancelled."


async def _undo(call: OnDatabase, _: int | None) -> str:
    ready = await databases.available(call.platform, call.database.id)
    await databases_upgrade.undo(call.platform, ready)
    return f"{call.addon_name} is as it was before the upgrade."


_STEPS: dict[str, Callable[[OnDatabase, int | None], Awaitable[str]]] = {
    "prepare": _prepare,
    "dry_run": _try_out,
    "run": _run,
    "cancel": _cancel,
    "undo": _undo,
}


async def step(call: OnDatabase) -> Answer:
    """Prepare, try, begin, cancel or take back an upgrade."""
    wanted = _STEPS.get(call.path("step"))
    if wanted is None:
        raise errors.NotFound(f"The steps of an upgrade are: {', '.join(_STEPS)}.")
    version = decode.body(call, Wish).version
    await reviewed(call.platform, call.actor, call.app)
    return Reply(wire.Message(await wanted(call, version)))


async def wait_status(call: OnDatabase) -> Answer:
    """Tell how far the newest upgrade is."""
    return Reply(_shown(await databases_upgrade.latest(call.platform, call.database)))


def _shown(found: Upgrade | None) -> wire.UpgradeStatus:
    if found is None:
        return wire.UpgradeStatus(waiting=False, error=False, message="no upgrade", step="none")
    return wire.UpgradeStatus(
        waiting=found.state.going_on,
        error=found.state is State.FAILED,
        message=_message(found),
        step=found.step,
        state=found.state,
        version=found.major,
        undoable=found.state is State.SUCCEEDED and found.kept_server_id is not None,
    )


def _message(found: Upgrade) -> str:
    what = "trial" if found.kind is Kind.TRIAL else "upgrade"
    if found.state.going_on:
        return f"{what} to PostgreSQL {found.major}: {found.step}"
    return f"{what} to PostgreSQL {found.major} {found.state}" + (
        f": {found.problem}" if found.problem else ""
    )
