"""The only place where a dyno changes its state, in the store and in the log alike.

Each move names the state before it: when the row is no longer in it, nothing happens.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.control.platform import Platform
from hatoba.control.reconcile import steps
from hatoba.model.dyno import BOOT_TIMEOUT, SIZES, STOP_GRACE, Dyno, DynoKind, DynoState
from hatoba.model.release import Release
from hatoba.model.scheduled_job import DYNO_TYPE, Job
from hatoba.store import dynos as rows
from hatoba.store import scheduler as job_rows

# Heroku's words: https://devcenter.heroku.com/articles/error-codes
CODES = {
    "R10": (
        "Error R10 (Boot timeout) -> Web process failed to bind to $PORT within "
        f"{int(BOOT_TIMEOUT.total_seconds())} seconds of launch"
    ),
    "R12": (
        "Error R12 (Exit timeout) -> At least one process failed to exit within "
        f"{int(STOP_GRACE.total_seconds())} seconds of SIGTERM"
    ),
    "R14": "Error R14 (Memory quota exceeded)",
    "R15": "Error R15 (Memory quota vastly exceeded)",
}


async def create(p: Platform, app_id: UUID, release: Release, step: steps.Create) -> None:
    """Note a new dyno of a release."""
    now = p.clock.now()
    dyno = Dyno(
        id=uuid4(),
        app_id=app_id,
        kind=DynoKind.PROCESS,
        type=step.type,
        number=step.number,
        release_id=release.id,
        release_version=release.version,
        size=step.size,
        command=step.command,
        state=DynoState.STARTING,
        since=now,
        created_at=now,
    )
    async with p.store.begin() as conn:
        await rows.insert(conn, dyno)


async def restart(p: Platform, step: steps.Restart) -> None:
    """Follow a crashed dyno by a new one that inherits its count of crashes."""
    before, now = step.dyno, p.clock.now()
    after = replace(
        before,
        id=uuid4(),
        state=DynoState.STARTING,
        since=now,
        created_at=now,
        restart_at=None,
        address=None,
        exit_status=None,
    )
    async with p.store.begin() as conn:
        await rows.delete(conn, before.id)
        await rows.insert(conn, after)
    _say_state(p, before, DynoState.STARTING)


async def up(p: Platform, step: steps.Up) -> None:
    """The dyno is up."""
    await move(p, step.dyno, DynoState.UP, address=step.address)


async def crash(p: Platform, step: steps.Crash) -> None:
    """The dyno ended by itself, or broke a rule and is killed."""
    dyno = step.dyno
    if step.code:
        say(p, dyno, CODES[step.code])
        say(p, dyno, "Stopping process with SIGKILL")
        await p.engine.stop(dyno.id, grace=0)
    else:
        say_exit(p, dyno, step.status)
    await move(
        p,
        dyno,
        DynoState.CRASHED,
        crashes=step.crashes,
        restart_at=step.restart_at,
        exit_status=step.status,
    )


async def drain(p: Platform, step: steps.Drain) -> None:
    """The dyno gets no new requests from the next publishing on."""
    await move(p, step.dyno, DynoState.DRAINING, quiet=True)


async def stop(p: Platform, dyno: Dyno) -> None:
    """Ask the dyno to end: SIGTERM, 30 s, SIGKILL."""
    if dyno.state is not DynoState.STOPPING:
        await move(p, dyno, DynoState.STOPPING, quiet=True)
        say(p, dyno, "Stopping all processes with SIGTERM")
    await p.engine.stop(dyno.id, grace=STOP_GRACE.total_seconds())


async def halt(p: Platform, dyno: Dyno) -> None:
    """Ask a dyno that is listed as down to end."""
    say(p, dyno, "Stopping all processes with SIGTERM")
    await p.engine.stop(dyno.id, grace=STOP_GRACE.total_seconds())


async def put_down(p: Platform, dyno: Dyno) -> None:
    """List the dyno as down; it stays so until it is restarted, or a release replaces it."""
    await move(p, dyno, DynoState.DOWN)


async def finish(p: Platform, step: steps.Finish) -> None:
    """The release phase has ended; the row keeps its exit status for the job that waits."""
    say_exit(p, step.dyno, step.status)
    await move(p, step.dyno, DynoState.DOWN, exit_status=step.status)


async def forget(p: Platform, step: steps.Forget) -> None:
    """The dyno has ended: its row and what the engine has of it go."""
    dyno = step.dyno
    if dyno.state not in (DynoState.CRASHED, DynoState.DOWN):
        say_exit(p, dyno, step.status)
        word = "complete" if dyno.kind is DynoKind.ONE_OFF else "down"
        before = DynoState.UP if dyno.state is DynoState.STOPPING else dyno.state
        say(p, dyno, f"State changed from {before.public} to {word}")
    async with p.store.begin() as conn:
        await rows.delete(conn, dyno.id)
        failed = await _scheduled(conn, dyno, step.status, p.clock.now())
    if failed is not None:
        text = f"Scheduled job {failed.number} ({failed.command}) failed: {failed.problem}"
        p.logs.platform(dyno.app_id, DYNO_TYPE, text)


async def _scheduled(
    conn: AsyncConnection, dyno: Dyno, status: int | None, now: datetime
) -> Job | None:
    """Keep what became of a scheduled job's run; return the job if it failed."""
    if dyno.kind is not DynoKind.ONE_OFF or dyno.type != DYNO_TYPE:
        return None
    return await job_rows.finish(conn, dyno.id, status, now)


async def move(
    p: Platform,
    dyno: Dyno,
    after: DynoState,
    *,
    quiet: bool = False,
    **values: datetime | str | int | None,
) -> None:
    """Change the dyno's state in the store, and unless ``quiet`` say so in the log."""
    async with p.store.begin() as conn:
        moved = await rows.move(
            conn, dyno.id, before=dyno.state, after=after, at=p.clock.now(), **values
        )
    if moved and not quiet:
        _say_state(p, dyno, after)


def _say_state(p: Platform, dyno: Dyno, after: DynoState) -> None:
    say(p, dyno, f"State changed from {dyno.state.public} to {after.public}")


def say(p: Platform, dyno: Dyno, text: str) -> None:
    """Write a platform line about the dyno into the app's log."""
    p.logs.platform(dyno.app_id, dyno.name, text)


def say_exit(p: Platform, dyno: Dyno, status: int | None) -> None:
    """Say how the dyno's process ended."""
    known = "an unknown status" if status is None else f"status {status}"
    say(p, dyno, f"Process exited with {known}")


def say_memory(p: Platform, dyno: Dyno, used: int) -> None:
    """Say R14 in Heroku's two lines."""
    quota = SIZES[dyno.size.lower()].memory_bytes
    say(p, dyno, f"Process running mem={used / 2**20:.0f}M({used / quota:.1%})")
    say(p, dyno, CODES["R14"])


def say_disk(p: Platform, dyno: Dyno, quota: int) -> None:
    """Say that what it has written has ended the dyno; Heroku has no code for that."""
    say(p, dyno, f"Error (Disk quota exceeded) -> Its files take more than {quota / 2**20:.0f}M")
    say(p, dyno, "Stopping process with SIGKILL")
