"""Queries about slugs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model import image
from hatoba.model.release import Slug
from hatoba.store.tables import slugs

_COPIED = (
    "checksum",
    "size",
    "process_types",
    "stack",
    "buildpack_description",
    "commit",
    "commit_description",
    "images",
)


def _slug(row: sa.RowMapping) -> Slug:
    values = dict(row)
    values["process_types"] = dict(values["process_types"])
    values["images"] = {name: image.read(one) for name, one in values["images"].items()}
    return Slug(**values)


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> UUID:
    """Add a slug; ``process_types`` is a dict in the order of the Procfile."""
    pairs = [list(item) for item in values["process_types"].items()]
    images = {name: image.plain(one) for name, one in values.get("images", {}).items()}
    query = slugs.insert().values(**{**values, "process_types": pairs, "images": images})
    return (await conn.execute(query.returning(slugs.c.id))).scalar_one()  # type: ignore[no-any-return]


async def by_id(conn: AsyncConnection, slug_id: UUID) -> Slug | None:
    """Return the slug."""
    row = (
        (await conn.execute(sa.select(slugs).where(slugs.c.id == slug_id))).mappings().one_or_none()
    )
    return _slug(row) if row else None


async def hold(conn: AsyncConnection, slug_id: UUID) -> Slug | None:
    """Return the slug, which is there until this transaction ends."""
    query = sa.select(slugs).where(slugs.c.id == slug_id).with_for_update(read=True, key_share=True)
    row = (await conn.execute(query)).mappings().one_or_none()
    return _slug(row) if row else None


async def checksums(conn: AsyncConnection) -> set[str]:
    """Return the checksums that some slug still refers to."""
    return set((await conn.scalars(sa.select(slugs.c.checksum))).all())


async def image_blobs(conn: AsyncConnection, app_id: UUID | None = None) -> set[str]:
    """Return the digests of all blobs of the registry that some slug runs, or one of an app."""
    query = sa.select(slugs.c.images).where(slugs.c.images != {}).distinct()
    if app_id is not None:
        query = query.where(slugs.c.app_id == app_id)
    runs = [one for found in (await conn.scalars(query)).all() for one in found.values()]
    return set[str]().union(*(image.read(one).blobs for one in runs))


async def copy(conn: AsyncConnection, slug: Slug, app_id: UUID) -> UUID:
    """Give an app a slug of its own with the same content, so that it outlives the other app."""
    values = {name: getattr(slug, name) for name in _COPIED}
    return await insert(conn, {**values, "app_id": app_id})
