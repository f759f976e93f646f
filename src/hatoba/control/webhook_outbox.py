"""From noted changes to events and deliveries: each change exactly once, whatever is killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.control.platform import Platform
from hatoba.model.app import App
from hatoba.model.webhook import ENTITIES, Change, Event, merged
from hatoba.store import apps as app_rows
from hatoba.store import webhook_deliveries as rows
from hatoba.store import webhooks as webhook_rows
from hatoba.store.webhooks import WebhookRow

log = structlog.get_logger("webhooks")

BATCH = 200
_ACCOUNTS = ("account_id", "owner_id")


@dataclass(frozen=True)
class Scene:
    """What is known besides a changed row: its app, and who the accounts in it are."""

    app: App
    emails: Mapping[UUID, str]


# From a row's columns to the resource as the API shows it.
Shape = Callable[[str, dict[str, Any], Scene], dict[str, Any]]


async def fan_out(p: Platform, shape: Shape) -> int:
    """Make events and deliveries of the changes that were noted; return how many they were."""
    async with p.store.begin() as conn:
        changes = await rows.take_changes(conn, BATCH)
        by_app: dict[UUID, list[Change]] = defaultdict(list)
        for change in merged(changes):
            by_app[change.app_id].append(change)
        for app_id, found in by_app.items():
            await _of_app(p, conn, app_id, found, shape)
    return len(changes)


async def _of_app(
    p: Platform, conn: AsyncConnection, app_id: UUID, changes: list[Change], shape: Shape
) -> None:
    app = await app_rows.by_id(conn, app_id)
    receivers = await webhook_rows.of_app(conn, app_id)
    if app is None or not receivers:
        return
    scene = Scene(app, await rows.emails(conn, {i for c in changes for i in _people(c, app)}))
    for change in changes:
        payload = None
        for kind in ENTITIES[change.resource]:
            chosen = _interested(receivers, kind)
            if chosen:
                payload = payload or told(change, scene, shape)
                event = Event(uuid4(), app_id, kind, payload, change.at)
                await rows.insert_event(conn, event, chosen, p.clock.now())


def _interested(receivers: list[WebhookRow], kind: str) -> list[UUID]:
    return [webhook.id for webhook in receivers if kind in webhook.include]


def _people(change: Change, app: App) -> set[UUID]:
    named = {change.data.get(column) for column in _ACCOUNTS}
    found = {UUID(one) for one in named if one} | {app.owner_id}
    return found | ({change.actor_id} if change.actor_id else set())


def told(change: Change, scene: Scene, shape: Shape) -> dict[str, Any]:
    """Return an event's payload. Pure."""
    data = _shown(change.resource, change.data, scene, shape)
    before = _shown(change.resource, change.previous, scene, shape) if change.previous else {}
    actor = _actor(change, scene)
    return {
        "action": change.action,
        "actor": {"id": str(actor), "email": scene.emails.get(actor, scene.app.owner_email)},
        "data": data,
        "previous_data": {k: v for k, v in before.items() if data.get(k) != v},
        "published_at": change.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resource": change.resource,
        "version": "application/vnd.heroku+json; version=3",
    }


def _actor(change: Change, scene: Scene) -> UUID:
    """Return who made the change: whoever asked, else whose row it is, else the app's owner."""
    author = change.data.get("account_id")
    return change.actor_id or (UUID(author) if author else scene.app.owner_id)


def _shown(resource: str, row: dict[str, Any], scene: Scene, shape: Shape) -> dict[str, Any]:
    try:
        return shape(resource, row, scene)
    except Exception as error:  # noqa: BLE001 one row that can't be shown must not hold up all
        log.warning("a change is told by its id only", resource=resource, why=repr(error))
        return {"id": row.get("id")}
