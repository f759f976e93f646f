"""Commands that the platform itself runs in a dyno of an app, each once and to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from hatoba.control import config
from hatoba.control.platform import Platform
from hatoba.control.reconcile import moves
from hatoba.kit.scrub import Scrubber
from hatoba.model.dyno import DEFAULT_SIZE, SIZES, Dyno, DynoKind, DynoState
from hatoba.model.release import Release
from hatoba.store import dynos as rows

# https://devcenter.heroku.com/articles/release-phase#release-command-failure
TIME_LIMIT = 3600.0


@dataclass(frozen=True)
class Command:
    """A command line to run in a dyno ``type.number`` of a release.

    ``id`` is the dyno's: it must follow from what the command is run for, so that after an
    interruption the same dyno is found instead of a second one started. ``output`` is the stream
    that its output goes to, by default that of its id.
    """

    id: UUID
    type: str
    line: str
    size: str = DEFAULT_SIZE.name
    output: UUID | None = None

    @property
    def stream(self) -> UUID:
        """Where its output goes."""
        return self.output or self.id


async def run(p: Platform, release: Release, command: Command) -> int | None:
    """Run the command to its end, or go on with it; return its exit status, None if unknown.

    Its output, scrubbed, is added to its stream, which is left open. The dyno is noted until its
    row is deleted, so its status is told again after an interruption.
    """
    dyno = _dyno(p, release, command)
    scrubber = Scrubber((await config.of_release(p, release)).values())
    p.pump.tap(dyno.id, lambda data: p.streams.append(command.stream, scrubber.feed(data)))
    try:
        return await _ended(p, dyno)
    finally:
        p.pump.untap(dyno.id)
        p.streams.append(command.stream, scrubber.close())


def _dyno(p: Platform, release: Release, command: Command) -> Dyno:
    now = p.clock.now()
    return Dyno(
        id=command.id,
        app_id=release.app_id,
        kind=DynoKind.RELEASE,
        type=command.type,
        number=1000 + command.id.int % 9000,
        release_id=release.id,
        release_version=release.version,
        size=SIZES[command.size.lower()].name,
        command=command.line,
        state=DynoState.STARTING,
        since=now,
        created_at=now,
    )


async def _ended(p: Platform, dyno: Dyno) -> int | None:
    """Have the lane start the dyno, wait for its end, and return its exit status."""
    async with p.store.begin() as conn:
        await rows.insert(conn, dyno)
    p.lanes.nudge(dyno.app_id)
    status: int | None = None

    async def ended() -> bool:
        nonlocal status
        async with p.store.begin() as conn:
            noted = [d for d in await rows.of_app(conn, dyno.app_id) if d.id == dyno.id]
        status = noted[0].exit_status if noted else None
        return not noted or noted[0].state is DynoState.DOWN

    try:
        await asyncio.wait_for(p.lanes.until(dyno.app_id, ended), TIME_LIMIT)
    except TimeoutError:
        moves.say(p, dyno, f"{dyno.type.capitalize()} command took longer than an hour")
        await p.engine.stop(dyno.id, grace=0)
        return None
    ends = [d.output_end for d in await p.engine.dynos() if d.id == dyno.id]
    await p.pump.reached(max(ends, default=0))
    return status
