"""Which ports of this machine an app's add-ons are at, and their connection poolers."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import addon_attachments, database_servers, databases, key_values


async def ports(conn: AsyncConnection, app_id: UUID) -> tuple[int, ...]:
    """Return the ports of the servers of the add-ons that are attached to an app."""
    attached = addon_attachments.c.app_id == app_id
    of_databases = (
        sa.select(database_servers.c.port)
        .join(databases, databases.c.server_id == database_servers.c.id)
        .join(addon_attachments, addon_attachments.c.addon_id == databases.c.id)
        .where(attached)
    )
    of_poolers = (
        sa.select(databases.c.pool_port)
        .join(addon_attachments, addon_attachments.c.addon_id == databases.c.id)
        .where(attached, databases.c.pool_port.is_not(None))
    )
    of_stores = (
        sa.select(key_values.c.port)
        .join(addon_attachments, addon_attachments.c.addon_id == key_values.c.id)
        .where(attached)
    )
    found = await conn.execute(sa.union(of_databases, of_poolers, of_stores))
    return tuple(sorted(found.scalars()))
