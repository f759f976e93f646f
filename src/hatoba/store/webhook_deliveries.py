"""Queries about noted changes, events and deliveries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.webhook import (
    KEPT_DELIVERIES,
    Attempt,
    Change,
    Delivery,
    DeliveryStatus,
    Event,
    Level,
)
from hatoba.store.tables import (
    accounts,
    webhook_changes,
    webhook_deliveries,
    webhook_events,
    webhooks,
)

_OPEN = (DeliveryStatus.PENDING.value, DeliveryStatus.RETRYING.value)
_deliveries = (
    sa.select(
        webhook_deliveries,
        webhooks.c.level.label("level"),
        webhook_events.c.include.label("include"),
    )
    .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
    .join(webhook_events, webhook_events.c.id == webhook_deliveries.c.event_id)
)


async def take_changes(conn: AsyncConnection, limit: int) -> list[Change]:
    """Take the oldest noted changes: they are gone once this transaction is committed."""
    oldest = (
        sa.select(webhook_changes.c.seq)
        .order_by(webhook_changes.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    query = webhook_changes.delete().where(webhook_changes.c.seq.in_(oldest))
    taken = await conn.execute(query.returning(webhook_changes))
    return sorted((Change(**row) for row in taken.mappings()), key=lambda change: change.seq)


async def emails(conn: AsyncConnection, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the e-mail addresses of accounts."""
    query = sa.select(accounts.c.id, accounts.c.email).where(accounts.c.id.in_(account_ids))
    return {row.id: row.email for row in await conn.execute(query)}


async def insert_event(
    conn: AsyncConnection, event: Event, receivers: Sequence[UUID], now: datetime
) -> None:
    """Keep an event, with a delivery that is due now to each of the webhooks."""
    await conn.execute(
        webhook_events.insert().values(
            id=event.id,
            app_id=event.app_id,
            include=event.include,
            payload=event.payload,
            created_at=event.created_at,
        )
    )
    for webhook_id in receivers:
        await conn.execute(
            webhook_deliveries.insert().values(
                app_id=event.app_id,
                webhook_id=webhook_id,
                event_id=event.id,
                status=DeliveryStatus.PENDING.value,
                next_attempt_at=now,
                created_at=now,
                updated_at=now,
            )
        )


async def due(conn: AsyncConnection, now: datetime) -> set[UUID]:
    """Return the webhooks that have a delivery to be attempted now."""
    query = sa.select(webhook_deliveries.c.webhook_id).where(
        webhook_deliveries.c.next_attempt_at <= now
    )
    return set((await conn.execute(query.distinct())).scalars())


async def next_due(conn: AsyncConnection, webhook_id: UUID, now: datetime) -> Delivery | None:
    """Return the oldest delivery of a webhook that is to be attempted now."""
    query = (
        _deliveries.where(webhook_deliveries.c.webhook_id == webhook_id)
        .where(webhook_deliveries.c.next_attempt_at <= now)
        .order_by(webhook_deliveries.c.seq)
        .limit(1)
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    return _delivery(row) if row else None


async def attempted(
    conn: AsyncConnection,
    delivery: Delivery,
    attempt: Attempt,
    after: tuple[DeliveryStatus, datetime | None],
) -> None:
    """Note what has come of an attempt."""
    status, again = after
    noted = {
        "id": str(attempt.id),
        "at": attempt.at.isoformat(),
        "code": attempt.code,
        "error": attempt.error,
    }
    query = webhook_deliveries.update().where(webhook_deliveries.c.id == delivery.id)
    await conn.execute(
        query.values(
            status=status.value,
            num_attempts=webhook_deliveries.c.num_attempts + 1,
            next_attempt_at=again,
            last_attempt=noted,
            updated_at=attempt.at,
        )
    )


async def deliveries(conn: AsyncConnection, app_id: UUID) -> list[Delivery]:
    """Return an app's newest deliveries, oldest first."""
    query = _deliveries.where(webhook_deliveries.c.app_id == app_id)
    newest = query.order_by(webhook_deliveries.c.seq.desc()).limit(KEPT_DELIVERIES)
    return [_delivery(row) for row in (await conn.execute(newest)).mappings()][::-1]


async def delivery(conn: AsyncConnection, app_id: UUID, delivery_id: UUID) -> Delivery | None:
    """Return one delivery of an app."""
    query = _deliveries.where(
        webhook_deliveries.c.app_id == app_id, webhook_deliveries.c.id == delivery_id
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    return _delivery(row) if row else None


async def events(conn: AsyncConnection, app_id: UUID) -> list[Event]:
    """Return an app's newest events, oldest first."""
    query = sa.select(webhook_events).where(webhook_events.c.app_id == app_id)
    newest = query.order_by(webhook_events.c.created_at.desc()).limit(KEPT_DELIVERIES)
    return [Event(**row) for row in (await conn.execute(newest)).mappings()][::-1]


async def event(conn: AsyncConnection, app_id: UUID, event_id: UUID) -> Event | None:
    """Return one event of an app."""
    query = sa.select(webhook_events).where(
        webhook_events.c.app_id == app_id, webhook_events.c.id == event_id
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    return Event(**row) if row else None


async def prune(conn: AsyncConnection, before: datetime) -> int:
    """Forget events that are old or too many, their deliveries too; return how many went.

    A receiver that is away for long loses the oldest: what an app may leave is bounded.
    """
    rank = sa.func.row_number().over(
        partition_by=webhook_events.c.app_id, order_by=webhook_events.c.created_at.desc()
    )
    ranked = sa.select(webhook_events.c.id, rank.label("rank")).subquery()
    too_many = sa.select(ranked.c.id).where(ranked.c.rank > KEPT_DELIVERIES)
    still_tried = sa.select(webhook_deliveries.c.event_id).where(
        webhook_deliveries.c.status.in_(_OPEN)
    )
    old = (webhook_events.c.created_at < before) & webhook_events.c.id.not_in(still_tried)
    query = webhook_events.delete().where(old | webhook_events.c.id.in_(too_many))
    return (await conn.execute(query)).rowcount


def _delivery(row: sa.RowMapping) -> Delivery:
    return Delivery(
        **{
            **row,
            "level": Level(row["level"]),
            "status": DeliveryStatus(row["status"]),
            "last_attempt": _attempt(row["last_attempt"]),
        }
    )


def _attempt(noted: dict[str, Any] | None) -> Attempt | None:
    if noted is None:
        return None
    at = datetime.fromisoformat(noted["at"])
    return Attempt(UUID(noted["id"]), at, noted["code"], noted["error"])
