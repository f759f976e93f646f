"""Commands inside running dynos, and the terminals of run sessions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.encode import apps as encode
from hatoba.api.resources.dynos import MAX_SIDE, Environment, environment, terminal_size
from hatoba.control import dynos, inside
from hatoba.control.inside import Inside

Side = Annotated[int, msgspec.Meta(gt=0, lt=MAX_SIDE)]


class Create(msgspec.Struct):
    """``POST /apps/{app}/dynos/{dyno}``, as ``run:inside`` sends it; ``raw`` is our own."""

    command: str
    env: Environment | None = None
    force_no_tty: bool | None = None
    raw: bool = False


class Resize(msgspec.Struct):
    """``PATCH /hatoba/apps/{app}/sessions/{session}``: a terminal's new size in characters."""

    columns: Side
    rows: Side


async def run(call: OnApp) -> Answer:
    """Run a command inside a dyno, always attached."""
    wanted = decode.body(call, Create)
    env = environment(wanted.env)
    size = None if wanted.force_no_tty or wanted.raw else terminal_size(env)
    terminal = dynos.terminal(*size) if size else None
    command = Inside(wanted.command, env, terminal, wanted.raw)
    dyno, secret = await inside.run(call.platform, call.actor, call.app, call.path("dyno"), command)
    url = call.reach.terminal(secret)
    return Reply(encode.dyno(dyno, call.app, attach_url=url), 201)


async def resize(call: OnApp) -> Answer:
    """Give a run session's terminal a new size."""
    wanted = decode.body(call, Resize)
    size = dynos.terminal(wanted.columns, wanted.rows)
    await call.platform.sessions.resize(call.app.id, call.path("session"), size)
    return Reply({"columns": wanted.columns, "rows": wanted.rows})
