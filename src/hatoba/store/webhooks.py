"""Queries about webhooks. What they are told with is sealed: the vault is above the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.store.tables import webhooks


@dataclass(frozen=True)
class WebhookRow:
    """A webhook as it is stored."""

    id: UUID
    app_id: UUID
    include: Sequence[str]
    level: str
    sealed: bytes
    created_at: datetime
    updated_at: datetime
    addon_id: UUID | None = None


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[WebhookRow]:
    """Return an app's webhooks, those of its add-ons' providers too, the oldest first."""
    query = sa.select(webhooks).where(webhooks.c.app_id == app_id)
    found = await conn.execute(query.order_by(webhooks.c.created_at, webhooks.c.id))
    return [WebhookRow(**row) for row in found.mappings()]


async def delete_of_addon(conn: AsyncConnection, addon_id: UUID) -> None:
    """Forget the webhooks of an add-on's provider."""
    await conn.execute(webhooks.delete().where(webhooks.c.addon_id == addon_id))


async def by_id(conn: AsyncConnection, webhook_id: UUID) -> WebhookRow | None:
    """Return a webhook."""
    found = await conn.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id))
    row = found.mappings().one_or_none()
    return WebhookRow(**row) if row else None


async def insert(conn: AsyncConnection, values: dict[str, Any]) -> WebhookRow:
    """Keep a new webhook."""
    query = webhooks.insert().values(**values).returning(webhooks)
    return WebhookRow(**(await conn.execute(query)).mappings().one())


async def update(conn: AsyncConnection, webhook_id: UUID, values: dict[str, Any]) -> WebhookRow:
    """Change a webhook."""
    query = webhooks.update().where(webhooks.c.id == webhook_id).returning(webhooks)
    changed = await conn.execute(query.values(updated_at=sa.func.now(), **values))
    return WebhookRow(**changed.mappings().one())


async def delete(conn: AsyncConnection, webhook_id: UUID) -> None:
    """Forget a webhook and its deliveries."""
    await conn.execute(webhooks.delete().where(webhooks.c.id == webhook_id))


async def acting(conn: AsyncConnection, account_id: UUID) -> None:
    """Tell the triggers that note changes who makes those of this transaction."""
    setting = sa.func.set_config("hatoba.actor", str(account_id), True)
    await conn.execute(sa.select(setting))
