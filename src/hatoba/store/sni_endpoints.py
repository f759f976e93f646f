"""Queries about certificates. Their keys are sealed: the vault is above the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.certificate import SniEndpoint
from hatoba.store.tables import sni_endpoints


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[SniEndpoint]:
    """Return an app's certificates, the oldest first."""
    query = sa.select(sni_endpoints).where(sni_endpoints.c.app_id == app_id)
    found = await conn.execute(query.order_by(sni_endpoints.c.created_at, sni_endpoints.c.id))
    return [SniEndpoint(**row) for row in found.mappings()]


async def taken(conn: AsyncConnection, name: str) -> bool:
    """Tell whether a certificate has that name."""
    query = sa.select(sni_endpoints.c.id).where(sni_endpoints.c.name == name)
    return await conn.scalar(query) is not None


async def insert(conn: AsyncConnection, endpoint_id: UUID, values: Mapping[str, Any]) -> None:
    """Keep a new certificate: its app, name, chain, sealed key and whether it is managed."""
    await conn.execute(sni_endpoints.insert().values(id=endpoint_id, **values))


async def replace(conn: AsyncConnection, endpoint_id: UUID, values: Mapping[str, Any]) -> None:
    """Put another chain and sealed key in its place."""
    query = sni_endpoints.update().where(sni_endpoints.c.id == endpoint_id)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def delete(conn: AsyncConnection, endpoint_id: UUID) -> None:
    """Forget a certificate; its domains stay, without one of their own."""
    await conn.execute(sni_endpoints.delete().where(sni_endpoints.c.id == endpoint_id))
