"""Queries about the registry: images, their tags, and who has which blobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model import image
from hatoba.model.image import Pushed
from hatoba.store.tables import blob_links, image_tags, images, slugs


def _pushed(row: sa.RowMapping) -> Pushed:
    runs = image.read(row["runs"]) if row["runs"] else None
    values = {name: row[name] for name in ("id", "app_id", "type", "digest", "media_type", "size")}
    refers_to = frozenset(row["refers_to"])
    return Pushed(**values, refers_to=refers_to, runs=runs, created_at=row["created_at"])


async def _one(conn: AsyncConnection, query: sa.Select[Any]) -> Pushed | None:
    row = (await conn.execute(query.limit(1))).mappings().one_or_none()
    return _pushed(row) if row else None


def _of(app_id: UUID, name: str) -> sa.Select[Any]:
    return sa.select(images).where(images.c.app_id == app_id, images.c.type == name)


async def put(conn: AsyncConnection, app_id: UUID, pushed: Mapping[str, Any]) -> UUID:
    """Add an image, or note that it was pushed again; return its row's id."""
    runs = pushed["runs"]
    values = {**pushed, "app_id": app_id, "refers_to": sorted(pushed["refers_to"])}
    values |= {"runs": image.plain(runs) if runs else None, "image_id": runs.id if runs else None}
    query = upsert(images).values(**values)
    query = query.on_conflict_do_update(
        index_elements=["app_id", "type", "digest"],
        set_={"pushed_at": sa.func.now(), "media_type": query.excluded.media_type},
    )
    return (await conn.execute(query.returning(images.c.id))).scalar_one()  # type: ignore[no-any-return]


async def tag(conn: AsyncConnection, app_id: UUID, name: str, tag: str, row: UUID) -> None:
    """Have the tag name that image from now on."""
    query = upsert(image_tags).values(app_id=app_id, type=name, tag=tag, image_row=row)
    query = query.on_conflict_do_update(
        index_elements=["app_id", "type", "tag"],
        set_={"image_row": row, "updated_at": sa.func.now()},
    )
    await conn.execute(query)


async def by_digest(conn: AsyncConnection, app_id: UUID, name: str, digest: str) -> Pushed | None:
    """Return an image of a process type by its manifest's digest."""
    return await _one(conn, _of(app_id, name).where(images.c.digest == digest))


async def by_tag(conn: AsyncConnection, app_id: UUID, name: str, tag: str) -> Pushed | None:
    """Return an image of a process type by its tag."""
    joined = image_tags.c.image_row == images.c.id
    return await _one(conn, _of(app_id, name).join(image_tags, joined).where(_tag(tag)))


async def by_image_id(conn: AsyncConnection, app_id: UUID, name: str, id: str) -> Pushed | None:
    """Return the newest image of a process type with that configuration, or that manifest."""
    either = sa.or_(images.c.image_id == id, images.c.digest == id)
    return await _one(conn, _of(app_id, name).where(either).order_by(images.c.pushed_at.desc()))


async def identified(conn: AsyncConnection, app_id: UUID, identity: str) -> list[Pushed]:
    """Return an app's images with that id, or by type those with that digest."""
    either = sa.or_(images.c.digest == identity, sa.cast(images.c.id, sa.Text) == identity)
    query = sa.select(images).where(images.c.app_id == app_id, either).order_by(images.c.type)
    return [_pushed(row) for row in (await conn.execute(query)).mappings()]


async def tags(conn: AsyncConnection, app_id: UUID, name: str) -> list[str]:
    """Return a process type's tags by name."""
    query = sa.select(image_tags.c.tag).where(
        image_tags.c.app_id == app_id, image_tags.c.type == name
    )
    return sorted((await conn.scalars(query)).all())


async def types(conn: AsyncConnection, app_id: UUID) -> list[str]:
    """Return the process types that have images."""
    query = sa.select(images.c.type).where(images.c.app_id == app_id).distinct()
    return sorted((await conn.scalars(query)).all())


async def delete(conn: AsyncConnection, row: UUID) -> None:
    """Delete an image with its tags."""
    await conn.execute(images.delete().where(images.c.id == row))


async def untag(conn: AsyncConnection, app_id: UUID, name: str, tag: str) -> bool:
    """Delete a tag; False when there is none of that name."""
    mine = (image_tags.c.app_id == app_id, image_tags.c.type == name, _tag(tag))
    return bool((await conn.execute(image_tags.delete().where(*mine))).rowcount)


async def copy(conn: AsyncConnection, source: UUID, target: UUID, digests: Collection[str]) -> None:
    """Give an app what another has of those images, with the blobs that they refer to."""
    columns = [c for c in images.c if c.name not in ("id", "app_id", "created_at", "pushed_at")]
    query = sa.select(sa.literal(target), *columns).where(
        images.c.app_id == source, images.c.digest.in_(digests)
    )
    names = ["app_id", *(c.name for c in columns)]
    await conn.execute(upsert(images).from_select(names, query).on_conflict_do_nothing())


async def tag_new(conn: AsyncConnection, app_id: UUID, digests: Collection[str], tag: str) -> None:
    """Have the tag name those images for process types that have none of that name."""
    query = sa.select(images.c.app_id, images.c.type, sa.literal(tag), images.c.id).where(
        images.c.app_id == app_id, images.c.digest.in_(digests)
    )
    names = ["app_id", "type", "tag", "image_row"]
    await conn.execute(upsert(image_tags).from_select(names, query).on_conflict_do_nothing())


async def link(conn: AsyncConnection, app_id: UUID, digests: Collection[str]) -> None:
    """Note that an app has those blobs, and that they were used just now."""
    if not digests:
        return
    rows = [{"app_id": app_id, "digest": digest} for digest in sorted(digests)]
    query = upsert(blob_links).values(rows)
    query = query.on_conflict_do_update(
        index_elements=["app_id", "digest"], set_={"used_at": sa.func.now()}
    )
    await conn.execute(query)


async def linked(conn: AsyncConnection, app_id: UUID, digests: Collection[str]) -> set[str]:
    """Return which of those blobs an app has."""
    query = sa.select(blob_links.c.digest).where(
        blob_links.c.app_id == app_id, blob_links.c.digest.in_(digests)
    )
    return set((await conn.scalars(query)).all())


async def all_linked(conn: AsyncConnection, app_id: UUID) -> set[str]:
    """Return all blobs that an app has."""
    query = sa.select(blob_links.c.digest).where(blob_links.c.app_id == app_id)
    return set((await conn.scalars(query)).all())


async def unlink(conn: AsyncConnection, app_id: UUID, digest: str) -> bool:
    """Take a blob from an app; False when it does not have it."""
    mine = (blob_links.c.app_id == app_id, blob_links.c.digest == digest)
    return bool((await conn.execute(blob_links.delete().where(*mine))).rowcount)


async def referred(conn: AsyncConnection, app_id: UUID) -> set[str]:
    """Return the blobs that an app's images refer to."""
    query = sa.select(sa.func.unnest(images.c.refers_to)).where(images.c.app_id == app_id)
    return set((await conn.scalars(query)).all())


async def drop_unused(conn: AsyncConnection, before: datetime) -> None:
    """Take blobs from apps whose images don't refer to them, and images that no tag names.

    Only what was not used since ``before``; what a release of the app runs stays.
    """
    named = sa.exists().where(image_tags.c.image_row == images.c.id)
    above = images.alias()
    within = sa.exists().where(
        above.c.app_id == images.c.app_id,
        above.c.type == images.c.type,
        above.c.id != images.c.id,
        images.c.digest == sa.any_(above.c.refers_to),
    )
    used = sa.exists().where(slugs.c.app_id == images.c.app_id, runs(slugs, images))
    unnamed = (images.c.pushed_at < before, ~named, ~within, ~used)
    await conn.execute(images.delete().where(*unnamed))
    used = sa.exists().where(
        images.c.app_id == blob_links.c.app_id, blob_links.c.digest == sa.any_(images.c.refers_to)
    )
    await conn.execute(blob_links.delete().where(blob_links.c.used_at < before, ~used))


def runs(slugs: sa.Table, images: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that a slug runs an image, as whatever process type."""
    path = sa.cast("$.*.digest ? (@ == $digest)", JSONPATH)
    wanted = sa.func.jsonb_build_object("digest", images.c.digest)
    return sa.func.jsonb_path_exists(slugs.c.images, path, wanted)


async def kept_blobs(conn: AsyncConnection) -> set[str]:
    """Return the digests of all blobs that some app has."""
    return set((await conn.scalars(sa.select(blob_links.c.digest).distinct())).all())


def _tag(tag: str) -> sa.ColumnElement[bool]:
    return image_tags.c.tag == tag
