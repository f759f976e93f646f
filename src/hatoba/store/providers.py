"""Queries about providers of add-ons, and what they hold. What is sealed stays sealed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.addon import AddonState
from hatoba.store.tables import addon_providers, addon_resources, addons

Row = Mapping[str, Any]


async def every(conn: AsyncConnection) -> list[Row]:
    """Return all providers by id."""
    found = await conn.execute(sa.select(addon_providers).order_by(addon_providers.c.id))
    return [dict(row) for row in found.mappings()]


async def by_id(conn: AsyncConnection, provider: str, *, lock: bool = False) -> Row | None:
    """Return one provider."""
    query = sa.select(addon_providers).where(addon_providers.c.id == provider)
    row = (await conn.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return dict(row) if row else None


async def put(
    conn: AsyncConnection, provider: str, manifest: Mapping[str, Any], sealed: bytes
) -> None:
    """Keep a provider's manifest in place of the one before."""
    values = {"manifest": dict(manifest), "sealed_secrets": sealed}
    query = insert(addon_providers).values(id=provider, **values)
    changed = {**values, "updated_at": sa.func.now()}
    await conn.execute(query.on_conflict_do_update(index_elements=["id"], set_=changed))


async def delete(conn: AsyncConnection, provider: str) -> None:
    """Forget a provider, and what it held of add-ons that are gone."""
    await conn.execute(addon_resources.delete().where(addon_resources.c.provider == provider))
    await conn.execute(addon_providers.delete().where(addon_providers.c.id == provider))


async def used_plans(conn: AsyncConnection, provider: str) -> set[str]:
    """Return the plans that living add-ons of a provider are on, or are being put on."""
    query = sa.select(addons.c.plan, addons.c.wanted_plan).where(
        addons.c.service == provider, addons.c.state != AddonState.DEPROVISIONED
    )
    return {name for row in await conn.execute(query) for name in row if name}


async def hold(conn: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Note that a provider is to be asked for something."""
    await conn.execute(addon_resources.insert().values(**values))


async def resource(conn: AsyncConnection, addon_id: UUID, *, lock: bool = False) -> Row | None:
    """Return what a provider holds for an add-on."""
    query = sa.select(addon_resources).where(addon_resources.c.id == addon_id)
    row = (await conn.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return dict(row) if row else None


async def update(conn: AsyncConnection, addon_id: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change what is known of what a provider holds."""
    query = addon_resources.update().where(addon_resources.c.id == addon_id)
    await conn.execute(query.values(**values))


async def by_refresh(conn: AsyncConnection, token_hash: bytes) -> Row | None:
    """Return whose refresh token that is."""
    query = sa.select(addon_resources).where(addon_resources.c.refresh_hash == token_hash)
    row = (await conn.execute(query)).mappings().one_or_none()
    return dict(row) if row else None
