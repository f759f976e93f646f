"""Receipts: the audit trail of what was changed, and whether it was seen to be so.

A change of an app is in the app's trail, any other one in that of the account that made it.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from hatoba import errors
from hatoba.control.platform import Actor, Platform
from hatoba.model.app import App
from hatoba.model.record import Receipt
from hatoba.store import receipts as rows


async def keep(
    p: Platform, actor: Actor, app: App, operation: str, body: dict[str, Any]
) -> Receipt:
    """Add to the audit trail of an app, living or destroyed."""
    kept = {"app_id": app.id, "about": app.name, "operation": operation, "body": body}
    return await _insert(p, actor, kept)


async def keep_own(
    p: Platform, actor: Actor, about: str, operation: str, body: dict[str, Any]
) -> Receipt:
    """Add to the audit trail of the account."""
    return await _insert(p, actor, {"about": about, "operation": operation, "body": body})


async def _insert(p: Platform, actor: Actor, values: dict[str, Any]) -> Receipt:
    receipt_id = secrets.token_hex(6)
    own = {"id": receipt_id, "account_id": actor.account.id, "created_at": p.clock.now()}
    async with p.store.begin() as conn:
        await rows.insert(conn, {**values, **own})
        return _there(await rows.one(conn, receipt_id))


def _there(receipt: Receipt | None) -> Receipt:
    if receipt is None:
        raise errors.NotFound("Couldn't find that receipt.", resource="receipt")
    return receipt


async def listed(p: Platform, app: App) -> list[Receipt]:
    """Return the app's receipts, the newest first."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, receipt_id: str) -> Receipt:
    """Return a receipt of the app. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.one(conn, receipt_id)
    return _there(found if found and found.app_id == app.id else None)


async def own(p: Platform, actor: Actor) -> list[Receipt]:
    """Return the account's receipts, an administrator's of all accounts, the newest first."""
    async with p.store.begin() as conn:
        return await rows.of_accounts(conn, _whose(actor))


async def find_own(p: Platform, actor: Actor, receipt_id: str) -> Receipt:
    """Return a receipt of those that ``own`` lists. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.one(conn, receipt_id)
    mine = found is not None and _whose(actor) in (None, found.account_id)
    return _there(found if found and found.app_id is None and mine else None)


def _whose(actor: Actor) -> UUID | None:
    return None if actor.account.admin else actor.account.id
