"""What may be wrong with a database, asked of its server: one query a check.

Each gives the rows that are worth a look; none means that all is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

from hatoba.addons.postgres.servers import Servers
from hatoba.model.database import Database

Row = Mapping[str, str]
_SESSIONS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class Check:
    """A check and how it went: green, yellow or red, with what was found."""

    name: str
    status: str
    results: tuple[Row, ...]


@dataclass(frozen=True)
class _Question:
    """A query; ``status`` is how bad it is when it finds something."""

    name: str
    status: str
    sql: str


_QUESTIONS = (
    _Question(
        "Connection Count",
        "red",
        "SELECT count(*) AS connections, d.datconnlimit AS limit FROM pg_stat_activity a "
        "JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper "
        "JOIN pg_database d ON d.oid = a.datid WHERE d.datname = current_database() "
        "GROUP BY d.datconnlimit HAVING d.datconnlimit > 0 AND count(*) > d.datconnlimit * 0.8",
    ),
    _Question(
        "Long Queries",
        "red",
        f"SELECT pid, now() - query_start AS duration, left(query, 100) AS query {_SESSIONS} "
        "AND state = 'active' AND now() - query_start > interval '1 minute'",
    ),
    _Question(
        "Long Transactions",
        "red",
        f"SELECT pid, now() - xact_start AS duration {_SESSIONS} "
        "AND backend_type = 'client backend' AND now() - xact_start > interval '5 minutes'",
    ),
    _Question(
        "Idle in Transaction",
        "red",
        f"SELECT pid, now() - state_change AS duration {_SESSIONS} "
        "AND state LIKE 'idle in transaction%' AND now() - state_change > interval '1 minute'",
    ),
    _Question(
        "Blocking Queries",
        "red",
        f"SELECT pid AS blocked_pid, pg_blocking_pids(pid)::text AS blocking_pids {_SESSIONS} "
        "AND cardinality(pg_blocking_pids(pid)) > 0",
    ),
    _Question(
        "Indexes",
        "yellow",
        "SELECT s.relname AS table, s.indexrelname AS index, 'hardly used' AS reason, "
        "pg_size_pretty(pg_relation_size(s.indexrelid)) AS size FROM pg_stat_user_indexes s "
        "JOIN pg_index i USING (indexrelid) WHERE NOT i.indisunique AND s.idx_scan < 50 "
        "AND pg_relation_size(s.indexrelid) > 1048576 UNION ALL "
        "SELECT c.relname, x.relname, 'invalid', pg_size_pretty(pg_relation_size(x.oid)) "
        "FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid "
        "JOIN pg_class c ON c.oid = i.indrelid WHERE NOT i.indisvalid",
    ),
    _Question(
        "Bloat",
        "red",
        "SELECT schemaname AS schema, relname AS table, n_dead_tup AS dead_rows, "
        "n_live_tup AS live_rows FROM pg_stat_user_tables "
        "WHERE n_dead_tup > 10000 AND n_dead_tup > n_live_tup * 0.5",
    ),
    _Question(
        "Hit Rate",
        "red",
        "SELECT name, round(ratio, 4) AS ratio FROM (SELECT 'overall index hit rate' AS name, "
        "sum(idx_blks_hit) / nullif(sum(idx_blks_hit + idx_blks_read), 0) AS ratio, "
        "sum(idx_blks_hit + idx_blks_read) AS read FROM pg_statio_user_indexes UNION ALL "
        "SELECT 'overall cache hit rate', sum(heap_blks_hit) / "
        "nullif(sum(heap_blks_hit + heap_blks_read), 0), sum(heap_blks_hit + heap_blks_read) "
        "FROM pg_statio_user_tables) s WHERE read > 10000 AND ratio < 0.99",
    ),
    _Question(
        "Sequences",
        "red",
        "SELECT schemaname AS schema, sequencename AS sequence, "
        "round(last_value * 100.0 / max_value, 1) AS percent_used FROM pg_sequences "
        "WHERE last_value > max_value * 0.75",
    ),
    _Question(
        "Transaction ID Wraparound",
        "red",
        "SELECT datname AS database, age(datfrozenxid) AS age FROM pg_database "
        "WHERE datname = current_database() AND age(datfrozenxid) > 1000000000",
    ),
    _Question(
        "Schema Count",
        "yellow",
        "SELECT count(DISTINCT schemaname) AS schemas FROM pg_tables "
        "WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' "
        "HAVING count(DISTINCT schemaname) > 50",
    ),
    _Question(
        "Statistics",
        "yellow",
        "SELECT schemaname AS schema, relname AS table, n_live_tup AS rows "
        "FROM pg_stat_user_tables WHERE n_live_tup > 1000 AND last_analyze IS NULL "
        "AND last_autoanalyze IS NULL",
    ),
)


async def examine(servers: Servers, database: Database) -> list[Check]:
    """Make every check. Raises Unavailable while the server is away."""
    async with servers.session(database.server, database.name) as conn:
        await conn.execute("SET statement_timeout = '20s'")
        return [await _ask(conn, question) for question in _QUESTIONS]


async def _ask(conn: psycopg.AsyncConnection, question: _Question) -> Check:
    try:
        async with conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(question.sql.encode())
            found = await cursor.fetchall()
    except psycopg.Error as error:
        # A check that can't be made is said, and does not keep the others from being made.
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        return Check(question.name, "skipped", ({"reason": reason},))
    rows = tuple({name: str(value) for name, value in row.items()} for row in found)
    return Check(question.name, question.status if rows else "green", rows)
