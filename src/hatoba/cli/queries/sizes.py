"""Queries about how much room things take."""

from __future__ import annotations

from hatoba.cli.queries.base import OWN_TABLES, Query


def _relations(columns: str, kinds: str, order: str) -> str:
    return f"""
SELECT {columns}
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OWN_TABLES} AND c.relkind IN ({kinds})
{order}
"""  # noqa: S608 made of constants


# What Postgres' statistics say a table's rows need, against the pages that it has.
_BLOAT = f"""
WITH needed AS (
  SELECT c.oid, n.nspname AS schemaname, c.relname AS object_name,
         pg_relation_size(c.oid) AS bytes,
         ceil(c.reltuples * (28 + sum((1 - s.null_frac) * s.avg_width)) / 8168) * 8192 AS wanted
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
  WHERE c.relkind = 'r' AND c.reltuples > 0 AND {OWN_TABLES}
  GROUP BY c.oid, n.nspname, c.relname, c.reltuples
)
SELECT 'table' AS type, schemaname, object_name,
       round((bytes / greatest(wanted, 8192))::numeric, 1) AS bloat,
       pg_size_pretty(greatest(bytes - wanted, 0)::bigint) AS waste
FROM needed ORDER BY greatest(bytes - wanted, 0) DESC, object_name
"""  # noqa: S608 made of constants

SIZES = (
    Query("pg:bloat", "Show how much room tables waste, by the statistics.", _BLOAT),
    Query(
        "pg:table-size",
        "Show the tables' sizes, without their indexes.",
        _relations(
            "c.relname AS name, pg_size_pretty(pg_table_size(c.oid)) AS size",
            "'r', 'm'",
            "ORDER BY pg_table_size(c.oid) DESC, name",
        ),
    ),
    Query(
        "pg:total-table-size",
        "Show the tables' sizes with their indexes.",
        _relations(
            "c.relname AS name, pg_size_pretty(pg_total_relation_size(c.oid)) AS size",
            "'r', 'm'",
            "ORDER BY pg_total_relation_size(c.oid) DESC, name",
        ),
    ),
    Query(
        "pg:table-indexes-size",
        "Show the size of each table's indexes together.",
        _relations(
            'c.relname AS "table", pg_size_pretty(pg_indexes_size(c.oid)) AS index_size',
            "'r', 'm'",
            'ORDER BY pg_indexes_size(c.oid) DESC, "table"',
        ),
    ),
    Query(
        "pg:index-size",
        "Show the indexes' sizes.",
        _relations(
            "c.relname AS name, pg_size_pretty(pg_relation_size(c.oid)) AS size",
            "'i'",
            "ORDER BY pg_relation_size(c.oid) DESC, name",
        ),
    ),
    Query(
        "pg:total-index-size",
        "Show the size of all indexes together.",
        _relations("pg_size_pretty(coalesce(sum(pg_relation_size(c.oid)), 0)) AS size", "'i'", ""),
    ),
    Query(
        "pg:records-rank",
        "Show the tables by their estimated number of rows.",
        """
SELECT relname AS name, n_live_tup AS estimated_count
FROM pg_stat_user_tables ORDER BY n_live_tup DESC, name
""",
    ),
)
