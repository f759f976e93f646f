"""Queries about app features."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.feature import FeatureName, Switched
from hatoba.store.tables import app_features, apps


async def of_app(conn: AsyncConnection, app_id: UUID) -> dict[str, Switched]:
    """Return what was switched of an app, by name."""
    found = await conn.execute(sa.select(app_features).where(app_features.c.app_id == app_id))
    return {row["name"]: Switched(**row) for row in found.mappings()}


async def enabled(conn: AsyncConnection, app_id: UUID) -> frozenset[str]:
    """Return the names of what is switched on for an app."""
    return frozenset(name for name, one in (await of_app(conn, app_id)).items() if one.enabled)


async def apps_with(conn: AsyncConnection, feature: FeatureName) -> set[UUID]:
    """Return the apps that have it switched on and are not destroyed."""
    query = (
        sa.select(app_features.c.app_id)
        .join(apps, apps.c.id == app_features.c.app_id)
        .where(app_features.c.name == feature.value, app_features.c.enabled)
        .where(apps.c.destroyed_at.is_(None))
    )
    return set((await conn.execute(query)).scalars())


async def switch(conn: AsyncConnection, app_id: UUID, feature: FeatureName, *, on: bool) -> None:
    """Switch a feature of an app on or off."""
    query = insert(app_features).values(app_id=app_id, name=feature.value, enabled=on)
    await conn.execute(
        query.on_conflict_do_update(
            index_elements=["app_id", "name"],
            set_={"enabled": query.excluded.enabled, "updated_at": sa.func.now()},
        )
    )
