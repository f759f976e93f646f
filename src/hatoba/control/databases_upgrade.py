"""Upgrades of databases to a newer version of Postgres: asked for, carried out, told about.

The row is the truth: an upgrade that a killed daemon was at is begun anew by the next one, or
finished when the database is on its new server already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import psycopg
import structlog

from hatoba import errors
from hatoba.addons.postgres import upgrading
from hatoba.control import databases, databases_upgrade_move
from hatoba.control.databases_upgrade_kept import kept_server
from hatoba.control.databases_upgrade_move import Job
from hatoba.control.platform import Platform
from hatoba.model import database_upgrade as rules
from hatoba.model.database import Database
from hatoba.model.database import State as DatabaseState
from hatoba.model.database_upgrade import Kind, State, Upgrade
from hatoba.store import addons as addon_rows
from hatoba.store import database_upgrades as rows
from hatoba.store import databases as database_rows

log = structlog.get_logger("upgrades")

_running: dict[UUID, asyncio.Task[None]] = {}


async def latest(p: Platform, database: Database) -> Upgrade | None:
    """Return the database's newest upgrade."""
    async with p.store.begin() as conn:
        return await rows.latest(conn, database.id)


async def prepare(p: Platform, database: Database, version: int | None) -> Upgrade:
    """Check that a leader can be upgraded, and note that it is to be. Raises Conflict."""
    if database.server.shared or database.following is not None:
        raise errors.InvalidParams(
            "Only a leader on a standard plan is prepared. Upgrade this one right away: "
            "heroku pg:upgrade:run"
        )
    major = await _target(p, database, version)
    return await _insert(p, database, Kind.RUN, State.PREPARED, major)


async def cancel(p: Platform, database: Database) -> Upgrade:
    """Forget an upgrade that was prepared. Raises Conflict when there is none."""
    found = await latest(p, database)
    if found is None or found.state is not State.PREPARED:
        raise errors.Conflict("There is no prepared upgrade of this database.")
    async with p.store.begin() as conn:
        await rows.update(conn, found.id, state=State.CANCELED, ended_at=p.clock.now())
    return found


async def run(p: Platform, database: Database, version: int | None) -> Upgrade:
    """Begin the upgrade: of a leader with a server of its own the one that was prepared.

    Raises Conflict, InvalidParams.
    """
    found = await latest(p, database)
    prepared = found if found and found.state is State.PREPARED else None
    if not database.server.shared and database.following is None and prepared is None:
        raise errors.Conflict(
            "The upgrade of a leader is prepared first: heroku pg:upgrade:prepare"
        )
    major = await _target(p, database, version or (prepared.major if prepared else None))
    if prepared is not None:
        await cancel(p, database)
    begun = await _insert(p, database, Kind.RUN, State.RUNNING, major)
    _start(p, begun)
    return begun


async def try_out(p: Platform, database: Database, version: int | None) -> Upgrade:
    """Begin an upgrade of a copy, which is gone in the end. Raises Conflict, InvalidParams."""
    if database.server.shared or database.following is not None:
        raise errors.InvalidParams("A trial is for leaders on a standard plan.")
    major = await _target(p, database, version)
    found = await latest(p, database)
    if found is not None and found.state is State.PREPARED:
        raise errors.Conflict("An upgrade is prepared already: run it, or cancel it first.")
    begun = await _insert(p, database, Kind.TRIAL, State.RUNNING, major)
    _start(p, begun)
    return begun


async def undo(p: Platform, database: Database) -> Upgrade:
    """Put the data of before the upgrade back in force; that of now is kept in its place.

    Raises Conflict when there is none.
    """
    found = await latest(p, database)
    if found is None or found.state is not State.SUCCEEDED or found.kept_server_id is None:
        raise errors.Conflict("There is no upgrade whose data of before is kept.")
    kept = await kept_server(p, found)
    if kept is None:
        raise errors.Conflict("The data of before the upgrade is not there any more.")
    await databases_upgrade_move.swap_back(Job(p, found, database, kept))
    return found


async def recover(p: Platform, database: Database) -> None:
    """Finish taking back an upgrade that a killed daemon was at; other work is resumed."""
    found = await latest(p, database)
    if found is not None and not found.state.going_on:
        job = Job(p, found, database, database.server)
        await databases_upgrade_move.finish(job, found.state)


async def _target(p: Platform, database: Database, version: int | None) -> int:
    """Check what would be in the way, and return the version to upgrade to."""
    there = await p.databases.installed()
    present = database.server.major
    major = rules.target(present, there, version)
    if major is None:
        newer = [one for one in sorted(there) if one > present]
        raise errors.InvalidParams(
            f"The database runs PostgreSQL {present}, and this machine has "
            f"{'of newer ones only ' + ', '.join(map(str, newer)) if newer else 'no newer one'}. "
            "Install the version first, such as postgresql-17 of your system's packages, then "
            "restart the platform."
        )
    lacking = await upgrading.missing(
        p.databases, database.server, database.name, there[major].extensions
    )
    if lacking:
        raise errors.Conflict(
            f"The PostgreSQL {major} of this machine lacks extensions that the database has: "
            f"{', '.join(lacking)}. Drop them, or install that version with its extensions."
        )
    return major


async def _insert(p: Platform, database: Database, kind: Kind, state: State, major: int) -> Upgrade:
    made = Upgrade(uuid4(), database.id, kind, state, major, p.clock.now(), step=state)
    async with p.store.begin() as conn:
        now = await database_rows.find(conn, database.id, lock=True)
        found = await rows.latest(conn, database.id)
        if found is not None and found.state.going_on:
            raise errors.Conflict("An upgrade of this database is going on: heroku pg:upgrade:wait")
        if now is None or now.state is not DatabaseState.AVAILABLE:
            raise errors.Conflict(f"The database is {now.state if now else 'gone'}.")
        await rows.insert(conn, made)
        if state is State.RUNNING and kind is Kind.RUN:
            await database_rows.update(conn, database.id, state=DatabaseState.UPGRADING)
    return made


async def resume(p: Platform) -> None:
    """Go on with the upgrades that a killed daemon was at."""
    async with p.store.begin() as conn:
        unfinished = await rows.going_on(conn)
    for upgrade in unfinished:
        _start(p, upgrade)


async def settled(upgrade_id: UUID) -> None:
    """Wait until an upgrade that goes on here has ended."""
    if (task := _running.get(upgrade_id)) is not None:
        await asyncio.wait({task})


def _start(p: Platform, upgrade: Upgrade) -> None:
    task = asyncio.create_task(_carry_out(p, upgrade), name=f"upgrade {upgrade.id}")
    _running[upgrade.id] = task
    task.add_done_callback(lambda _: _running.pop(upgrade.id, None))


async def _carry_out(p: Platform, upgrade: Upgrade) -> None:
    database = await databases.find(p, upgrade.database_id)
    job = Job(p, upgrade, database, await databases_upgrade_move.new_server(p, upgrade, database))
    work: Callable[[Job], Awaitable[None]] = databases_upgrade_move.finish
    if upgrade.state is State.RUNNING:
        trial = upgrade.kind is Kind.TRIAL
        work = databases_upgrade_move.trial if trial else databases_upgrade_move.move
    try:
        await work(job)
    except (errors.HatobaError, psycopg.Error, OSError) as error:
        why = error.message if isinstance(error, errors.HatobaError) else str(error).strip()
        await _failed(job, why.splitlines()[0] if why else type(error).__name__)
    else:
        await _tell(job, f"is on PostgreSQL {upgrade.major}", f"can go to {upgrade.major}")


async def _failed(job: Job, why: str) -> None:
    now = await latest(job.p, job.database)
    if now is not None and now.state is State.MOVED:
        # The database is on its new server; what is left to do is done at the next start.
        async with job.p.store.begin() as conn:
            await rows.update(conn, now.id, problem=why)
        log.warning("upgrade is not finished", database=str(job.database.id), why=why)
        return
    await databases_upgrade_move.give_up(job, why)
    await _tell(job, f"could not be upgraded: {why}", f"could not be upgraded, on trial: {why}")


async def _tell(job: Job, done: str, tried: str) -> None:
    async with job.p.store.begin() as conn:
        addon = await addon_rows.find(conn, str(job.database.id))
    said = tried if job.upgrade.kind is Kind.TRIAL else done
    log.info("upgrade", database=str(job.database.id), said=said)
    if addon is not None:
        job.p.logs.platform(addon.app_id, "postgres", f"{addon.name} {said}")
