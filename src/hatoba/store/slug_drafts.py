"""Queries about slugs that are made elsewhere, until their archives are put here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.release import SlugDraft
from hatoba.store.tables import slug_drafts


async def insert(conn: AsyncConnection, made: SlugDraft) -> None:
    """Add a draft."""
    values = {column.name: getattr(made, column.name) for column in slug_drafts.c}
    pairs = [list(item) for item in made.process_types.items()]
    await conn.execute(slug_drafts.insert().values(**{**values, "process_types": pairs}))


async def by_id(conn: AsyncConnection, draft_id: UUID, *, lock: bool = False) -> SlugDraft | None:
    """Return the draft; with ``lock`` nobody else makes a slug of it meanwhile."""
    query = sa.select(slug_drafts).where(slug_drafts.c.id == draft_id)
    found = await conn.execute(query.with_for_update() if lock else query)
    row = found.mappings().one_or_none()
    if row is None:
        return None
    return SlugDraft(**{**row, "process_types": dict(row["process_types"])})


async def delete(conn: AsyncConnection, draft_id: UUID) -> None:
    """Delete a draft."""
    await conn.execute(slug_drafts.delete().where(slug_drafts.c.id == draft_id))


async def prune(conn: AsyncConnection, before: datetime) -> None:
    """Delete the drafts from before a moment."""
    await conn.execute(slug_drafts.delete().where(slug_drafts.c.created_at < before))
