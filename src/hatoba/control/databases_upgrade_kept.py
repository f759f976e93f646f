"""The data of before an upgrade: where it is while it is kept, and its end."""

from __future__ import annotations

from datetime import timedelta

from hatoba.addons.postgres import admin
from hatoba.control.platform import Platform
from hatoba.model.database import Database, DatabaseServer
from hatoba.model.database_upgrade import KEPT_DAYS, Upgrade
from hatoba.store import database_upgrades as rows
from hatoba.store import databases as database_rows


def kept_as(upgrade: Upgrade) -> str:
    """Return the name that the data of before has on a shared server."""
    return f"before_{upgrade.id.hex}"


async def kept_server(p: Platform, upgrade: Upgrade | None) -> DatabaseServer | None:
    """Return the server that has the data of before, None when it is not kept any more."""
    async with p.store.begin() as conn:
        there = await database_rows.servers(conn)
    return next((one for one in there if upgrade and one.id == upgrade.kept_server_id), None)


async def tidy(p: Platform) -> None:
    """Delete for good what upgrades kept for more than 7 days."""
    async with p.store.begin() as conn:
        over = await rows.keeping(conn, before=p.clock.now() - timedelta(days=KEPT_DAYS))
    for upgrade in over:
        await _purge(p, upgrade)


async def forget(p: Platform, database: Database) -> None:
    """Delete for good what the upgrades of a database keep."""
    async with p.store.begin() as conn:
        there = await rows.keeping(conn, database_id=database.id)
    for upgrade in there:
        await _purge(p, upgrade)


async def _purge(p: Platform, upgrade: Upgrade) -> None:
    server = await kept_server(p, upgrade)
    if server is not None and server.shared:
        async with p.store.begin() as conn:
            roles = [one.role for one in await database_rows.credentials(conn, upgrade.database_id)]
        async with p.databases.session(server) as session:
            await admin.drop(session, kept_as(upgrade), roles)
    elif server is not None:
        await p.databases.remove(server)
    async with p.store.begin() as conn:
        await rows.update(conn, upgrade.id, kept_server_id=None)
        if server is not None and not server.shared:
            await database_rows.delete_server(conn, server.id)
