"""Links between databases: the rows are the truth, what the databases have follows them.

A link outlives what is done to its database: a reset, a restore, an upgrade. A copy of a database
has the links that the original had. The remote database can't be destroyed while there are links
to it, and its new password reaches them.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog
from psycopg import AsyncConnection as Session
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.postgres import links
from hatoba.addons.postgres.links import Lead
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Platform
from hatoba.model import database_link as rules
from hatoba.model.database import Database, State
from hatoba.model.database_link import Link
from hatoba.store import addons as addon_rows
from hatoba.store import database_links as rows
from hatoba.store import databases as database_rows

log = structlog.get_logger("links")


@dataclass(frozen=True)
class Seen:
    """A link, and the names of what it leads to: the add-on, and an attachment of it."""

    link: Link
    addon: str
    attachment: str


async def listed(p: Platform, database: Database) -> list[Seen]:
    """Return the links into a database; a follower has its leader's."""
    async with p.store.begin() as conn:
        found = await rows.of(conn, database.following or database.id)
        return [await _seen(conn, link) for link in found]


async def _seen(conn: AsyncConnection, link: Link) -> Seen:
    addon = await addon_rows.find(conn, str(link.remote_id))
    there = await addon_rows.attachments(conn, addon_id=link.remote_id)
    own = [one.name for one in there if addon and one.app_id == addon.app_id]
    return Seen(link, addon.name if addon else "", next(iter(own), ""))


async def create(p: Platform, database: Database, remote: Database, name: str) -> Seen:
    """Link a database's tables into another one. Asked for again, it takes new tables in.

    Raises InvalidParams for what can't be linked, Conflict when the name is used, Unavailable.
    """
    _check(database, remote)
    if problem := rules.name_problem(name):
        raise errors.InvalidParams(problem)
    link = Link(uuid4(), database.id, remote.id, name, p.clock.now())
    async with p.store.begin() as conn:
        fresh = await rows.insert(conn, link)
        same = next(one for one in await rows.of(conn, database.id) if one.name == name)
    if same.remote_id != remote.id:
        raise errors.Conflict(f"There is a link {name} to another database already.")
    try:
        await _make(p, database, same, remote)
    except errors.HatobaError:
        if fresh:
            await _forget(p, same)
        raise
    async with p.store.begin() as conn:
        await rows.update(conn, same.id, problem=None)
        return await _seen(conn, same)


def _check(database: Database, remote: Database) -> None:
    if database.server.shared or remote.server.shared:
        raise errors.InvalidParams("pg:links isn't available for Essential-tier databases.")
    if database.following is not None:
        raise errors.InvalidParams("A follower has its leader's links: make it there.")
    if database.id == remote.id:
        raise errors.InvalidParams("A database can't be linked into itself.")


async def destroy(p: Platform, database: Database, name: str) -> Seen:
    """Take a link away, by its name or its remote add-on's. Raises NotFound, Conflict."""
    there = await listed(p, database)
    found = [one for one in there if one.link.name == name]
    found = found or [one for one in there if one.addon == name]
    if len(found) != 1:
        raise errors.NotFound(f"There is no link {name}. See: heroku pg:links", resource="link")
    if database.following is not None:
        raise errors.InvalidParams("A follower has its leader's links: destroy it there.")
    async with _open(p, database) as session:
        await links.drop(session, found[0].link.name)
    await _forget(p, found[0].link)
    return found[0]


async def adopt(conn: AsyncConnection, source_id: UUID, made_id: UUID) -> None:
    """Note that a copy of a database has the links of the original. Idempotent."""
    for link in await rows.of(conn, source_id):
        if link.remote_id != made_id:
            copied = Link(uuid4(), made_id, link.remote_id, link.name, link.created_at)
            await rows.insert(conn, copied)


async def settle(p: Platform, database: Database) -> None:
    """Have a database have exactly the links that are noted of it. Idempotent.

    One that can't be in force now keeps the reason; it is tried again when databases are looked
    at. Raises Unavailable when the database itself is away.
    """
    if database.server.shared or database.following is not None:
        return
    async with p.store.begin() as conn:
        noted = await rows.of(conn, database.id)
    async with _open(p, database) as session:
        there = await links.there(session)
        for name in sorted(set(there) - {link.name for link in noted}):
            await links.drop(session, name)
    for link in noted:
        await _mend(p, database, link, made=link.name in there)


async def mend(p: Platform, database: Database) -> None:
    """Try the links again that could not be in force."""
    async with p.store.begin() as conn:
        broken = [link for link in await rows.of(conn, database.id) if link.problem]
    if broken:
        await settle(p, database)


async def follow_password(p: Platform, remote_id: UUID) -> None:
    """Have the links to a database connect by the password that it has now."""
    async with p.store.begin() as conn:
        found = await rows.to(conn, remote_id)
        pairs = [(link, await database_rows.find(conn, link.database_id)) for link in found]
    for link, database in pairs:
        if database is not None and database.following is None:
            await _mend(p, database, link, made=True)


async def check_free(conn: AsyncConnection, remote_id: UUID) -> None:
    """Raise Conflict when a database's tables are linked into others."""
    if found := await rows.to(conn, remote_id):
        owner = await addon_rows.find(conn, str(found[0].database_id))
        raise errors.Conflict(
            f"It is linked into {owner.name if owner else 'another database'} as {found[0].name}. "
            "Destroy the link first: heroku pg:links:destroy"
        )


async def let_go(p: Platform, remote_id: UUID) -> None:
    """Take away all links to a database that goes for good with its app, and tell of it."""
    async with p.store.begin() as conn:
        found = await rows.to(conn, remote_id)
        pairs = [(link, await database_rows.find(conn, link.database_id)) for link in found]
    for link, database in pairs:
        if database is not None:
            await _gone(p, database, link)


def _open(p: Platform, database: Database) -> AbstractAsyncContextManager[Session]:
    return p.databases.session(database.server, database.name)


async def _lead(p: Platform, database: Database, link: Link, remote: Database) -> Lead:
    reader = await credentials.default(p, database)
    return Lead(link.name, remote, await credentials.default(p, remote), reader.role)


async def _make(p: Platform, database: Database, link: Link, remote: Database) -> None:
    async with _open(p, remote) as session:
        wanted = await links.importable(session)
    async with _open(p, database) as session:
        await links.make(session, await _lead(p, database, link, remote), wanted)


async def _mend(p: Platform, database: Database, link: Link, *, made: bool) -> None:
    async with p.store.begin() as conn:
        remote = await database_rows.find(conn, link.remote_id)
    if remote is None or remote.state is State.DESTROYED:
        await _gone(p, database, link)
        return
    problem = None
    try:
        if made:
            async with _open(p, database) as session:
                await links.connect(session, await _lead(p, database, link, remote))
        else:
            await _make(p, database, link, remote)
    except errors.HatobaError as error:
        problem = error.message
        log.warning("link is not in force", link=str(link.id), why=problem)
    async with p.store.begin() as conn:
        await rows.update(conn, link.id, problem=problem)


async def _gone(p: Platform, database: Database, link: Link) -> None:
    async with _open(p, database) as session:
        await links.drop(session, link.name)
    await _forget(p, link)
    async with p.store.begin() as conn:
        addon = await addon_rows.find(conn, str(database.id))
    if addon is not None:
        said = f"The link {link.name} of {addon.name} is gone with the database that it led to"
        p.logs.platform(addon.app_id, "postgres", said)


async def _forget(p: Platform, link: Link) -> None:
    async with p.store.begin() as conn:
        await rows.delete(conn, link.id)


async def carry_over(p: Platform, database: Database, copy: Database) -> None:
    """Give a database on the same server the links of this one, as they are in it."""
    async with p.store.begin() as conn:
        noted = await rows.of(conn, database.id)
        pairs = [(link, await database_rows.find(conn, link.remote_id)) for link in noted]
    for link, remote in pairs:
        if remote is not None and link.problem is None:
            lead = await _lead(p, database, link, remote)
            async with _open(p, database) as source, _open(p, copy) as target:
                await links.clone(source, target, lead)
