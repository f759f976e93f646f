"""The runs of scheduled jobs: begun when they are due, each once, and loud when one goes wrong.

A run and its dyno are noted in the transaction that moves the job on to its next moment. What
was cut off between that and the start of the dyno counts as failed: nothing runs twice.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import dynos, scheduler
from hatoba.control.dynos import OneOff
from hatoba.control.platform import Actor, Platform, locked
from hatoba.kit.text import plural
from hatoba.model.app import App
from hatoba.model.dyno import Dyno
from hatoba.model.scheduled_job import DYNO_TYPE, LATE, Job, Run, RunState
from hatoba.store import apps as app_rows
from hatoba.store import releases as release_rows
from hatoba.store import scheduler as rows

log = structlog.get_logger("scheduler")

TICK_SECONDS = 5.0


async def run(p: Platform) -> None:
    """Begin what is due, for ever."""
    while True:
        await tick(p)
        await p.clock.sleep(TICK_SECONDS)


async def tick(p: Platform) -> None:
    """Begin what is due now; one job that can't begin keeps no other from it."""
    async with p.store.begin() as conn:
        waiting = await rows.due(conn, p.clock.now())
    for job_id in waiting:
        await _due(p, job_id)


async def _due(p: Platform, job_id: UUID) -> None:
    now = p.clock.now()
    async with p.store.begin() as conn:
        job = await rows.locked(conn, job_id)
        if job is None or job.next_at > now:
            return
        app = await app_rows.by_id(conn, job.app_id, lock=True)
        await rows.update(conn, job.id, {"next_at": job.rhythm.following(now)})
        if app is None or app.destroyed_at is not None:
            return
        due = _latest(job, now)
        missed = await _missed(p, conn, job, due, now)
        begun = await _note(p, conn, app, job, due) if due else None
    if missed:
        _complain(p, job, missed)
    if begun is not None:
        await _start(p, app, job, begun)


def _latest(job: Job, now: datetime) -> datetime | None:
    """Return the moment for which the job runs now; None when that is too long ago."""
    latest = job.rhythm.following(now) - job.rhythm.period
    return latest if now - latest < LATE else None


async def _missed(
    p: Platform, conn: AsyncConnection, job: Job, due: datetime | None, now: datetime
) -> str | None:
    """Keep that moments have passed without a run."""
    count = job.rhythm.passed(job.next_at, now) - (1 if due else 0)
    if count < 1:
        return None
    first = f"{job.next_at:%Y-%m-%d %H:%M}"
    verb = "was" if count == 1 else "were"
    problem = (
        f"{plural(count, 'run')} {verb} missed, the first at {first} UTC: the platform was down."
    )
    await rows.record(conn, _ended(p, job, job.next_at, RunState.MISSED, problem))
    await rows.update(conn, job.id, {"problem": problem})
    return problem


async def _note(
    p: Platform, conn: AsyncConnection, app: App, job: Job, due: datetime
) -> Dyno | None:
    """Note a run and its dyno; one that can't be is kept as failed, and None returned."""
    try:
        release = await release_rows.current(conn, app.id)
        if release is None or release.slug_id is None:
            raise errors.Conflict(f"Nothing is deployed on {app.name} that could run.")
        dyno = await dynos.note(p, conn, app, _wanted(job))
    except errors.Unavailable:
        raise
    except errors.HatobaError as error:
        await rows.record(conn, _ended(p, job, due, RunState.FAILED, error.message))
        await rows.update(conn, job.id, {"problem": error.message})
        _complain(p, job, error.message)
        return None
    now = p.clock.now()
    going = Run(uuid4(), job.id, due, RunState.RUNNING, dyno.id, dyno.name, None, None, now, None)
    await rows.record(conn, going)
    return dyno


def _ended(p: Platform, job: Job, due: datetime, state: RunState, problem: str) -> Run:
    now = p.clock.now()
    return Run(uuid4(), job.id, due, state, None, None, None, problem, now, now)


def _wanted(job: Job) -> OneOff:
    # A run may take until the next one begins, no longer.
    lifetime = int(job.rhythm.period.total_seconds())
    return OneOff(
        job.command, attach=False, env={}, size=job.size, type=DYNO_TYPE, time_to_live=lifetime
    )


async def _start(p: Platform, app: App, job: Job, dyno: Dyno) -> None:
    try:
        await dynos.start(p, app, dyno, _wanted(job))
    except errors.HatobaError as error:
        why = f"{dyno.name} did not start: {error.message}"
        async with p.store.begin() as conn:
            await rows.finish(conn, dyno.id, None, p.clock.now())
            await rows.update(conn, job.id, {"problem": why})
        _complain(p, job, why)


def _complain(p: Platform, job: Job, why: str) -> None:
    p.logs.platform(job.app_id, DYNO_TYPE, f"Scheduled job {job.number} ({job.command}): {why}")
    log.warning("scheduled job", job=str(job.id), number=job.number, why=why)


async def now(p: Platform, actor: Actor, app: App, identity: str) -> Run:
    """Run a job once more, now. Raises NotFound, and Conflict when it can't be run."""
    job = await scheduler.find(p, app, identity)
    async with p.store.begin() as conn:
        here = await locked(conn, actor, app)
        begun = await _note(p, conn, here, job, p.clock.now())
    if begun is not None:
        await _start(p, app, job, begun)
    return (await scheduler.runs(p, job))[0]


async def alarms(p: Platform) -> list[str]:
    """Say of every job that went wrong the last time what it was, in whole sentences."""
    async with p.store.begin() as conn:
        failing = await rows.failing(conn)
        named = [(job, await app_rows.by_id(conn, job.app_id)) for job in failing]
    return [
        f"Scheduled job {job.number} of {app.name}: {job.problem} "
        f"See: heroku scheduler:info {job.number} -a {app.name}"
        for job, app in named
        if app is not None
    ]
