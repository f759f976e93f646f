"""Dynos: list them, restart and stop them, run one-off ones."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import config
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.reconcile import launch, moves
from hatoba.control.sessions import Session
from hatoba.engines.base import Terminal
from hatoba.model.app import App
from hatoba.model.dyno import DEFAULT_SIZE, SIZES, Dyno, DynoKind, DynoState
from hatoba.model.one_off import runnable, shown
from hatoba.model.release import Release, Slug
from hatoba.store import dynos as rows
from hatoba.store import releases as release_rows
from hatoba.store import slugs as slug_rows

# https://devcenter.heroku.com/articles/one-off-dynos#one-off-dyno-execution-syntax
MAX_ONE_OFFS = 50
_LEAVING = (DynoState.DRAINING, DynoState.STOPPING)


@dataclass(frozen=True)
class OneOff:
    """A command to run once. ``terminal`` is the caller's size when there is a terminal.

    ``time_to_live`` is after how many seconds it is stopped.
    """

    command: str
    attach: bool
    env: Mapping[str, str] = field(repr=False)
    size: str | None = None
    type: str = "run"
    terminal: Terminal | None = None
    time_to_live: int | None = None


def terminal(columns: int, rows: int) -> Terminal:
    """Return a caller's terminal of that size in characters."""
    return Terminal(columns, rows)


async def listed(p: Platform, app: App) -> list[Dyno]:
    """Return the app's dynos by name; of two that bear a name during a replacement, the new one."""
    async with p.store.begin() as conn:
        dynos = await rows.of_app(conn, app.id)
    newest: dict[str, Dyno] = {}
    for dyno in dynos:
        if dyno.state not in _LEAVING:
            newest[dyno.name] = dyno
    return list(newest.values())


async def find(p: Platform, app: App, identity: str) -> Dyno:
    """Return a dyno by id or name. Raises NotFound."""
    for dyno in await listed(p, app):
        if identity in (dyno.name, str(dyno.id)):
            return dyno
    raise errors.NotFound("Couldn't find that dyno.", resource="dyno")


async def _chosen(
    p: Platform,
    app: App,
    *,
    type: str | None,
    identity: str | None,
) -> list[Dyno]:
    if identity is not None:
        return [await find(p, app, identity)]
    dynos = [d for d in await listed(p, app) if d.kind is not DynoKind.RELEASE]
    if type is None:
        return [d for d in dynos if d.kind is DynoKind.PROCESS]
    chosen = [d for d in dynos if d.type == type]
    if not chosen:
        raise errors.NotFound(f"Couldn't find any dyno of type {type}.", resource="dyno")
    return chosen


async def restart(
    p: Platform,
    actor: Actor,
    app: App,
    *,
    type: str | None = None,
    identity: str | None = None,
) -> None:
    """Replace all dynos, those of a type, or one; web dynos without losing a request."""
    chosen = await _chosen(p, app, type=type, identity=identity)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.retire(conn, [d.id for d in chosen])
    for dyno in chosen:
        moves.say(p, dyno, "Restarting")
    p.lanes.nudge(app.id)


async def stop(
    p: Platform,
    actor: Actor,
    app: App,
    *,
    type: str | None = None,
    identity: str | None = None,
) -> None:
    """Stop dynos; those of the formation stay down until a restart or a release."""
    chosen = await _chosen(p, app, type=type, identity=identity)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.retire(conn, [d.id for d in chosen if d.kind is DynoKind.ONE_OFF])
    for dyno in chosen:
        if dyno.kind is DynoKind.PROCESS and dyno.state is not DynoState.DOWN:
            await moves.put_down(p, dyno)
    await p.lanes.settle(app.id)


async def run(p: Platform, actor: Actor, app: App, wanted: OneOff) -> tuple[Dyno, str | None]:
    """Start a one-off dyno of the current release; return it, and the secret to attach with if
    that is asked for.

    Raises InvalidParams for an unknown size, Conflict when fifty of them run.
    """
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        dyno = await note(p, conn, app, wanted)
    return dyno, await start(p, app, dyno, wanted)


async def note(p: Platform, conn: AsyncConnection, app: App, wanted: OneOff) -> Dyno:
    """Note a one-off dyno of an app that is locked; ``start`` starts it. Raises as ``run``."""
    size = SIZES.get((wanted.size or DEFAULT_SIZE.name).lower())
    if size is None:
        raise errors.InvalidParams(f"No such dyno size as {wanted.size}.")
    if not wanted.command.strip():
        raise errors.InvalidParams("A command to run is needed.")
    release = await release_rows.current(conn, app.id)
    numbers = {d.number for d in await rows.of_app(conn, app.id) if d.type == wanted.type}
    if release is None or len(numbers) >= MAX_ONE_OFFS:
        raise errors.Conflict(f"{app.name} runs {len(numbers)} one-off dynos; stop some first.")
    slug = await runs(conn, release)
    meant = wanted
    if slug is None or not slug.images:
        line = runnable(wanted.command, slug.process_types if slug else {})
        meant = replace(wanted, command=line)
    dyno = _one_off(p, release, meant, size.name, numbers)
    await rows.insert(conn, dyno)
    return dyno


async def start(p: Platform, app: App, dyno: Dyno, wanted: OneOff) -> str | None:
    """Start a noted dyno; return the secret to attach with if asked.

    One that can't start is forgotten.
    """
    secret = await _start(p, app, dyno, wanted)
    verb = "attached" if wanted.attach else "detached"
    moves.say(p, dyno, f"Starting process with command `{shown(wanted.command)}` ({verb})")
    p.lanes.nudge(app.id)
    return secret


async def runs(conn: AsyncConnection, release: Release | None) -> Slug | None:
    """Return what a release runs."""
    return await slug_rows.by_id(conn, release.slug_id) if release and release.slug_id else None


def _one_off(p: Platform, release: Release, wanted: OneOff, size: str, taken: set[int]) -> Dyno:
    free = [n for n in random.sample(range(1000, 10000), MAX_ONE_OFFS + 1) if n not in taken]
    now = p.clock.now()
    return Dyno(
        id=uuid4(),
        app_id=release.app_id,
        kind=DynoKind.ONE_OFF,
        type=wanted.type,
        number=free[0],
        release_id=release.id,
        release_version=release.version,
        size=size,
        command=wanted.command,
        state=DynoState.STARTING,
        since=now,
        created_at=now,
    )


async def _start(p: Platform, app: App, dyno: Dyno, wanted: OneOff) -> str | None:
    try:
        spec = await launch.spec(
            p,
            dyno,
            extra=wanted.env,
            attach=wanted.attach,
            terminal=wanted.terminal,
            lifetime=wanted.time_to_live,
        )
        await p.engine.start(spec)
    except BaseException:
        async with p.store.begin() as conn:
            await rows.delete(conn, dyno.id)
        raise
    if not wanted.attach:
        return None
    hidden = tuple((await config.current(p, app)).values())
    session = Session(dyno.id, app.id, wanted.terminal is not None, hidden)
    return p.sessions.open(session, lambda: _give_up(p, dyno))


async def _give_up(p: Platform, dyno: Dyno) -> None:
    moves.say(p, dyno, "Nobody attached in time")
    await retire(p, dyno.app_id, dyno.id)


async def retire(p: Platform, app_id: UUID, dyno_id: UUID) -> None:
    """Ask for the end of one dyno."""
    async with p.store.begin() as conn:
        await rows.retire(conn, [dyno_id])
    p.lanes.nudge(app_id)
