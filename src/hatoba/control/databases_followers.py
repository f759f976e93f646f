"""Followers of a database that went to another version of Postgres: copied from it anew.

A follower can't read the log of another version. It keeps its port, and so its URL; what it had
is the leader's, and goes.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid5

import structlog

from hatoba import errors
from hatoba.control import databases_settings
from hatoba.control.platform import Platform
from hatoba.model.database import Database, DatabaseServer, State
from hatoba.store import databases as rows

log = structlog.get_logger("followers")


async def look_after(p: Platform, leader: Database) -> None:
    """Have a durable job copy the followers that are not on their leader's version."""
    async with p.store.begin() as conn:
        followers = await rows.followers(conn, leader.id)
        if any(one.server.major != leader.server.major for one in followers):
            await p.jobs.followers(conn, leader.id)


async def carry_out(p: Platform, leader_id: UUID) -> None:
    """Do that job; one whose leader is being worked on is asked for again later."""
    async with p.store.begin() as conn:
        leader = await rows.find(conn, leader_id)
    if leader is not None and leader.state is State.AVAILABLE:
        await bring_up(p, leader)


async def bring_up(p: Platform, leader: Database) -> None:
    """Have all followers be on the leader's version. Idempotent.

    One that can't be copied now stays as it was, and is tried again when databases are looked at.
    """
    async with p.store.begin() as conn:
        followers = await rows.followers(conn, leader.id)
    for follower in followers:
        if follower.server.major != leader.server.major:
            try:
                await _copy_anew(p, leader, follower)
            except errors.HatobaError as error:
                log.warning("follower is behind", database=str(follower.id), why=error.message)


async def _copy_anew(p: Platform, leader: Database, follower: Database) -> None:
    old, made = follower.server, await _place(p, leader, follower)
    await p.databases.copy(leader.server, made, follow=True)
    await p.databases.remove(old)
    async with p.store.begin() as conn:
        await rows.update(conn, follower.id, server_id=made.id)
        await rows.delete_server(conn, old.id)
        await rows.update_server(conn, made.id, port=old.port)
    await p.databases.stop(made)
    moved = replace(follower, server=replace(made, port=old.port))
    await p.databases.start(moved.server)
    await databases_settings.put_in_force(p, moved)


async def _place(p: Platform, leader: Database, follower: Database) -> DatabaseServer:
    """Return the server that a follower gets, noted so that its port is its own."""
    made_id = uuid5(follower.id, str(leader.server.id))
    async with p.store.begin() as conn:
        await rows.choosing(conn)
        for one in await rows.servers(conn):
            if one.id == made_id:
                return one
        port = await p.databases.free_port(await rows.ports(conn), p.place.port)
        made = DatabaseServer(made_id, False, port, leader.server.major)
        await rows.insert_server(conn, made)
    return made
