"""Queries that need more than to be printed."""

from __future__ import annotations

MANDELBROT = """
WITH RECURSIVE plane (row, col, cx, cy) AS (
  SELECT row, col, -2.2 + 0.031 * col, -1.5 + 0.031 * row
  FROM generate_series(0, 101) AS row, generate_series(0, 101) AS col
), walk (row, col, cx, cy, x, y, step) AS (
  SELECT row, col, cx::float, cy::float, cx::float, cy::float, 0 FROM plane
  UNION ALL
  SELECT row, col, cx, cy, x * x - y * y + cx, 2 * x * y + cy, step + 1
  FROM walk WHERE x * x + y * y < 16 AND step < 100
), far (row, col, step) AS (
  SELECT row, col, max(step) FROM walk GROUP BY row, col
)
SELECT string_agg(
  substring(' .,,,-----++++%%%%@@@@#### ', least(greatest(step, 1), 27), 1), '' ORDER BY col
) FROM far GROUP BY row ORDER BY row
"""

FOREIGN_TABLES = """
SELECT format('CREATE FOREIGN TABLE %I (%s) SERVER :prefix_db OPTIONS '
              || '(schema_name %L, table_name %L);', ':prefix_' || c.relname,
              string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
                         ORDER BY a.attnum), n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                   AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname
"""
