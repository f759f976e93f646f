"""Tables and rows, counted in one moment of a database, and two counts compared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

Counts = dict[str, int]
Connection = psycopg.AsyncConnection[tuple[object, ...]]

# Tables as pg_dump sees them: partitions one by one, without what belongs to an extension.
_TABLES = """
SELECT n.nspname, c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass
                    AND d.objid = n.oid AND d.deptype = 'e')
 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Moment:
    """A database as it is at one moment, which pg_dump can be told to see too."""

    snapshot: str
    counts: Counts
    bytes: int


async def connect(url: str) -> Connection:
    """Connect within 10 s. Raises psycopg.Error."""
    return await psycopg.AsyncConnection.connect(url, connect_timeout=10, autocommit=True)


@asynccontextmanager
async def moment(url: str) -> AsyncIterator[Moment]:
    """Hold one moment of a database for as long as the block lasts."""
    conn = await connect(url)
    try:
        await conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        await conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        await conn.execute("SET LOCAL statement_timeout = 0")
        row = await _one(
            conn, "SELECT pg_export_snapshot(), pg_database_size(current_database())::bigint"
        )
        yield Moment(str(row[0]), await _counted(conn), int(str(row[1])))
    finally:
        await conn.close()


async def count(url: str) -> Counts:
    """Count the rows of every table."""
    async with moment(url) as now:
        return now.counts


async def server_version(url: str) -> int:
    """Return the server's version as a number: 180003 for 18.3."""
    conn = await connect(url)
    try:
        return conn.info.server_version
    finally:
        await conn.close()


async def _counted(conn: Connection) -> Counts:
    await conn.execute("SET LOCAL row_security = off")
    tables = await (await conn.execute(_TABLES)).fetchall()
    found: Counts = {}
    for schema, table in tables:
        name = sql.Identifier(str(schema), str(table))
        cursor = await conn.execute(sql.SQL("SELECT count(*) FROM ONLY {}").format(name))
        row = await cursor.fetchone()
        found[f"{schema}.{table}"] = int(str(row[0])) if row else 0
    return found


async def _one(conn: Connection, query: str) -> tuple[object, ...]:
    row = await (await conn.execute(query.encode())).fetchone()
    if row is None:
        raise psycopg.DataError("A query that always has an answer had none.")
    return row


def differences(wanted: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Say in a line each what two counts differ in; none when they are the same."""
    lines = []
    for name in sorted({*wanted, *found}):
        if name not in found:
            lines.append(f"{name} is missing")
        elif name not in wanted:
            lines.append(f"{name} is there too")
        elif wanted[name] != found[name]:
            lines.append(f"{name} has {found[name]:,} rows instead of {wanted[name]:,}")
    return lines
