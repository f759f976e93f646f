"""Queries about promotions."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.pipeline import Promotion, PromotionTarget
from hatoba.model.release import Status
from hatoba.store.tables import pipeline_promotion_targets, pipeline_promotions, releases


async def insert(
    conn: AsyncConnection, pipeline_id: UUID, app_id: UUID, release_id: UUID
) -> Promotion:
    """Note a promotion of an app's release."""
    values = {"pipeline_id": pipeline_id, "app_id": app_id, "release_id": release_id}
    query = pipeline_promotions.insert().values(**values).returning(pipeline_promotions)
    return Promotion(**(await conn.execute(query)).mappings().one())


async def add_target(
    conn: AsyncConnection, promotion_id: UUID, app_id: UUID, release_id: UUID
) -> None:
    """Note the release that a promotion has made on an app."""
    values = {"promotion_id": promotion_id, "app_id": app_id, "release_id": release_id}
    await conn.execute(pipeline_promotion_targets.insert().values(**values))


async def by_id(conn: AsyncConnection, promotion_id: UUID) -> Promotion | None:
    """Return the promotion."""
    query = sa.select(pipeline_promotions).where(pipeline_promotions.c.id == promotion_id)
    row = (await conn.execute(query)).mappings().first()
    return Promotion(**row) if row else None


async def targets(conn: AsyncConnection, promotion_id: UUID) -> list[PromotionTarget]:
    """Return what has become of a promotion on each of its apps."""
    query = (
        sa.select(
            pipeline_promotion_targets,
            releases.c.version.label("release_version"),
            releases.c.status,
        )
        .join(releases, releases.c.id == pipeline_promotion_targets.c.release_id)
        .where(pipeline_promotion_targets.c.promotion_id == promotion_id)
        .order_by(pipeline_promotion_targets.c.id)
    )
    found = (await conn.execute(query)).mappings()
    return [PromotionTarget(**{**row, "status": Status(row["status"])}) for row in found]
