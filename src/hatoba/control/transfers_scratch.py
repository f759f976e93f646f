"""Scratch databases, in which dumps prove that they are good, and which nobody else sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

from hatoba.addons.postgres import admin
from hatoba.control import databases, databases_links
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Platform
from hatoba.model.database import Database
from hatoba.store import backups as rows
from hatoba.store import databases as database_rows


@asynccontextmanager
async def beside(p: Platform, database: Database, transfer_id: UUID) -> AsyncIterator[Database]:
    """Make an empty database beside the one that is meant; it is dropped in the end.

    A follower's server takes none, so it is beside its leader. One that an earlier attempt of
    the transfer left goes first.
    """
    database = (await databases.around(p, database)).leader or database
    made = replace(database, name=_name(transfer_id))
    owner = await credentials.default(p, database)
    async with p.databases.session(database.server) as session:
        await admin.drop(session, made.name)
    try:
        await admin.make(p.databases, made, owner)
        # Views can read over links, which are not in the dump.
        await databases_links.carry_over(p, database, made)
        yield made
    finally:
        async with p.databases.session(database.server) as session:
            await admin.drop(session, made.name)


async def sweep(p: Platform) -> None:
    """Drop scratch databases that a killed platform left behind."""
    async with p.store.begin() as conn:
        used = {_name(one.id) for one in await rows.active(conn)}
        servers = {
            d.server.id: d.server for d in await database_rows.living(conn) if d.following is None
        }
    for server in servers.values():
        async with p.databases.session(server) as session:
            found = await session.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", ("scratch\\_%",)
            )
            for (name,) in await found.fetchall():
                if name not in used:
                    await admin.drop(session, str(name))


def _name(transfer_id: UUID) -> str:
    return f"scratch_{transfer_id.hex}"
