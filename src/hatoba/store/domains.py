"""Queries about custom domains."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.domain import Domain
from hatoba.store.tables import apps, domains, sni_endpoints

_columns = (
    domains.c.id,
    domains.c.app_id,
    domains.c.hostname,
    domains.c.sni_endpoint_id,
    domains.c.created_at,
    domains.c.updated_at,
    domains.c.acm_status,
    domains.c.acm_reason,
)
_select = sa.select(*_columns, sni_endpoints.c.name.label("sni_endpoint_name")).outerjoin(
    sni_endpoints, sni_endpoints.c.id == domains.c.sni_endpoint_id
)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Domain]:
    """Return an app's custom domains, the oldest first."""
    query = _select.where(domains.c.app_id == app_id)
    found = await conn.execute(query.order_by(domains.c.created_at, domains.c.hostname))
    return [Domain(**row) for row in found.mappings()]


async def owner_of(conn: AsyncConnection, hostname: str) -> UUID | None:
    """Return the living app that has the domain."""
    query = sa.select(domains.c.app_id).join(apps, apps.c.id == domains.c.app_id)
    living = apps.c.destroyed_at.is_(None)
    found: UUID | None = await conn.scalar(query.where(domains.c.hostname == hostname, living))
    return found


async def free(conn: AsyncConnection, hostname: str) -> None:
    """Take the domain from an app in the trash, so that another can have it."""
    destroyed = sa.select(apps.c.id).where(apps.c.destroyed_at.is_not(None))
    query = domains.delete().where(domains.c.hostname == hostname)
    await conn.execute(query.where(domains.c.app_id.in_(destroyed)))


async def foreign(
    conn: AsyncConnection, hostname: str, covering: Sequence[str], owner_id: UUID
) -> str | None:
    """Return another owner's domain that overlaps with this one by a wildcard, if any."""
    clash: sa.ColumnElement[bool] = domains.c.hostname.in_(covering)
    if hostname.startswith("*."):
        clash = clash | domains.c.hostname.endswith(hostname[1:], autoescape=True)
    query = sa.select(domains.c.hostname).join(apps, apps.c.id == domains.c.app_id)
    found: str | None = await conn.scalar(
        query.where(clash, apps.c.owner_id != owner_id, apps.c.destroyed_at.is_(None)).limit(1)
    )
    return found


async def insert(
    conn: AsyncConnection, app_id: UUID, hostname: str, sni_endpoint_id: UUID | None
) -> bool:
    """Keep a new domain; False when another app was given it at the same moment."""
    values = {"app_id": app_id, "hostname": hostname, "sni_endpoint_id": sni_endpoint_id}
    query = upsert(domains).values(**values).on_conflict_do_nothing().returning(domains.c.id)
    return await conn.scalar(query) is not None


async def set_endpoint(conn: AsyncConnection, domain_id: UUID, endpoint_id: UUID | None) -> None:
    """Serve the domain with this certificate, or with none of its own."""
    values = {"sni_endpoint_id": endpoint_id, "updated_at": sa.func.now()}
    await conn.execute(domains.update().where(domains.c.id == domain_id).values(**values))


async def delete(conn: AsyncConnection, domain_id: UUID) -> None:
    """Forget a domain."""
    await conn.execute(domains.delete().where(domains.c.id == domain_id))
