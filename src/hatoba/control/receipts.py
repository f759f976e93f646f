"""Receipts: the audit trail of what was changed, and whether it was seen to be so."""

from __future__ import annotations

import secrets
from typing import Any

from hatoba import errors
from hatoba.control.platform import Actor, Platform
from hatoba.model.app import App
from hatoba.model.record import Receipt
from hatoba.store import receipts as rows


async def keep(
    p: Platform, actor: Actor, app: App, operation: str, body: dict[str, Any]
) -> Receipt:
    """Add to the audit trail of an app, living or destroyed."""
    receipt_id = secrets.token_hex(6)
    values = {
        "id": receipt_id,
        "account_id": actor.account.id,
        "app_id": app.id,
        "app_name": app.name,
        "operation": operation,
        "body": body,
        "created_at": p.clock.now(),
    }
    async with p.store.begin() as conn:
        await rows.insert(conn, values)
    return await find(p, app, receipt_id)


async def listed(p: Platform, app: App) -> list[Receipt]:
    """Return the app's receipts, the newest first."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, receipt_id: str) -> Receipt:
    """Return a receipt of the app. Raises NotFound."""
    async with p.store.begin() as conn:
        receipt = await rows.one(conn, app.id, receipt_id)
    if receipt is None:
        raise errors.NotFound("Couldn't find that receipt.", resource="receipt")
    return receipt
