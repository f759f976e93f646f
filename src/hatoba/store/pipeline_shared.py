"""Queries about what a pipeline's apps share: a repository, config vars of a stage."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import pipeline_config_vars, pipeline_repositories


async def config(conn: AsyncConnection, pipeline_id: UUID, stage: str) -> bytes | None:
    """Return a stage's config vars, sealed."""
    table = pipeline_config_vars
    query = sa.select(table.c.sealed)
    query = query.where(table.c.pipeline_id == pipeline_id, table.c.stage == stage)
    found: bytes | None = await conn.scalar(query)
    return found


async def set_config(conn: AsyncConnection, pipeline_id: UUID, stage: str, sealed: bytes) -> None:
    """Replace a stage's config vars."""
    values = {"pipeline_id": pipeline_id, "stage": stage, "sealed": sealed}
    query = upsert(pipeline_config_vars).values(**values)
    keys = ["pipeline_id", "stage"]
    await conn.execute(query.on_conflict_do_update(index_elements=keys, set_={"sealed": sealed}))


async def repository(conn: AsyncConnection, pipeline_id: UUID) -> bytes | None:
    """Return the URL of the repository that a pipeline is connected to, sealed."""
    query = sa.select(pipeline_repositories.c.sealed)
    found: bytes | None = await conn.scalar(
        query.where(pipeline_repositories.c.pipeline_id == pipeline_id)
    )
    return found


async def connect(conn: AsyncConnection, pipeline_id: UUID, sealed: bytes) -> None:
    """Connect a pipeline to a repository."""
    query = upsert(pipeline_repositories).values(pipeline_id=pipeline_id, sealed=sealed)
    await conn.execute(
        query.on_conflict_do_update(index_elements=["pipeline_id"], set_={"sealed": sealed})
    )


async def disconnect(conn: AsyncConnection, pipeline_id: UUID) -> None:
    """Forget the repository that a pipeline is connected to."""
    table = pipeline_repositories
    await conn.execute(table.delete().where(table.c.pipeline_id == pipeline_id))
