"""Plans: reviews that were printed and may be applied later, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.record import Plan
from hatoba.store import plans as rows

# Long enough to ask somebody, short enough that the world is still the one that was seen.
LASTS = timedelta(hours=1)
_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Draft:
    """What was reviewed: the operation, the exact request's digest, the state's version."""

    operation: str
    app_version: int
    digest: str
    review: dict[str, Any]


async def make(p: Platform, actor: Actor, app: App, draft: Draft) -> Plan:
    """Keep a review for an hour. Raises StaleReview when the state has moved already."""
    now = p.clock.now()
    async with p.store.begin() as conn:
        await locked(conn, Actor(actor.account, draft.app_version), app)
        await rows.prune(conn, now - _KEPT)
        values = {
            "id": secrets.token_hex(5),
            "account_id": actor.account.id,
            "app_id": app.id,
            "app_version": draft.app_version,
            "operation": draft.operation,
            "digest": draft.digest,
            "review": draft.review,
            "created_at": now,
            "expires_at": now + LASTS,
        }
        return await rows.insert(conn, values)


async def find(p: Platform, app: App, plan_id: str) -> Plan:
    """Return a plan of the app. Raises NotFound."""
    async with p.store.begin() as conn:
        plan = await rows.of_app(conn, app.id, plan_id)
    if plan is None:
        raise errors.NotFound("Couldn't find that plan. Review again.", resource="plan")
    return plan


async def use(p: Platform, actor: Actor, app: App, plan_id: str) -> Plan:
    """Take a plan for use.

    Raises Conflict when it was used or has expired, StaleReview when the state has moved.
    """
    plan = await find(p, app, plan_id)
    now = p.clock.now()
    if plan.expires_at <= now:
        raise errors.Conflict(f"Plan {plan.id} has expired. Nothing was changed: review again.")
    async with p.store.begin() as conn:
        await locked(conn, Actor(actor.account, plan.app_version), app)
        if not await rows.use(conn, plan.id, now):
            raise errors.Conflict(f"Plan {plan.id} was used already. Review again.")
    return await find(p, app, plan_id)
