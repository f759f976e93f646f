"""Followers: databases that follow no more."""

from __future__ import annotations

from dataclasses import replace

from hatoba import errors
from hatoba.addons.postgres import admin
from hatoba.control import databases_links
from hatoba.control.platform import Platform
from hatoba.model.database import Database
from hatoba.store import databases as rows


async def unfollow(p: Platform, database: Database) -> Database:
    """Have a follower follow no more and take writes. Raises Conflict when it follows nobody."""
    if database.following is None:
        raise errors.Conflict("The database is not following another one.")
    await p.databases.promote(database.server)
    async with p.databases.session(database.server) as conn:
        await admin.limit(conn, database)
    async with p.store.begin() as conn:
        await rows.update(conn, database.id, following=None, forked_from=database.following)
        await databases_links.adopt(conn, database.following, database.id)
    free = replace(database, following=None, forked_from=database.following)
    await databases_links.settle(p, free)
    return free
