"""Queries about test runs and their cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.test_run import UNFINISHED, Case, RunStatus, TestRun
from hatoba.store.tables import accounts, test_cases, test_runs

_columns = [c for c in test_runs.c if c.name != "source"]
_select = sa.select(*_columns, accounts.c.email.label("account_email")).join(
    accounts, accounts.c.id == test_runs.c.account_id
)


def _run(row: sa.RowMapping) -> TestRun:
    return TestRun(**{**row, "status": RunStatus(row["status"])})


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Add a pending run with its pipeline's next number; the pipeline must be locked."""
    last = sa.select(sa.func.coalesce(sa.func.max(test_runs.c.number), 0)).where(
        test_runs.c.pipeline_id == values["pipeline_id"]
    )
    number = last.scalar_subquery() + 1
    status = RunStatus.PENDING.value
    await conn.execute(test_runs.insert().values(number=number, status=status, **values))


async def by_id(conn: AsyncConnection, run_id: UUID) -> TestRun | None:
    """Return the run."""
    row = (await conn.execute(_select.where(test_runs.c.id == run_id))).mappings().first()
    return _run(row) if row else None


async def of_pipeline(conn: AsyncConnection, pipeline_id: UUID) -> list[TestRun]:
    """Return a pipeline's runs by number."""
    query = _select.where(test_runs.c.pipeline_id == pipeline_id).order_by(test_runs.c.number)
    return [_run(row) for row in (await conn.execute(query)).mappings()]


async def unfinished(conn: AsyncConnection) -> list[TestRun]:
    """Return the runs that have not ended, or whose app is still there."""
    going = test_runs.c.status.in_([status.value for status in UNFINISHED])
    query = _select.where(going | test_runs.c.app_id.is_not(None))
    return [_run(row) for row in (await conn.execute(query)).mappings()]


async def debugging(conn: AsyncConnection, before: datetime) -> list[TestRun]:
    """Return the debug runs that began before that moment."""
    waits = test_runs.c.status == RunStatus.DEBUGGING.value
    query = _select.where(waits, test_runs.c.created_at < before)
    return [_run(row) for row in (await conn.execute(query)).mappings()]


async def source(conn: AsyncConnection, run_id: UUID) -> bytes | None:
    """Return where a run's source is, sealed."""
    query = sa.select(test_runs.c.source).where(test_runs.c.id == run_id)
    found: bytes | None = await conn.scalar(query)
    return found


async def update(conn: AsyncConnection, run_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of a run."""
    query = test_runs.update().where(test_runs.c.id == run_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def move(
    conn: AsyncConnection,
    run_id: UUID,
    after: RunStatus,
    **values: Any,  # noqa: ANN401
) -> bool:
    """Bring an unfinished run to another state; False when it has ended meanwhile."""
    going = test_runs.c.status.in_([status.value for status in UNFINISHED])
    query = test_runs.update().where(test_runs.c.id == run_id, going)
    changed = query.values(status=after.value, updated_at=sa.func.now(), **values)
    return bool((await conn.execute(changed)).rowcount)


async def set_cases(conn: AsyncConnection, run_id: UUID, found: Sequence[Case]) -> None:
    """Note the cases that a run told of, in their order; instead of what was noted before."""
    await conn.execute(test_cases.delete().where(test_cases.c.test_run_id == run_id))
    if found:
        rows = [
            {**asdict(case), "test_run_id": run_id, "position": position}
            for position, case in enumerate(found)
        ]
        await conn.execute(test_cases.insert(), rows)


async def cases(conn: AsyncConnection, run_id: UUID) -> list[tuple[UUID, datetime, Case]]:
    """Return a run's cases with their ids and when they were noted, in their order."""
    query = sa.select(test_cases).where(test_cases.c.test_run_id == run_id)
    found = (await conn.execute(query.order_by(test_cases.c.position))).mappings()
    return [
        (
            row["id"],
            row["created_at"],
            Case(
                row["number"],
                row["description"],
                row["passed"],
                row["directive"],
                row["diagnostic"],
            ),
        )
        for row in found
    ]
