"""Dynos: list, restart, stop, run."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import apps as encode
from hatoba.control import dynos
from hatoba.control.dynos import OneOff
from hatoba.model.dyno import DynoKind

_TYPE = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Characters on a side of a terminal.
MAX_SIDE = 10_000
Environment = dict[str, str | int | float | bool | None]
# https://devcenter.heroku.com/articles/platform-api-reference#dyno: 24 hours.
_MAX_SECONDS = 86_400


class Create(msgspec.Struct):
    """``POST /apps/{app}/dynos``. A terminal's size comes in ``env``, as numbers."""

    command: str
    attach: bool | None = None
    env: Environment | None = None
    force_no_tty: bool | None = None
    size: str | None = None
    type: str | None = None
    time_to_live: int | None = None


async def listed(call: OnApp) -> Answer:
    """List the dynos."""
    found = await dynos.listed(call.platform, call.app)
    shown = [d for d in found if d.kind is not DynoKind.RELEASE]
    return Listing([encode.dyno(d, call.app) for d in shown], ("name", "id"))


async def info(call: OnApp) -> Answer:
    """Tell about one dyno."""
    found = await dynos.find(call.platform, call.app, call.path("dyno"))
    return Reply(encode.dyno(found, call.app))


async def create(call: OnApp) -> Answer:
    """Run a one-off dyno."""
    wanted = decode.body(call, Create)
    dyno, secret = await dynos.run(call.platform, call.actor, call.app, _one_off(wanted))
    url = call.reach.terminal(secret) if secret else None
    return Reply(encode.dyno(dyno, call.app, attach_url=url), 201)


def _one_off(wanted: Create) -> OneOff:
    kind = wanted.type or "run"
    if not _TYPE.fullmatch(kind):
        raise errors.InvalidParams(f"type is invalid: {kind!r} can't be a process type.")
    if wanted.time_to_live is not None and not 0 < wanted.time_to_live <= _MAX_SECONDS:
        raise errors.InvalidParams("time_to_live must be between 1 and 86400 seconds.")
    env = environment(wanted.env)
    attach = bool(wanted.attach)
    size = terminal_size(env) if attach and not wanted.force_no_tty else None
    terminal = dynos.terminal(*size) if size else None
    return OneOff(wanted.command, attach, env, wanted.size, kind, terminal, wanted.time_to_live)


def environment(given: Environment | None) -> dict[str, str]:
    """Return the variables that a client gives a command, as text."""
    return {name: str(value) for name, value in (given or {}).items() if value is not None}


def terminal_size(env: Mapping[str, str]) -> tuple[int, int] | None:
    """Return columns and rows of the caller's terminal: only one who has a terminal sends them."""
    sides = [env.get(name, "") for name in ("COLUMNS", "LINES")]
    if not all(side.isdecimal() and 0 < int(side[:9]) < MAX_SIDE for side in sides):
        return None
    return int(sides[0]), int(sides[1])


async def restart_all(call: OnApp) -> Answer:
    """Replace all dynos."""
    await dynos.restart(call.platform, call.actor, call.app)
    return Reply({}, 202)


async def restart(call: OnApp) -> Answer:
    """Replace one dyno, or those of a type."""
    await dynos.restart(call.platform, call.actor, call.app, **_which(call.path("dyno")))
    return Reply({}, 202)


async def restart_type(call: OnApp) -> Answer:
    """Replace the dynos of a process type."""
    await dynos.restart(call.platform, call.actor, call.app, type=call.path("type"))
    return Reply({}, 202)


async def stop_all(call: OnApp) -> Answer:
    """Stop all dynos."""
    await dynos.stop(call.platform, call.actor, call.app)
    return Reply({}, 202)


async def stop(call: OnApp) -> Answer:
    """Stop one dyno, or those of a type."""
    await dynos.stop(call.platform, call.actor, call.app, **_which(call.path("dyno")))
    return Reply({}, 202)


async def stop_type(call: OnApp) -> Answer:
    """Stop the dynos of a process type."""
    await dynos.stop(call.platform, call.actor, call.app, type=call.path("type"))
    return Reply({}, 202)


def _which(identity: str) -> dict[str, str]:
    """Tell a dyno (``web.1``, an id) from a process type (``web``), which Heroku takes here too."""
    one = "." in identity or len(identity) == len("01234567-89ab-cdef-0123-456789abcdef")
    return {"identity": identity} if one else {"type": identity}
