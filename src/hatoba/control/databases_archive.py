"""Continuous protection: base copies taken when they are due, and dropped when they are not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from hatoba import errors
from hatoba.addons.postgres import archive
from hatoba.control.platform import Platform
from hatoba.model import database_archive as rules
from hatoba.model.database import Database, State
from hatoba.model.database_archive import Base, Protection
from hatoba.store import addons as addon_rows
from hatoba.store import databases as rows

log = structlog.get_logger("archive")

TICK_SECONDS = 10.0
_PROBLEM = "its log can't be put away; is the disk full?"


def protected(database: Database) -> bool:
    """Tell whether a database is one whose log is kept: a leader with a server of its own."""
    return (
        database.limits.rollback > timedelta()
        and database.state is State.AVAILABLE
        and database.following is None
    )


async def protection(p: Platform, database: Database) -> Protection:
    """Look whether all that is written now can be had back. Raises Unavailable."""
    if not protected(database):
        return Protection()
    there = await archive.bases(p.databases, database.server)
    async with p.databases.session(database.server) as conn:
        failing = await archive.failing(conn)
    earliest = rules.earliest(there, database.limits.rollback, p.clock.now())
    return Protection(earliest, _PROBLEM if failing else None)


async def check(p: Platform, database: Database) -> None:
    """Note whether a database's log is put away, and say it when that changed.

    A log that isn't can't be gone back over, and stays where it fills the disk.
    """
    if not protected(database):
        return
    async with p.databases.session(database.server) as conn:
        failing = await archive.failing(conn)
    if failing == (database.unarchived_since is not None):
        return
    async with p.store.begin() as conn:
        since = p.clock.now() if failing else None
        await rows.update(conn, database.id, unarchived_since=since)
        addon = await addon_rows.by_id(conn, database.id)
    if addon is None:
        return
    said = _PROBLEM if failing else "its log is put away again"
    log.warning("archive", database=addon.name, why=said)
    p.logs.platform(addon.app_id, "postgres", f"{addon.name}: {said}")


async def alarms(p: Platform) -> list[str]:
    """Say of every database whose log can't be put away what that means, in whole sentences."""
    async with p.store.begin() as conn:
        failing = [d for d in await rows.living(conn) if protected(d) and d.unarchived_since]
        owners = [await rows.owner(conn, str(d.id)) for d in failing]
    return [
        f"{owner.addon_name}: {_PROBLEM} Since {d.unarchived_since:%Y-%m-%d %H:%M} UTC no change "
        f"can be had back, and the log grows. See: {p.databases.log_file(d.server)}"
        for d, owner in zip(failing, owners, strict=True)
        if owner is not None
    ]


async def run(p: Platform) -> None:
    """Tend all archives again and again, without end."""
    while True:
        await tick(p)
        await asyncio.sleep(TICK_SECONDS)


async def tick(p: Platform) -> None:
    """Tend every archive once; what can't be done now is tried again the next time."""
    async with p.store.begin() as conn:
        living = await rows.living(conn)
    for database in living:
        if protected(database):
            try:
                await tend(p, database)
            except errors.HatobaError as error:
                log.warning("archive", database=str(database.id), why=error.message)


async def tend(p: Platform, database: Database) -> None:
    """Take a base copy if it is due, and drop what the window does not need. Raises Unavailable."""
    servers, server, now = p.databases, database.server, p.clock.now()
    there = await archive.bases(servers, server)
    since = there[-1].first_wal if there else ""
    if rules.due(there, await archive.log_bytes(servers, server, since), now):
        await archive.take(servers, server)
        there = await archive.bases(servers, server)
    gone = rules.outdated(there, database.limits.rollback, now)
    if gone:
        await archive.drop(servers, server, gone)
    await _bound(p, database, [base for base in there if base not in gone])


async def _bound(p: Platform, database: Database, there: list[Base]) -> None:
    """Drop the oldest while an archive takes more than it may; one can always be gone back to."""
    servers, server = p.databases, database.server
    while len(there) > 1:
        size = sum(base.bytes for base in there) + await archive.log_bytes(servers, server)
        if size <= rules.MAX_BYTES:
            return
        await archive.drop(servers, server, [there.pop(0)])
        log.warning("archive too large", database=str(database.id), bytes=size)
