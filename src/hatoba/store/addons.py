"""Queries about add-ons and their attachments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
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
    values |= {"name": made.name, "state": made.state, "asked_by": made.asked_by}
    await conn.execute(addons.insert().values(**values))


async def find(conn: AsyncConnection, identity: str) -> Addon | None:
    """Return a living add-on by id or name."""
    wanted = sa.or_(sa.cast(addons.c.id, sa.Text) == identity, addons.c.name == identity)
    return next(iter(await _addons(conn, sa.select(addons).where(wanted, _LIVING))), None)


async def by_id(conn: AsyncConnection, addon_id: UUID, *, lock: bool = False) -> Addon | None:
    """Return an add-on, living or not; ``lock`` keeps others out until the transaction ends."""
    query = sa.select(addons).where(addons.c.id == addon_id)
    return next(iter(await _addons(conn, query.with_for_update() if lock else query)), None)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Addon]:
    """Return the living add-ons that were made for an app."""
    return await _addons(conn, sa.select(addons).where(addons.c.app_id == app_id, _LIVING))


async def of_account(conn: AsyncConnection, app_ids: list[UUID]) -> list[Addon]:
    """Return the living add-ons of these apps."""
    return await _addons(conn, sa.select(addons).where(addons.c.app_id.in_(app_ids), _LIVING))


async def deprovisioned(conn: AsyncConnection, app_id: UUID) -> list[Addon]:
    """Return the add-ons of an app that are no more."""
    return await _addons(conn, sa.select(addons).where(addons.c.app_id == app_id, ~_LIVING))


async def unfinished(conn: AsyncConnection, now: datetime) -> list[Addon]:
    """Return the add-ons about which something is to be done by now.

    Those of an app in the trash wait for its return, but for those that are to be destroyed.
    """
    between = addons.c.state.in_((AddonState.PROVISIONING, AddonState.DEPROVISIONING))
    leaving = addons.c.state == AddonState.DEPROVISIONING
    query = sa.select(addons).join(apps, apps.c.id == addons.c.app_id)
    return await _addons(
        conn,
        query.where(
            sa.or_(between, addons.c.wanted_plan.is_not(None)),
            sa.or_(addons.c.due.is_(None), addons.c.due <= now),
            sa.or_(leaving, apps.c.destroyed_at.is_(None)),
        ),
    )


async def count_by_service(conn: AsyncConnection) -> dict[str, int]:
    """Return how many add-ons live of each service that has any."""
    query = sa.select(addons.c.service, sa.func.count()).where(_LIVING)
    found = await conn.execute(query.group_by(addons.c.service))
    return {row[0]: row[1] for row in found}


async def troubled(conn: AsyncConnection) -> list[Addon]:
    """Return the add-ons whose service did not do what it was asked for."""
    return await _addons(conn, sa.select(addons).where(addons.c.problem.is_not(None)))


async def update(conn: AsyncConnection, addon_id: UUID, **values: object) -> None:
    """Change an add-on's columns."""
    query = addons.update().where(addons.c.id == addon_id)
    await conn.execute(query.values(**values, updated_at=sa.func.now()))


async def move(
    conn: AsyncConnection, addon_id: UUID, before: AddonState, after: AddonState
) -> bool:
    """End an add-on's present work in another state; False when it is no longer in this one."""
    values = {"state": after, "attempts": 0, "due": None, "problem": None}
    query = addons.update().where(addons.c.id == addon_id, addons.c.state == before)
    done = await conn.execute(query.values(**values, updated_at=sa.func.now()))
    return bool(done.rowcount)


async def attach(conn: AsyncConnection, made: Attachment) -> None:
    """Keep a new attachment."""
    values = {"id": made.id, "addon_id": made.addon_id, "app_id": made.app_id}
    known = {"name": made.name, "namespace": made.namespace, "config_vars": list(made.config_vars)}
    await conn.execute(addon_attachments.insert().values(**values, **known))


async def give(conn: AsyncConnection, attachment_id: UUID, config_vars: Collection[str]) -> None:
    """Note which config vars an attachment gives its app."""
    query = addon_attachments.update().where(addon_attachments.c.id == attachment_id)
    await conn.execute(query.values(config_vars=sorted(config_vars)))


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
    return [
        Attachment(**{**row, "config_vars": tuple(row["config_vars"])}) for row in found.mappings()
    ]


async def _addons(conn: AsyncConnection, query: sa.Select[Any]) -> list[Addon]:
    found = await conn.execute(query.order_by(addons.c.created_at, addons.c.name))
    return [Addon(**{**row, "state": AddonState(row["state"])}) for row in found.mappings()]
