"""Queries about pipelines and the apps in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.pipeline import Coupling, Pipeline, Stage
from hatoba.store import apps as app_rows
from hatoba.store.tables import apps, pipeline_couplings, pipelines, team_members, teams

_pipelines = sa.select(pipelines, teams.c.id.is_not(None).label("of_team")).outerjoin(
    teams, teams.c.id == pipelines.c.owner_id
)
_couplings = (
    sa.select(
        pipeline_couplings,
        pipelines.c.name.label("pipeline_name"),
        apps.c.name.label("app_name"),
    )
    .join(pipelines, pipelines.c.id == pipeline_couplings.c.pipeline_id)
    .join(apps, apps.c.id == pipeline_couplings.c.app_id)
    .where(apps.c.destroyed_at.is_(None))
)


def _coupling(row: sa.RowMapping) -> Coupling:
    return Coupling(**{**row, "stage": Stage(row["stage"])})


async def insert(conn: AsyncConnection, name: str, owner_id: UUID) -> UUID:
    """Add a pipeline; raises IntegrityError when its name is taken."""
    query = pipelines.insert().values(name=name, owner_id=owner_id).returning(pipelines.c.id)
    return (await conn.execute(query)).scalar_one()  # type: ignore[no-any-return]


async def by_id(conn: AsyncConnection, pipeline_id: UUID, *, lock: bool = False) -> Pipeline | None:
    """Return the pipeline; ``lock`` keeps others out until the transaction ends."""
    query = _pipelines.where(pipelines.c.id == pipeline_id)
    query = query.with_for_update(of=pipelines) if lock else query
    row = (await conn.execute(query)).mappings().first()
    return Pipeline(**row) if row else None


async def by_name(conn: AsyncConnection, name: str) -> Pipeline | None:
    """Return the pipeline of that name."""
    query = _pipelines.where(pipelines.c.name == name)
    row = (await conn.execute(query)).mappings().first()
    return Pipeline(**row) if row else None


async def seen_by(conn: AsyncConnection, account_id: UUID) -> list[Pipeline]:
    """Return an account's and its teams' pipelines, and those that have an app which it sees."""
    mine = pipelines.c.owner_id == account_id
    joined = sa.select(team_members.c.team_id).where(team_members.c.account_id == account_id)
    ours = pipelines.c.owner_id.in_(joined)
    query = _pipelines.where(mine | ours | pipelines.c.id.in_(_worked_on(account_id)))
    found = await conn.execute(query.order_by(pipelines.c.name))
    return [Pipeline(**row) for row in found.mappings()]


def _worked_on(account_id: UUID) -> sa.Select[tuple[UUID]]:
    return (
        sa.select(pipeline_couplings.c.pipeline_id)
        .join(apps, apps.c.id == pipeline_couplings.c.app_id)
        .where(apps.c.destroyed_at.is_(None))
        .where(app_rows.seen_by(account_id))
    )


async def update(conn: AsyncConnection, pipeline_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of a pipeline; raises IntegrityError when its name is taken."""
    query = pipelines.update().where(pipelines.c.id == pipeline_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def delete(conn: AsyncConnection, pipeline_id: UUID) -> None:
    """Forget a pipeline; its apps stay."""
    await conn.execute(pipelines.delete().where(pipelines.c.id == pipeline_id))


async def couple(conn: AsyncConnection, pipeline_id: UUID, app_id: UUID, stage: Stage) -> UUID:
    """Put an app into a pipeline; raises IntegrityError when it is in one."""
    values = {"pipeline_id": pipeline_id, "app_id": app_id, "stage": stage.value}
    query = pipeline_couplings.insert().values(**values).returning(pipeline_couplings.c.id)
    return (await conn.execute(query)).scalar_one()  # type: ignore[no-any-return]


async def couplings(conn: AsyncConnection, *pipeline_ids: UUID) -> list[Coupling]:
    """Return the living apps of these pipelines, by name."""
    query = _couplings.where(pipeline_couplings.c.pipeline_id.in_(pipeline_ids))
    found = await conn.execute(query.order_by(apps.c.name))
    return [_coupling(row) for row in found.mappings()]


async def coupling(conn: AsyncConnection, coupling_id: UUID) -> Coupling | None:
    """Return one coupling of a living app."""
    found = await conn.execute(_couplings.where(pipeline_couplings.c.id == coupling_id))
    row = found.mappings().first()
    return _coupling(row) if row else None


async def coupling_of(conn: AsyncConnection, app_id: UUID) -> Coupling | None:
    """Return an app's place in a pipeline, if it has one."""
    found = await conn.execute(_couplings.where(pipeline_couplings.c.app_id == app_id))
    row = found.mappings().first()
    return _coupling(row) if row else None


async def move(conn: AsyncConnection, coupling_id: UUID, stage: Stage) -> None:
    """Put an app at another stage."""
    query = pipeline_couplings.update().where(pipeline_couplings.c.id == coupling_id)
    await conn.execute(query.values(stage=stage.value, updated_at=sa.func.now()))


async def uncouple(conn: AsyncConnection, coupling_id: UUID) -> None:
    """Take an app out of its pipeline."""
    query = pipeline_couplings.delete().where(pipeline_couplings.c.id == coupling_id)
    await conn.execute(query)
