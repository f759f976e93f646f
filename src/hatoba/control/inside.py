"""Commands inside running dynos: a shell where the app is, seeing what it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control import config, dynos
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.reconcile import launch, moves
from hatoba.control.sessions import Session
from hatoba.engines.base import Terminal
from hatoba.model.app import App
from hatoba.model.dyno import Dyno, DynoState
from hatoba.model.one_off import runnable, shown
from hatoba.store import releases as release_rows


@dataclass(frozen=True)
class Inside:
    """A command to run in a dyno that runs already.

    ``terminal`` is the caller's size when there is a terminal. ``raw`` carries every byte as it
    is, both ways: what is printed is not scrubbed of config vars, and no byte ends the input.
    """

    command: str
    env: Mapping[str, str] = field(repr=False)
    terminal: Terminal | None = None
    raw: bool = False


async def run(
    p: Platform, actor: Actor, app: App, identity: str, wanted: Inside
) -> tuple[Dyno, str]:
    """Start the command; return the dyno that it runs in, and the secret to attach with.

    Raises NotFound for an unknown dyno, InvalidParams for one that does not run.
    """
    if not wanted.command.strip():
        raise errors.InvalidParams("A command to run is needed.")
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
    dyno = await dynos.find(p, app, identity)
    if dyno.state not in (DynoState.STARTING, DynoState.UP):
        raise _not_running(dyno)
    secret = await _start(p, app, dyno, wanted)
    first, _, more = shown(wanted.command).strip().partition("\n")
    line = f"{first} ..." if more else first
    moves.say(p, dyno, f"Running command `{line}` inside (attached)")
    return dyno, secret


async def _start(p: Platform, app: App, dyno: Dyno, wanted: Inside) -> str:
    around = await launch.spec(p, dyno, extra=wanted.env, attach=True, terminal=wanted.terminal)
    command_id = uuid4()
    async with p.store.begin() as conn:
        release = await release_rows.by_id(conn, dyno.release_id)
        slug = await dynos.runs(conn, release)
    spec = replace(
        around,
        id=command_id,
        inside=dyno.id,
        slug=None,
        command=runnable(wanted.command, slug.process_types if slug else {}),
        listens=False,
    )
    try:
        await p.engine.start(spec)
    except errors.NotFound as error:
        raise _not_running(dyno) from error
    hidden = () if wanted.raw else tuple((await config.current(p, app)).values())
    session = Session(
        command_id, app.id, wanted.terminal is not None, hidden=hidden, raw=wanted.raw
    )
    return p.sessions.open(session, lambda: _give_up(p, command_id))


async def _give_up(p: Platform, command_id: UUID) -> None:
    await p.engine.stop(command_id, grace=0)


def _not_running(dyno: Dyno) -> errors.InvalidParams:
    return errors.InvalidParams(
        f"{dyno.name} is {dyno.state.public}: a command runs only inside a dyno that is up. "
        "See: heroku ps"
    )
