"""A server's parameters changed while it runs, without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import psycopg
from psycopg import sql

from hatoba import errors

_RELOAD_SECONDS = 5.0
_POLL_SECONDS = 0.02
_NOW = "SELECT name, setting FROM pg_file_settings WHERE name = ANY(%s) ORDER BY seqno"


async def put(conn: psycopg.AsyncConnection, wanted: Mapping[str, str]) -> None:
    """Have the server use these parameters, in open sessions too where it can. Idempotent.

    Raises Unavailable when the server does not take them.
    """
    there = await _written(conn, list(wanted))
    changed = {name: value for name, value in wanted.items() if there.get(name, "") != value}
    if not changed:
        return
    for library in {name.partition(".")[0] for name in changed if "." in name}:
        # A library's parameters are unknown to a session that has not loaded it.
        await conn.execute(sql.SQL("LOAD {}").format(sql.Literal(library)))
    for name, value in changed.items():
        parameter = sql.SQL(".").join(sql.Identifier(part) for part in name.split("."))
        # An empty text in a list of libraries would be the library with the empty name.
        query = "ALTER SYSTEM SET {} = {}" if value else "ALTER SYSTEM RESET {}"
        await conn.execute(sql.SQL(query).format(parameter, sql.Literal(value)))
    await _reload(conn)


async def _written(conn: psycopg.AsyncConnection, names: list[str]) -> dict[str, str]:
    found = await conn.execute(_NOW, (names,))
    return {str(name): str(value) for name, value in await found.fetchall()}


async def _reload(conn: psycopg.AsyncConnection) -> None:
    """Wait until the server has read its parameters again: it does so by itself, but later."""
    before = await _loaded_at(conn)
    await conn.execute("SELECT pg_reload_conf()")
    deadline = asyncio.get_running_loop().time() + _RELOAD_SECONDS
    while await _loaded_at(conn) == before:
        if asyncio.get_running_loop().time() > deadline:
            raise errors.Unavailable("The server did not read its settings again; try again.")
        await asyncio.sleep(_POLL_SECONDS)


async def _loaded_at(conn: psycopg.AsyncConnection) -> object:
    row = await (await conn.execute("SELECT pg_conf_load_time()")).fetchone()
    return row[0] if row else None
