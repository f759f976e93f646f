"""Backups of databases: captured, kept as long as their plan says, read back, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from hatoba import errors
from hatoba.control import databases, transfers, transfers_run
from hatoba.control.platform import Platform
from hatoba.control.transfers import Draft
from hatoba.model.addon import Addon
from hatoba.model.app import App
from hatoba.model.backup import TRASH_DAYS, Cause, Kind, State, Transfer, outdated
from hatoba.model.database import Database
from hatoba.model.database import State as DatabaseState
from hatoba.store import addons as addon_rows
from hatoba.store import apps as app_rows
from hatoba.store import backups as rows
from hatoba.store import databases as database_rows

SNAPSHOT_PATIENCE = 20.0
"""Seconds: clients wait for an answer for a minute at most, and the loss itself takes time."""


def draft(database: Database, label: str, cause: Cause = Cause.MANUAL) -> Draft:
    """Return what a backup of a database is begun with."""
    return Draft(Kind.BACKUP, database.id, label, "BACKUP", database.plan, cause)


async def label(p: Platform, app: App, database: Database) -> str:
    """Return how an app calls a database: DATABASE, or what it is attached as."""
    async with p.store.begin() as conn:
        there = await addon_rows.attachments(conn, app_ids=[app.id], addon_id=database.id)
    names = [one.name for one in there if one.namespace is None]
    return "DATABASE" if "DATABASE" in names or not names else names[0]


async def capture(p: Platform, app_id: UUID, database: Database, label: str) -> Transfer:
    """Begin a backup; ``label`` is how the app calls the database.

    Raises Conflict while there is another transfer of that database.
    """
    return await transfers.begin(p, app_id, draft(database, label))


async def snapshot(p: Platform, addon: Addon) -> Transfer:
    """Back a database up before it is destroyed or emptied, and wait until it is verified.

    It is kept for 7 days. Raises Conflict when it fails: what was to follow must not be done.
    """
    made = await _snapshot(p, addon)
    await transfers_run.carry_out(p, made.id)
    return await _good(p, made)


async def before_loss(p: Platform, addon_id: UUID) -> Transfer | None:
    """Snapshot a database whose content goes into the trash, where it stays whole for 7 days.

    So a snapshot that fails, or takes longer than a client waits, is given up with a line in the
    app's log, and None is returned. A follower has none: all that it holds is its leader's.
    Raises Conflict while another transfer is going on.
    """
    async with p.store.begin() as conn:
        addon = await addon_rows.find(conn, str(addon_id))
        database = await database_rows.find(conn, addon_id)
    if addon is None or database is None or database.state is not DatabaseState.AVAILABLE:
        return None
    if database.following is not None:
        return None
    made = await _snapshot(p, addon)
    try:
        async with asyncio.timeout(SNAPSHOT_PATIENCE):
            await transfers_run.carry_out(p, made.id)
        return await _good(p, made)
    except (TimeoutError, errors.Unavailable, errors.Conflict) as error:
        why = getattr(error, "message", f"it took longer than {SNAPSHOT_PATIENCE:.0f} s")
        async with p.store.begin() as conn:
            await rows.end(conn, made.id, State.FAILED, problem=why)
        p.logs.platform(
            addon.app_id,
            "postgres",
            f"{made.name} was given up: {why}. What the database holds is in the trash only",
        )
        return None


async def _snapshot(p: Platform, addon: Addon) -> Transfer:
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, addon.app_id)
    if app is None:
        raise errors.NotFound("Couldn't find that app.", resource="app")
    database = await databases.available(p, addon.id)
    wanted = replace(
        draft(database, await label(p, app, database), Cause.SNAPSHOT),
        expires_at=p.clock.now() + timedelta(days=TRASH_DAYS),
    )
    async with p.store.begin() as conn:
        return await transfers.note(p, conn, app.id, wanted)


async def _good(p: Platform, begun: Transfer) -> Transfer:
    async with p.store.begin() as conn:
        made = await rows.by_id(conn, begun.id)
    if made is None or made.state is not State.SUCCEEDED:
        problem = made.problem if made else "it is gone"
        raise errors.Conflict(
            f"The backup that is taken first failed, so nothing was changed: {problem}"
        )
    return made


async def find(p: Platform, backup_id: UUID) -> Transfer:
    """Return a backup that can be restored. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, backup_id)
    if found is None or not found.restorable:
        raise errors.NotFound("That backup is not there any more.", resource="transfer")
    return found


def read(p: Platform, backup: Transfer) -> AsyncIterator[bytes]:
    """Give a backup's dump, in pg_dump's custom format."""
    return p.backups.read(backup.id)


async def delete(p: Platform, app: App, backup: Transfer) -> Transfer:
    """Delete a backup for good. Raises Conflict for what is no backup or is going on."""
    if backup.kind is not Kind.BACKUP:
        raise errors.Conflict(f"{backup.name} is no backup; there is nothing to delete.")
    if not backup.state.ended:
        raise errors.Conflict(
            f"{backup.name} is still going on. Stop it first: "
            f"heroku pg:backups:cancel {backup.name} -a {app.name}"
        )
    await _delete(p, backup)
    p.logs.platform(app.id, "postgres", f"Backup {backup.name} was deleted")
    return backup


async def _delete(p: Platform, backup: Transfer) -> None:
    async with p.store.begin() as conn:
        await rows.mark_deleted(conn, backup.id)
    await p.backups.delete(backup.id)


async def tidy(p: Platform) -> int:
    """Delete what plans no longer keep, and files that nothing refers to; return how many."""
    # Looked at first: what is begun from now on has its row before its file.
    there = await p.backups.names()
    async with p.store.begin() as conn:
        kept = await rows.kept(conn)
        active = await rows.active(conn)
    by_database = sorted(kept, key=lambda b: b.addon_id)
    gone = [
        backup
        for _, backups in groupby(by_database, key=lambda b: b.addon_id)
        for backup in outdated(list(backups), p.clock.now())
    ]
    for backup in gone:
        await _delete(p, backup)
    wanted = {b.id for b in kept} - {b.id for b in gone}
    wanted |= {one for t in active for one in transfers_run.side_files(t.id)}
    strays = there - {str(one) for one in wanted} - {str(b.id) for b in gone}
    for name in strays:
        await p.backups.delete(UUID(name))
    return len(gone) + len(strays)
