"""Queries about add-ons and their attachments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.addon import Addon, AddonState, Attachment
from hatoba.store.tables import addon_attachments, addons, apps

_LIVING = addons.c.state != AddonState.DEPROVISIONED


async def insert(conn: AsyncConnection, made: Addon) -> None:
    """Keep a new add-on."""
    values = {"id": made.id, "app_id": made.app_id, "service": made.service, "plan": made.plan}
    await conn.execute(addons.insert().values(**values, name=made.name, state=made.state))


async def find(conn: AsyncConnection, identity: str) -> Addon | None:
    """Return a living add-on by id or name."""
    wanted = sa.or_(sa.cast(addons.c.id, sa.Text) == identity, addons.c.name == identity)
    return next(iter(await _addons(conn, sa.select(addons).where(wanted, _LIVING))), None)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Addon]:
    """Return the living add-ons that were made for an app."""
    return await _addons(conn, sa.select(addons).where(addons.c.app_id == app_id, _LIVING))


async def of_account(conn: AsyncConnection, app_ids: list[UUID]) -> list[Addon]:
    """Return the living add-ons of these apps."""
    return await _addons(conn, sa.select(addons).where(addons.c.app_id.in_(app_ids), _LIVING))


async def unfinished(conn: AsyncConnection) -> list[Addon]:
    """Return the add-ons of living apps that are still to be made, or to be destroyed."""
    query = sa.select(addons).join(apps, apps.c.id == addons.c.app_id)
    state = addons.c.state.in_((AddonState.PROVISIONING, AddonState.DEPROVISIONING))
    return await _addons(conn, query.where(state, apps.c.destroyed_at.is_(None)))


async def update(conn: AsyncConnection, addon_id: UUID, **values: object) -> None:
    """Change an add-on's columns."""
    query = addons.update().where(addons.c.id == addon_id)
    await conn.execute(query.values(**values, updated_at=sa.func.now()))


async def attach(conn: AsyncConnection, made: Attachment) -> None:
    """Keep a new attachment."""
    values = {"id": made.id, "addon_id": made.addon_id, "app_id": made.app_id}
    await conn.execute(
        addon_attachments.insert().values(**values, name=made.name, namespace=made.namespace)
    )


async def detach(conn: AsyncConnection, attachment_id: UUID) -> None:
    """Forget an attachment."""
    await conn.execute(addon_attachments.delete().where(addon_attachments.c.id == attachment_id))


async def attachments(
    conn: AsyncConnection,
    *,
    app_ids: list[UUID] | None = None,
    addon_id: UUID | None = None,
) -> list[Attachment]:
    """Return the attachments of apps, of an add-on, or of both, the oldest first."""
    query = sa.select(addon_attachments)
    if app_ids is not None:
        query = query.where(addon_attachments.c.app_id.in_(app_ids))
    if addon_id is not None:
        query = query.where(addon_attachments.c.addon_id == addon_id)
    found = await conn.execute(
        query.order_by(addon_attachments.c.created_at, addon_attachments.c.name)
    )
    return [Attachment(**row) for row in found.mappings()]


async def _addons(conn: AsyncConnection, query: sa.Select[Any]) -> list[Addon]:
    found = await conn.execute(query.order_by(addons.c.created_at, addons.c.name))
    return [Addon(**{**row, "state": AddonState(row["state"])}) for row in found.mappings()]
