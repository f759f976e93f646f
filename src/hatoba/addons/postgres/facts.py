"""What a server tells about a database: its size, tables, sessions and version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import psycopg
from psycopg.rows import dict_row

from hatoba.addons.postgres.installations import version_in
from hatoba.addons.postgres.servers import Servers
from hatoba.model.database import Database, DatabaseView

SessionCount = Mapping[str, int]

_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
)

# The platform's own sessions are not counted.
_SAMPLES = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS current_transaction,
  pg_database_size(%(name)s) || 'bytes' AS db_size,
  NULL AS tables,
  count(*) FILTER (WHERE a.state IS NOT NULL) AS "active-connections",
  count(*) FILTER (WHERE a.wait_event_type = 'Lock') AS "waiting-connections",
  (SELECT round(sum(idx_blks_hit) / nullif(sum(idx_blks_hit + idx_blks_read), 0), 5)
     FROM pg_statio_user_indexes) AS "index-cache-hit-rate",
  (SELECT round(sum(heap_blks_hit) / nullif(sum(heap_blks_hit + heap_blks_read), 0), 5)
     FROM pg_statio_user_tables) AS "table-cache-hit-rate"
FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
WHERE a.datname = %(name)s
"""


async def of(servers: Servers, database: Database) -> DatabaseView:
    """Look at a database. Raises Unavailable while its server is away."""
    async with servers.session(database.server, database.name) as conn:
        return DatabaseView(
            version=version_in(str(await _one(conn, "SHOW server_version"))),
            size_bytes=await size(conn, database.name),
            tables=_int(await _one(conn, _TABLES)),
            connections=sum((await sessions(conn, database.name)).values()),
            behind=await _behind(conn),
        )


async def size(conn: psycopg.AsyncConnection, name: str) -> int:
    """Return how many bytes a database takes."""
    found = await conn.execute("SELECT pg_database_size(%s)", (name,))
    row = await found.fetchone()
    return int(row[0]) if row else 0


async def sessions(conn: psycopg.AsyncConnection, name: str) -> SessionCount:
    """Return how many sessions each role has on a database, the platform's own not counted."""
    found = await conn.execute(
        "SELECT a.usename, count(*) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid "
        "WHERE a.datname = %s AND NOT r.rolsuper GROUP BY a.usename",
        (name,),
    )
    return {str(role): int(count) for role, count in await found.fetchall()}


async def samples(servers: Servers, database: Database) -> dict[str, str]:
    """Return what is measured of a database, by Heroku's names. Raises Unavailable."""
    async with (
        servers.session(database.server, database.name) as conn,
        conn.cursor(row_factory=dict_row) as cursor,
    ):
        await cursor.execute(_SAMPLES, {"name": database.name})
        row = await cursor.fetchone() or {}
        row["tables"] = await _one(conn, _TABLES)
    return {name: str(value) for name, value in row.items() if value is not None}


async def _behind(conn: psycopg.AsyncConnection) -> timedelta | None:
    if not await _one(conn, "SELECT pg_is_in_recovery()"):
        return None
    # A leader that nothing is written to makes nothing to be behind of.
    late = await _one(
        conn,
        "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN interval '0' "
        "ELSE coalesce(now() - pg_last_xact_replay_timestamp(), interval '0') END",
    )
    return late if isinstance(late, timedelta) else timedelta()


async def _one(conn: psycopg.AsyncConnection, query: str) -> object:
    row = await (await conn.execute(query.encode())).fetchone()
    return row[0] if row else None


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
