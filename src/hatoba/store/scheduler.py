"""Queries about scheduled jobs and their runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.scheduled_job import KEPT_RUNS, Every, Job, Rhythm, Run, RunState
from hatoba.store.tables import addons, apps, scheduled_jobs, scheduled_runs


def _job(row: sa.RowMapping) -> Job:
    values = dict(row)
    every, hour, minute = (values.pop(name) for name in ("every", "hour", "minute"))
    return Job(**values, rhythm=Rhythm(Every(every), hour, minute))


def _run(row: sa.RowMapping) -> Run:
    return Run(**{**row, "state": RunState(row["state"])})


def columns(rhythm: Rhythm) -> dict[str, Any]:
    """Return the columns that hold a rhythm."""
    return {"every": rhythm.every.value, "hour": rhythm.hour, "minute": rhythm.minute}


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> Job:
    """Keep a new job under the next number of its add-on, which is locked."""
    highest = sa.select(sa.func.coalesce(sa.func.max(scheduled_jobs.c.number), 0) + 1).where(
        scheduled_jobs.c.addon_id == values["addon_id"]
    )
    query = scheduled_jobs.insert().values(**values, number=highest.scalar_subquery())
    made = await conn.execute(query.returning(scheduled_jobs))
    return _job(made.mappings().one())


async def of_addon(conn: AsyncConnection, addon_id: UUID) -> list[Job]:
    """Return an add-on's jobs by number."""
    query = sa.select(scheduled_jobs).where(scheduled_jobs.c.addon_id == addon_id)
    found = await conn.execute(query.order_by(scheduled_jobs.c.number))
    return [_job(row) for row in found.mappings()]


async def due(conn: AsyncConnection, now: datetime) -> list[UUID]:
    """Return which jobs of add-ons that are there are due."""
    query = (
        sa.select(scheduled_jobs.c.id)
        .join(addons, addons.c.id == scheduled_jobs.c.addon_id)
        .where(scheduled_jobs.c.next_at <= now, addons.c.state == "provisioned")
        .order_by(scheduled_jobs.c.next_at)
    )
    return list((await conn.scalars(query)).all())


async def locked(conn: AsyncConnection, job_id: UUID) -> Job | None:
    """Return a job that nobody else changes until the transaction ends."""
    query = sa.select(scheduled_jobs).where(scheduled_jobs.c.id == job_id).with_for_update()
    row = (await conn.execute(query)).mappings().one_or_none()
    return _job(row) if row else None


async def update(conn: AsyncConnection, job_id: UUID, values: Mapping[str, Any]) -> Job:
    """Change a job."""
    query = scheduled_jobs.update().where(scheduled_jobs.c.id == job_id)
    query = query.values(**values, updated_at=sa.func.now())
    changed = await conn.execute(query.returning(scheduled_jobs))
    return _job(changed.mappings().one())


async def delete(conn: AsyncConnection, job_id: UUID) -> None:
    """Forget a job and its runs."""
    await conn.execute(scheduled_jobs.delete().where(scheduled_jobs.c.id == job_id))


async def delete_all(conn: AsyncConnection, addon_id: UUID) -> None:
    """Forget all jobs of an add-on."""
    await conn.execute(scheduled_jobs.delete().where(scheduled_jobs.c.addon_id == addon_id))


async def failing(conn: AsyncConnection) -> list[Job]:
    """Return the jobs of living apps that went wrong the last time."""
    query = sa.select(scheduled_jobs).join(apps, apps.c.id == scheduled_jobs.c.app_id)
    query = query.where(scheduled_jobs.c.problem.is_not(None), apps.c.destroyed_at.is_(None))
    return [_job(row) for row in (await conn.execute(query)).mappings()]


async def record(conn: AsyncConnection, run: Run) -> None:
    """Keep a run, and forget the oldest of its job. Raises IntegrityError for a second one."""
    values = {column.name: getattr(run, column.name) for column in scheduled_runs.c}
    await conn.execute(scheduled_runs.insert().values({**values, "state": run.state.value}))
    mine = scheduled_runs.c.job_id == run.job_id
    newest = sa.select(scheduled_runs.c.id).where(mine)
    newest = newest.order_by(scheduled_runs.c.started_at.desc()).limit(KEPT_RUNS)
    done = scheduled_runs.c.state != RunState.RUNNING
    await conn.execute(
        scheduled_runs.delete().where(mine, done, scheduled_runs.c.id.not_in(newest))
    )


async def runs(conn: AsyncConnection, job_id: UUID) -> list[Run]:
    """Return a job's runs, the newest first."""
    query = sa.select(scheduled_runs).where(scheduled_runs.c.job_id == job_id)
    query = query.order_by(scheduled_runs.c.started_at.desc(), scheduled_runs.c.due_at.desc())
    return [_run(row) for row in (await conn.execute(query)).mappings()]


async def finish(
    conn: AsyncConnection, dyno_id: UUID, status: int | None, now: datetime
) -> Job | None:
    """Note how the run in a dyno ended, with its job; return a job that failed."""
    query = sa.select(scheduled_runs).where(
        scheduled_runs.c.dyno_id == dyno_id, scheduled_runs.c.finished_at.is_(None)
    )
    row = (await conn.execute(query.with_for_update())).mappings().one_or_none()
    if row is None:
        return None
    problem = None if status == 0 else _failure(_run(row), status)
    state = RunState.FAILED if problem else RunState.SUCCEEDED
    await end(conn, row["id"], state, status=status, problem=problem, now=now)
    job = await update(conn, row["job_id"], {"problem": problem})
    return job if problem else None


def _failure(run: Run, status: int | None) -> str:
    how = "with an unknown status" if status is None else f"with status {status}"
    return f"The run of {run.due_at:%Y-%m-%d %H:%M} UTC in {run.dyno} exited {how}."


async def end(
    conn: AsyncConnection,
    run_id: UUID,
    state: RunState,
    *,
    status: int | None,
    problem: str | None,
    now: datetime,
) -> None:
    """Note how a run ended."""
    values = {"state": state.value, "exit_status": status, "problem": problem, "finished_at": now}
    await conn.execute(
        scheduled_runs.update().where(scheduled_runs.c.id == run_id).values(**values)
    )
