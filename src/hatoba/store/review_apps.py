"""Queries about review apps and how pipelines want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.review_app import UNFINISHED, ReviewApp, ReviewConfig, ReviewStatus
from hatoba.store.tables import apps, review_app_configs, review_apps

_columns = [c for c in review_apps.c if c.name != "request"]
# One whose app was destroyed by itself is none any more.
_select = (
    sa.select(*_columns, apps.c.name.label("app_name"))
    .outerjoin(apps, apps.c.id == review_apps.c.app_id)
    .where(apps.c.destroyed_at.is_(None))
)


def _review_app(row: sa.RowMapping) -> ReviewApp:
    return ReviewApp(**{**row, "status": ReviewStatus(row["status"])})


async def insert(conn: AsyncConnection, values: Mapping[str, Any]) -> UUID:
    """Add a pending one; raises IntegrityError when the branch has one."""
    query = review_apps.insert().values(status=ReviewStatus.PENDING.value, **values)
    return (await conn.execute(query.returning(review_apps.c.id))).scalar_one()  # type: ignore[no-any-return]


async def _one(conn: AsyncConnection, *where: sa.ColumnElement[bool]) -> ReviewApp | None:
    row = (await conn.execute(_select.where(*where))).mappings().first()
    return _review_app(row) if row else None


async def by_id(conn: AsyncConnection, identity: UUID) -> ReviewApp | None:
    """Return the review app."""
    return await _one(conn, review_apps.c.id == identity)


async def of_app(conn: AsyncConnection, app_id: UUID) -> ReviewApp | None:
    """Return the review app that an app is."""
    return await _one(conn, review_apps.c.app_id == app_id)


async def of_branch(conn: AsyncConnection, pipeline_id: UUID, branch: str) -> ReviewApp | None:
    """Return a branch's review app."""
    return await _one(
        conn, review_apps.c.pipeline_id == pipeline_id, review_apps.c.branch == branch
    )


async def of_pipeline(conn: AsyncConnection, pipeline_id: UUID) -> list[ReviewApp]:
    """Return a pipeline's review apps by age."""
    query = _select.where(review_apps.c.pipeline_id == pipeline_id)
    found = await conn.execute(query.order_by(review_apps.c.created_at))
    return [_review_app(row) for row in found.mappings()]


async def unfinished(conn: AsyncConnection) -> list[ReviewApp]:
    """Return those about which something is to be done."""
    query = _select.where(review_apps.c.status.in_([s.value for s in UNFINISHED]))
    return [_review_app(row) for row in (await conn.execute(query)).mappings()]


async def created(conn: AsyncConnection) -> list[ReviewApp]:
    """Return those that are there."""
    ended = [ReviewStatus.CREATED.value, ReviewStatus.ERRORED.value]
    query = _select.where(review_apps.c.status.in_(ended))
    return [_review_app(row) for row in (await conn.execute(query)).mappings()]


async def request(conn: AsyncConnection, identity: UUID) -> bytes | None:
    """Return what was asked for, sealed."""
    query = sa.select(review_apps.c.request).where(review_apps.c.id == identity)
    found: bytes | None = await conn.scalar(query)
    return found


async def update(conn: AsyncConnection, identity: UUID, **values: Any) -> None:  # noqa: ANN401
    """Change columns of a review app."""
    query = review_apps.update().where(review_apps.c.id == identity)
    await conn.execute(query.values(updated_at=sa.func.now(), **values))


async def move(
    conn: AsyncConnection,
    identity: UUID,
    before: ReviewStatus,
    after: ReviewStatus,
    **values: Any,  # noqa: ANN401
) -> bool:
    """Bring one from a state to the next; False when it is not in that any more."""
    query = review_apps.update().where(
        review_apps.c.id == identity, review_apps.c.status == before.value
    )
    changed = query.values(status=after.value, updated_at=sa.func.now(), **values)
    return bool((await conn.execute(changed)).rowcount)


async def delete(conn: AsyncConnection, identity: UUID) -> None:
    """Forget one."""
    await conn.execute(review_apps.delete().where(review_apps.c.id == identity))


async def forget_destroyed(conn: AsyncConnection, pipeline_id: UUID) -> None:
    """Forget those of a pipeline whose app somebody has destroyed."""
    gone = sa.select(apps.c.id).where(apps.c.destroyed_at.is_not(None))
    table = review_apps
    query = table.delete().where(table.c.pipeline_id == pipeline_id, table.c.app_id.in_(gone))
    await conn.execute(query)


async def config(conn: AsyncConnection, pipeline_id: UUID) -> ReviewConfig | None:
    """Return how a pipeline wants its review apps, None when it wants none."""
    query = sa.select(review_app_configs).where(review_app_configs.c.pipeline_id == pipeline_id)
    row = (await conn.execute(query)).mappings().first()
    return ReviewConfig(**row) if row else None


async def put_config(conn: AsyncConnection, wanted: ReviewConfig) -> None:
    """Set how a pipeline wants its review apps."""
    values = {column.name: getattr(wanted, column.name) for column in review_app_configs.c}
    query = upsert(review_app_configs).values(**values)
    await conn.execute(query.on_conflict_do_update(index_elements=["pipeline_id"], set_=values))


async def drop_config(conn: AsyncConnection, pipeline_id: UUID) -> None:
    """Note that a pipeline wants no review apps any more."""
    table = review_app_configs
    await conn.execute(table.delete().where(table.c.pipeline_id == pipeline_id))
