"""Emptying a database, and taking the content back that it had."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from hatoba import errors
from hatoba.addons.postgres import admin
from hatoba.control import backups, databases_links
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Platform
from hatoba.model import database as rules
from hatoba.model.database import TRASH_DAYS, Database, TrashedDatabase
from hatoba.store import databases as rows

# Those that can be created after a reset by name; each is harmless to the server's others.
_EXTENSION = re.compile(r"[a-z][a-z0-9_-]{0,62}")


async def reset(p: Platform, database: Database, extensions: tuple[str, ...] = ()) -> None:
    """Empty a database; its content is kept, whole, for 7 days.

    Raises InvalidParams for an extension that there isn't, Conflict for a follower.
    """
    if database.following is not None:
        raise errors.Conflict("A follower can't be reset: heroku pg:unfollow it first.")
    await _check(p, database, extensions)
    await backups.before_loss(p, database.id)
    await _set_aside(p, database)
    owner = await credentials.default(p, database)
    await admin.make(p.databases, database, owner)
    for credential in await credentials.listed(p, database):
        if credential.name != owner.name:
            await admin.add_credential(p.databases, database, owner, credential)
    await admin.create_extensions(p.databases, database, extensions)
    await databases_links.settle(p, database)


async def _check(p: Platform, database: Database, extensions: tuple[str, ...]) -> None:
    installed = (await p.databases.installed())[database.server.major].extensions
    for name in extensions:
        if not _EXTENSION.fullmatch(name) or name not in installed:
            raise errors.InvalidParams(f"The extension {name} is not available.")


async def _set_aside(p: Platform, database: Database) -> None:
    entry = TrashedDatabase(uuid4(), database.id, rules.new_name("trash_"), p.clock.now())
    async with p.store.begin() as conn:
        await rows.insert_trash(conn, entry)
    async with p.databases.session(database.server) as session:
        await admin.set_aside(session, database.name, entry.name)


async def kept(p: Platform, database: Database) -> list[TrashedDatabase]:
    """Return the contents that can be taken back, the newest first."""
    async with p.store.begin() as conn:
        return await rows.trash(conn, database.id)


async def take_back(p: Platform, database: Database, identity: str) -> TrashedDatabase:
    """Give a database the content that it had; the present one is kept in its place.

    ``identity`` is an entry's id, or ``latest``. Raises NotFound.
    """
    there = await kept(p, database)
    chosen = [e for e in there if identity == str(e.id)]
    if identity == "latest":
        chosen = there[:1]
    if not chosen:
        raise errors.NotFound("There is no such content in the trash.", resource="trash")
    await _set_aside(p, database)
    async with p.databases.session(database.server) as session:
        await admin.take_back(session, chosen[0].name, database.name)
    async with p.store.begin() as conn:
        await rows.delete_trash(conn, chosen[0].id)
    await databases_links.settle(p, database)
    return chosen[0]


async def purge(p: Platform) -> None:
    """Drop what was set aside more than 7 days ago."""
    oldest = p.clock.now() - timedelta(days=TRASH_DAYS)
    async with p.store.begin() as conn:
        over = [e for e in await rows.trash(conn) if e.created_at < oldest]
        found = [(entry, await rows.find(conn, entry.database_id)) for entry in over]
    for entry, database in found:
        if database is None:
            continue
        async with p.databases.session(database.server) as session:
            await admin.drop(session, entry.name)
        async with p.store.begin() as conn:
            await rows.delete_trash(conn, entry.id)
