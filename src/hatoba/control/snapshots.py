"""Config snapshots of the past, with the add-ons' values of today."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.control.platform import Platform
from hatoba.model import config as rules
from hatoba.model.app import App
from hatoba.store import addons as addon_rows
from hatoba.store import config as rows


async def protected(conn: AsyncConnection, app_id: UUID) -> dict[str, str]:
    """Return the config vars that only add-ons change, each with its attachment's name."""
    there = await addon_rows.attachments(conn, app_ids=[app_id])
    return {name: attachment.name for attachment in there for name in attachment.config_vars}


async def brought_up(p: Platform, conn: AsyncConnection, app: App, config_id: UUID) -> UUID:
    """Return a snapshot like an earlier one that holds the add-ons' values of now.

    A password that was rotated since would lock the app out of its database.
    """
    own = await protected(conn, app.id)
    then, now = await _values(p, conn, app, config_id), await _values(p, conn, app, app.config_id)
    wanted = {n: v for n, v in then.items() if n not in own}
    wanted |= {n: v for n, v in now.items() if n in own}
    if wanted == then:
        return config_id
    sealed = p.vault.seal_config(app.id, wanted)
    return await rows.insert(conn, app.id, sealed, rules.own_pages(wanted))


async def _values(
    p: Platform, conn: AsyncConnection, app: App, config_id: UUID | None
) -> dict[str, str]:
    sealed = await rows.sealed(conn, config_id) if config_id else None
    return p.vault.unseal_config(app.id, sealed) if sealed else {}
