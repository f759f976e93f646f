"""Queries about how tables, indexes and statements are used."""

from __future__ import annotations

from hatoba.cli.queries.base import LIMIT, Query

# The columns of pg_stat_statements that name block times were renamed in Postgres 17.
_STATEMENTS = """
SELECT interval '1 millisecond' * s.total_exec_time AS total_exec_time,
       round((s.total_exec_time / sum(s.total_exec_time) OVER () * 100)::numeric, 1) || '%'
         AS prop_exec_time,
       s.calls AS ncalls,
       interval '1 millisecond' * (
         coalesce((j ->> 'shared_blk_read_time')::float, (j ->> 'blk_read_time')::float, 0)
         + coalesce((j ->> 'shared_blk_write_time')::float, (j ->> 'blk_write_time')::float, 0)
       ) AS sync_io_time,
       s.query AS query
FROM pg_stat_statements s CROSS JOIN LATERAL to_jsonb(s) AS j
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND s.userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
ORDER BY {order} DESC {limit}
"""

USE = (
    Query(
        "pg:outliers",
        "Show the ten statements that took the most time.",
        _STATEMENTS.format(order="s.total_exec_time", limit=LIMIT),
        statement="s.query",
    ),
    Query(
        "pg:calls",
        "Show the ten statements that were called most often.",
        _STATEMENTS.format(order="s.calls", limit=LIMIT),
        statement="s.query",
    ),
    Query(
        "pg:cache-hit",
        "Show how often tables and indexes were read from memory.",
        """
SELECT 'index hit rate' AS name,
       sum(idx_blks_hit) / nullif(sum(idx_blks_hit + idx_blks_read), 0) AS ratio
FROM pg_statio_user_indexes
UNION ALL
SELECT 'table hit rate', sum(heap_blks_hit) / nullif(sum(heap_blks_hit + heap_blks_read), 0)
FROM pg_statio_user_tables
""",
    ),
    Query(
        "pg:index-usage",
        "Show how often each table was read by an index.",
        """
SELECT relname,
       CASE WHEN coalesce(idx_scan, 0) + seq_scan = 0 OR coalesce(idx_scan, 0) = 0
            THEN 'Insufficient data'
            ELSE (100 * idx_scan / (seq_scan + idx_scan))::text
       END AS percent_of_times_index_used,
       n_live_tup AS rows_in_table
FROM pg_stat_user_tables ORDER BY n_live_tup DESC, relname
""",
    ),
    Query(
        "pg:unused-indexes",
        "Show indexes that are hardly used.",
        """
SELECT s.schemaname || '.' || s.relname AS "table", s.indexrelname AS index,
       pg_size_pretty(pg_relation_size(i.indexrelid)) AS index_size, s.idx_scan AS index_scans
FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)
WHERE NOT i.indisunique AND s.idx_scan < 50 AND pg_relation_size(s.relid) > 5 * 8192
ORDER BY pg_relation_size(i.indexrelid) DESC
""",
    ),
    Query(
        "pg:seq-scans",
        "Show how often each table was read from end to end.",
        """
SELECT relname AS name, seq_scan AS count
FROM pg_stat_user_tables ORDER BY seq_scan DESC, name
""",
    ),
    Query(
        "pg:vacuum-stats",
        "Show when tables were vacuumed, and their dead rows.",
        """
SELECT schemaname AS schema, relname AS "table", last_vacuum, last_autovacuum,
       n_live_tup AS rowcount, n_dead_tup AS dead_rowcount
FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, relname
""",
    ),
    Query(
        "pg:extensions",
        "Show the extensions that there are and those that are installed.",
        """
SELECT name, default_version, installed_version, comment
FROM pg_available_extensions
WHERE name = ANY (string_to_array(current_setting('extwlist.extensions', true), ','))
ORDER BY name
""",
    ),
)
