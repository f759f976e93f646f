"""The customers' databases kept well: servers started, sizes and logs watched, trash dropped."""

from __future__ import annotations

import asyncio

import structlog

from hatoba import errors
from hatoba.addons.postgres import admin
from hatoba.control import (
    databases,
    databases_archive,
    databases_followers,
    databases_links,
    databases_metrics,
    databases_pooling,
    databases_quotas,
    databases_reset,
    databases_settings,
    databases_upgrade,
    databases_upgrade_kept,
)
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Platform
from hatoba.model.database import Database, State
from hatoba.store import databases as rows

log = structlog.get_logger(__name__)

WATCH_SECONDS = 60.0
"""How often sizes are looked at: https://devcenter.heroku.com/articles/heroku-postgres-plans
says that limits are in force within minutes."""


async def begin(p: Platform) -> None:
    """Start the servers of all living databases, and finish what a killed daemon left undone."""
    async with p.store.begin() as conn:
        living = await rows.living(conn)
    for database in living:
        try:
            await _begin(p, database)
        except errors.HatobaError as error:
            log.warning("database is away", database=str(database.id), why=error.message)
    await databases_upgrade.resume(p)
    await databases_pooling.tidy(p)


async def _begin(p: Platform, database: Database) -> None:
    if database.state is State.CREATING:
        await databases.build(p, database.id)
        return
    await p.databases.start(database.server)
    if database.state is State.UPGRADING:
        await databases_upgrade.recover(p, database)
        return
    await databases_settings.put_in_force(p, database)
    if database.following is not None or database.state is not State.AVAILABLE:
        return
    async with p.databases.session(database.server) as session:
        there = await admin.exists(session, database.name)
    if not there:
        # A reset was cut off between setting the content aside and the empty database.
        await admin.make(p.databases, database, await credentials.default(p, database))
    await databases_links.settle(p, database)


async def run(p: Platform) -> None:
    """Look at the databases again and again, without end."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        await watch(p)
        await databases_pooling.tidy(p)
        await tidy(p)


async def watch(p: Platform) -> None:
    """Look at every database's size and log once; refuse or take writes as its plan says."""
    async with p.store.begin() as conn:
        living = await rows.living(conn)
    for database in living:
        if database.state is State.AVAILABLE:
            try:
                await _look_at(p, database)
            except errors.HatobaError as error:
                log.warning("database is away", database=str(database.id), why=error.message)


async def _look_at(p: Platform, database: Database) -> None:
    if database.following is None:
        await databases_quotas.check(p, database)
        await databases_archive.check(p, database)
        await databases_followers.look_after(p, database)
        await databases_links.mend(p, database)
    await databases_metrics.say(p, database)


async def tidy(p: Platform) -> None:
    """Delete for good what was destroyed or reset more than 7 days ago.

    The databases of an app that left the trash for good go into their own.
    """
    async with p.store.begin() as conn:
        orphans = await rows.orphans(conn)
    for database_id in orphans:
        try:
            await databases_links.let_go(p, database_id)
            await databases.destroy(p, database_id)
        except errors.HatobaError as error:
            # One that others still follow goes after them; the rest goes now.
            log.warning("database stays", database=str(database_id), why=error.message)
    await databases_upgrade_kept.tidy(p)
    await databases_reset.purge(p)
    await databases.purge(p)
