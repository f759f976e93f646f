"""An upgrade carried out: a new server or database is filled, counted, and put in the old's place.

Nobody writes meanwhile, and the old data is not touched: until the one transaction that moves the
database, giving up means letting its roles in again. A server of its own moves with its port, so
that its URL stays; a database on a shared server gets another URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid5

from hatoba import errors
from hatoba.addons.postgres import admin, transfer, upgrading, verify
from hatoba.addons.postgres.transfer import Archive, Tools
from hatoba.control import attachments, databases_followers, databases_links, databases_settings
from hatoba.control import databases_credentials as credentials
from hatoba.control.databases_service import PostgresService
from hatoba.control.databases_upgrade_kept import kept_as, kept_server
from hatoba.control.platform import Actor, Platform
from hatoba.kit.text import plural
from hatoba.model.database import Database, DatabaseServer
from hatoba.model.database import State as DatabaseState
from hatoba.model.database_upgrade import Kind, State, Upgrade
from hatoba.store import accounts as account_rows
from hatoba.store import addons as addon_rows
from hatoba.store import apps as app_rows
from hatoba.store import database_upgrades as rows
from hatoba.store import databases as database_rows


@dataclass(frozen=True)
class Job:
    """An upgrade that is carried out: of ``database``, onto the server ``made``."""

    p: Platform
    upgrade: Upgrade
    database: Database
    made: DatabaseServer

    @property
    def moved(self) -> Database:
        """The database as it is on the new server."""
        return replace(self.database, server=self.made)

    async def step(self, text: str) -> None:
        """Say what is being done now."""
        async with self.p.store.begin() as conn:
            await rows.update(conn, self.upgrade.id, step=text)


async def new_server(p: Platform, upgrade: Upgrade, database: Database) -> DatabaseServer:
    """Return the server that the database goes to, noted so that its port is its own."""
    if upgrade.state is State.MOVED:
        return database.server
    own = uuid5(upgrade.id, "new")
    async with p.store.begin() as conn:
        await database_rows.choosing(conn)
        there = await database_rows.servers(conn)
        for one in there:
            shared = database.server.shared and one.shared and one.major == upgrade.major
            if shared or one.id == own:
                return one
        port = await p.databases.free_port(await database_rows.ports(conn), p.place.port)
        made_id = uuid5(upgrade.id, "shared") if database.server.shared else own
        made = DatabaseServer(made_id, database.server.shared, port, upgrade.major)
        await database_rows.insert_server(conn, made)
    return made


async def trial(job: Job) -> None:
    """Upgrade a copy, compare what is in it, and drop it."""
    before = await _count(job.p, job.database)
    await job.step("upgrading a copy")
    await _new_files(job)
    await job.step("counting what is in it")
    found = await _count(job.p, job.moved)
    if lost := sorted(set(before) - set(found)):
        raise errors.Conflict(f"The upgraded copy lacks tables: {', '.join(lost)}.")
    await _drop_new(job)
    await _end(job, State.SUCCEEDED, step=f"{plural(len(found), 'table')} upgraded on trial")


async def move(job: Job) -> None:
    """Fill the new place, see that it has the same rows, and make it the database's."""
    p, database = job.p, job.database
    if database.following is not None:
        await p.databases.promote(database.server)
    await job.step("shutting writers out")
    await _shut(job, database, shut=True)
    counts = await _count(p, database)
    if database.server.shared:
        await _copy_over(job, counts)
    else:
        await job.step("upgrading")
        await _new_files(job)
    await job.step("counting")
    if differences := verify.differences(counts, await _count(p, job.moved)):
        raise errors.Conflict(f"The new database is not the old one: {'; '.join(differences)}.")
    await _swap(job, State.MOVED)
    await finish(replace(job, database=await _now(job)))


async def finish(job: Job, state: State = State.SUCCEEDED) -> None:
    """Let everybody in, now that the database is where it is to be. Idempotent."""
    p = job.p
    await _names(job)
    database = await _now(job)
    await databases_settings.put_in_force(p, database)
    await _let_in(p, database)
    await databases_links.settle(p, database)
    await job.step("copying for its followers")
    await databases_followers.bring_up(p, database)
    await _publish(job)
    async with p.store.begin() as conn:
        await database_rows.update(conn, database.id, state=DatabaseState.AVAILABLE)
    await _end(job, state, step="done")


async def give_up(job: Job, why: str) -> None:
    """Let everybody in again where the data is; nothing was moved. Idempotent."""
    if job.upgrade.kind is Kind.RUN:
        database = await _now(job)
        await _shut(job, database, shut=False)
        async with job.p.store.begin() as conn:
            await database_rows.update(conn, database.id, state=DatabaseState.AVAILABLE)
    if (await _now(job)).server.id != job.made.id:
        await _drop_new(job)
    await _end(job, State.FAILED, problem=why)


async def swap_back(job: Job) -> None:
    """Make the kept data the database's again, and keep that of now in its place."""
    async with job.p.store.begin() as conn:
        await database_rows.update(conn, job.database.id, state=DatabaseState.UPGRADING)
    await _shut(job, job.database, shut=True)
    await _swap(job, State.UNDONE)
    await finish(job, State.UNDONE)


async def _new_files(job: Job) -> None:
    p, old = job.p, job.database.server
    async with p.store.begin() as conn:
        taken = await database_rows.ports(conn)
    port = await p.databases.free_port(taken, p.place.port)
    copy = replace(old, id=uuid5(job.upgrade.id, "copy"), port=port)
    await upgrading.upgrade(p.databases, old, copy, job.made)


async def _copy_over(job: Job, counts: Mapping[str, int]) -> None:
    """Fill a database on the other shared server, in one transaction that compares the rows."""
    p, tools = job.p, Tools.of(await job.p.databases.installed())
    owner = await credentials.default(p, job.database)
    await job.step("copying")
    async with p.databases.session(job.made) as conn:
        await admin.drop(conn, job.database.name)
    await admin.make(p.databases, job.moved, owner)
    try:
        async with verify.moment(owner.url(job.database)) as now:
            pieces = transfer.dump(tools, owner.url(job.database), now.snapshot)
            await p.backups.keep(job.upgrade.id, pieces, lambda _: None)
        archive = Archive(lambda: p.backups.read(job.upgrade.id))
        wanted = await transfer.needed_extensions(tools, archive)
        await admin.create_privileged(p.databases, job.moved, wanted)
        await transfer.restore(tools, archive, owner.url(job.moved), expected=counts)
    finally:
        await p.backups.delete(job.upgrade.id)


async def _shut(job: Job, database: Database, *, shut: bool) -> None:
    """Keep writers out of a database, or let them in again."""
    async with job.p.databases.session(database.server) as conn:
        if database.server.shared:
            # Its owner goes on reading, and is what the copy is made as.
            await admin.only_read(conn, database.name, on=shut or database.over_since is not None)
            return
        roles = [one.role for one in await credentials.listed(job.p, database)]
        await admin.may_log_in(conn, roles, allowed=not shut)
        if shut:
            await admin.end_sessions(conn, database.name)


async def _let_in(p: Platform, database: Database) -> None:
    """Give every credential the password that it has now, and let it write."""
    async with p.databases.session(database.server) as conn:
        for credential in await credentials.listed(p, database):
            await admin.put_role(conn, credential)
        await admin.only_read(conn, database.name, on=database.over_since is not None)
        await admin.limit(conn, database)


async def _count(p: Platform, database: Database) -> Mapping[str, int]:
    return await verify.count(await p.databases.url(database.server, database.name))


async def _swap(job: Job, state: State) -> None:
    """Make the new place the database's, in one transaction; servers of their own swap ports."""
    p, old = job.p, job.database.server
    if not old.shared:
        await p.databases.stop(job.made)
        await p.databases.stop(old)
    async with p.store.begin() as conn:
        if not old.shared:
            ports = (old.port, job.made.port)
            await database_rows.update_server(conn, old.id, port=-old.port)
            await database_rows.update_server(conn, job.made.id, port=ports[0])
            await database_rows.update_server(conn, old.id, port=ports[1])
        await database_rows.update(
            conn,
            job.database.id,
            server_id=job.made.id,
            following=None,
            forked_from=job.database.following or job.database.forked_from,
        )
        if job.database.following is not None:
            await databases_links.adopt(conn, job.database.following, job.database.id)
        now = p.clock.now()
        await rows.update(conn, job.upgrade.id, state=state, kept_server_id=old.id, ended_at=now)


async def _names(job: Job) -> None:
    """Give what is in force its name, and what is kept on a shared server one of its own.

    Nobody can connect by that one. Idempotent.
    """
    database = await _now(job)
    kept = await kept_server(job.p, await _latest(job))
    if kept is None or not kept.shared:
        return
    async with job.p.databases.session(kept) as conn:
        await admin.set_aside(conn, database.name, kept_as(job.upgrade))
    async with job.p.databases.session(database.server) as conn:
        await admin.take_back(conn, kept_as(job.upgrade), database.name)


async def _publish(job: Job) -> None:
    """Give the apps the URL of a database that is on another shared server now."""
    async with job.p.store.begin() as conn:
        addon = await addon_rows.find(conn, str(job.database.id))
        app = await app_rows.by_id(conn, addon.app_id) if addon else None
        owner = await account_rows.by_id(conn, app.owner_id) if app else None
    if addon is not None and owner is not None:
        await attachments.publish(job.p, Actor(owner), addon, PostgresService())


async def _latest(job: Job) -> Upgrade | None:
    async with job.p.store.begin() as conn:
        return await rows.latest(conn, job.database.id)


async def _drop_new(job: Job) -> None:
    if job.made.shared:
        async with job.p.databases.session(job.made) as conn:
            await admin.drop(conn, job.database.name)
        return
    await job.p.databases.remove(job.made)
    async with job.p.store.begin() as conn:
        await database_rows.delete_server(conn, job.made.id)


async def _now(job: Job) -> Database:
    async with job.p.store.begin() as conn:
        return await database_rows.find(conn, job.database.id) or job.database


async def _end(job: Job, state: State, **values: object) -> None:
    async with job.p.store.begin() as conn:
        ended = {"state": state, "ended_at": job.p.clock.now(), **values}
        await rows.update(conn, job.upgrade.id, **ended)
