"""Webhooks: list, add, change, remove; what was told to them.

A webhook may lead anywhere over HTTP, this machine and its network included: on one's own
platform that is where receivers are, and a dyno reaches the same places. Nothing of an answer
but its status is kept, and redirects are not followed.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.addon import Addon
from hatoba.model.app import App
from hatoba.model.webhook import (
    MAX_SECRET,
    MAX_WEBHOOKS,
    Delivery,
    Event,
    Level,
    Webhook,
    include_problem,
    url_problem,
)
from hatoba.store import apps as app_rows
from hatoba.store import webhook_deliveries as delivery_rows
from hatoba.store import webhooks as rows
from hatoba.store.webhooks import WebhookRow


@dataclass(frozen=True)
class Wish:
    """What a webhook is to be; None keeps what is there, or takes what is usual."""

    url: str | None = None
    include: tuple[str, ...] | None = None
    level: str | None = None
    secret: str | None = None
    authorization: str | None = None


async def listed(p: Platform, app: App, addon: Addon | None = None) -> list[Webhook]:
    """Return an app's own webhooks, or those of an add-on's provider, the oldest first."""
    whose = addon.id if addon else None
    async with p.store.begin() as conn:
        found = await rows.of_app(conn, app.id)
    return [opened(p, row) for row in found if row.addon_id == whose]


async def find(p: Platform, app: App, identity: str, addon: Addon | None = None) -> Webhook:
    """Return a webhook by id. Raises NotFound."""
    for webhook in await listed(p, app, addon):
        if str(webhook.id) == identity:
            return webhook
    raise errors.NotFound("Couldn't find that webhook.", resource="webhook")


async def add(
    p: Platform, actor: Actor, app: App, wish: Wish, addon: Addon | None = None
) -> Webhook:
    """Tell somebody, or an add-on's provider, of an app's changes. Raises InvalidParams.

    Without a secret one is made, so that every delivery is signed.
    """
    check(wish)
    content = {
        "url": wish.url,
        "secret": wish.secret or secrets.token_hex(32),
        "authorization": wish.authorization,
    }
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        if len(await rows.of_app(conn, app.id)) >= MAX_WEBHOOKS:
            raise errors.InvalidParams(f"An app can have at most {MAX_WEBHOOKS} webhooks.")
        webhook_id = uuid4()
        values = {
            "id": webhook_id,
            "app_id": app.id,
            "addon_id": addon.id if addon else None,
            "include": list(dict.fromkeys(wish.include or ())),
            "level": wish.level,
            "sealed": _sealed(p, webhook_id, content),
        }
        row = await rows.insert(conn, values)
        await app_rows.update(conn, app.id)
    return opened(p, row)


async def change(p: Platform, actor: Actor, app: App, before: Webhook, wish: Wish) -> Webhook:
    """Change a webhook. Raises InvalidParams."""
    wish = Wish(
        url=wish.url or before.url,
        include=before.include if wish.include is None else wish.include,
        level=wish.level or before.level,
        secret=wish.secret or before.secret,
        authorization=wish.authorization or before.authorization,
    )
    check(wish)
    content = {"url": wish.url, "secret": wish.secret, "authorization": wish.authorization}
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        values = {
            "include": list(dict.fromkeys(wish.include or ())),
            "level": wish.level,
            "sealed": _sealed(p, before.id, content),
        }
        row = await rows.update(conn, before.id, values)
        await app_rows.update(conn, app.id)
    return opened(p, row)


async def remove(p: Platform, actor: Actor, app: App, webhook: Webhook) -> Webhook:
    """Tell it no more; what is still on its way to it is dropped."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.delete(conn, webhook.id)
        await app_rows.update(conn, app.id)
    return webhook


async def deliveries(p: Platform, app: App) -> list[Delivery]:
    """Return the newest deliveries of an app, oldest first."""
    async with p.store.begin() as conn:
        return await delivery_rows.deliveries(conn, app.id)


async def delivery(p: Platform, app: App, identity: str) -> Delivery:
    """Return one delivery. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await delivery_rows.delivery(conn, app.id, _uuid(identity))
    if found is None:
        raise errors.NotFound("Couldn't find that delivery.", resource="delivery")
    return found


async def events(p: Platform, app: App) -> list[Event]:
    """Return the newest events of an app, oldest first."""
    async with p.store.begin() as conn:
        return await delivery_rows.events(conn, app.id)


async def event(p: Platform, app: App, identity: str) -> Event:
    """Return one event. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await delivery_rows.event(conn, app.id, _uuid(identity))
    if found is None:
        raise errors.NotFound("Couldn't find that event.", resource="event")
    return found


def opened(p: Platform, row: WebhookRow) -> Webhook:
    """Return the webhook that a row holds."""
    content: dict[str, Any] = json.loads(p.vault.unseal(row.sealed, _bound(row.id)))
    return Webhook(
        id=row.id,
        app_id=row.app_id,
        url=content["url"],
        include=tuple(row.include),
        level=Level(row.level),
        created_at=row.created_at,
        updated_at=row.updated_at,
        secret=content["secret"],
        authorization=content["authorization"],
    )


def _sealed(p: Platform, webhook_id: UUID, content: dict[str, str | None]) -> bytes:
    return p.vault.seal(json.dumps(content).encode(), _bound(webhook_id))


def _bound(webhook_id: UUID) -> str:
    return f"webhook:{webhook_id}"


def check(wish: Wish) -> None:
    """Raise InvalidParams for what can't be a webhook."""
    problem = url_problem(wish.url or "") or include_problem(wish.include or ())
    if problem is None and wish.level not in set(Level):
        problem = "Level is invalid: it must be notify or sync."
    for text in (wish.secret or "", wish.authorization or ""):
        if len(text) > MAX_SECRET or not (text.isascii() and text.isprintable()):
            problem = (
                f"Secret and authorization may have up to {MAX_SECRET} printable ASCII characters."
            )
    if problem:
        raise errors.InvalidParams(problem)


def _uuid(identity: str) -> UUID:
    try:
        return UUID(identity)
    except ValueError:
        return UUID(int=0)
