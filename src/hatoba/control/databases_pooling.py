"""Connection pooling: a database attached by a pooler, which runs as long as an app uses it.

https://devcenter.heroku.com/articles/postgres-connection-pooling
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.postgres import admin, poolers
from hatoba.control import addons, attachments, catalogue
from hatoba.control.attachments import Wish
from hatoba.control.platform import Actor, Platform
from hatoba.model.addon import POOLED, Attachment
from hatoba.model.app import App
from hatoba.model.database import Database, State
from hatoba.store import addons as addon_rows
from hatoba.store import databases as rows

log = structlog.get_logger("pooling")

DEFAULT_NAME = "DATABASE_CONNECTION_POOL"


async def attach(
    p: Platform, actor: Actor, app: App, database: Database, name: str | None
) -> Attachment:
    """Attach a database to an app by its pooler, which is started if it does not run.

    Raises InvalidParams for a database on a shared server, and where there is no PgBouncer.
    """
    if database.server.shared:
        raise errors.InvalidParams(
            "You can't perform this operation on Essential-tier databases: they share a server. "
            "A standard plan has one of its own."
        )
    poolers.program()
    await _run(p, await _with_port(p, database))
    addon = await addons.find(p, str(database.id))
    wish = Wish(addon, name or DEFAULT_NAME, f"{POOLED}default")
    made = await attachments.attach(p, actor, app, wish, await catalogue.service_of(p, addon))
    # Until now it belonged to no attachment, and so may have been tidied away.
    await refresh(p, database.id)
    return made


async def _with_port(p: Platform, database: Database) -> Database:
    """Return the database with a port that its pooler keeps for good."""
    async with p.store.begin() as conn:
        await rows.choosing(conn)
        now = await rows.find(conn, database.id, lock=True) or database
        if now.pool_port is not None:
            return now
        port = await p.databases.free_port(await rows.ports(conn), p.place.port)
        await rows.update(conn, now.id, pool_port=port)
    return replace(now, pool_port=port)


async def _run(p: Platform, database: Database) -> None:
    async with p.databases.session(database.server) as session:
        verifiers = await admin.verifiers(session)
    await p.databases.poolers.ensure(database, verifiers)


async def refresh(p: Platform, database_id: UUID) -> None:
    """Have a database's pooler run with the roles and limits of now, if an app uses it."""
    async with p.store.begin() as conn:
        database = await rows.find(conn, database_id)
        used = await _used(conn, database_id)
    if used and database is not None and database.state is State.AVAILABLE:
        await _run(p, database)


async def _used(conn: AsyncConnection, database_id: UUID) -> bool:
    there = await addon_rows.attachments(conn, addon_id=database_id)
    return any(one.pooled for one in there)


async def tidy(p: Platform) -> None:
    """Have every pooler run that an app uses, and no other."""
    async with p.store.begin() as conn:
        pooled = [d for d in await rows.living(conn) if d.pool_port is not None]
        used = [d for d in pooled if await _used(conn, d.id)]
    await p.databases.poolers.keep_only(frozenset(d.id for d in used))
    for database in used:
        if database.state is State.AVAILABLE:
            try:
                await _run(p, database)
            except errors.HatobaError as error:
                log.warning("pooler is away", database=str(database.id), why=error.message)
