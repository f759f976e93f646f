"""Queries about sessions and locks."""

from __future__ import annotations

from hatoba.cli.queries.base import Query

_PS = """
SELECT pid, state, application_name AS source, usename AS username,
       age(now(), xact_start) AS running_for, xact_start AS transaction_start,
       wait_event IS NOT NULL AS waiting, query
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND query <> '<insufficient privilege>' AND {which}
ORDER BY query_start DESC
"""

SESSIONS = (
    Query("pg:ps", "Show the queries that run now.", _PS.format(which="state <> 'idle'")),
    Query("pg:ps:verbose", "Show all sessions, idle ones too.", _PS.format(which="true")),
    Query(
        "pg:locks",
        "Show queries that hold an exclusive lock.",
        """
SELECT a.pid, l.relation::regclass AS relname, l.transactionid, l.granted,
       a.query AS query_snippet, age(now(), a.query_start) AS age
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.mode = 'ExclusiveLock' AND a.datname = current_database() AND pid <> pg_backend_pid()
ORDER BY a.query_start
""",
        statement="a.query",
    ),
    Query(
        "pg:blocking",
        "Show queries that hold locks which others wait for.",
        """
SELECT blocked.pid AS blocked_pid, blocking.query AS blocking_statement,
       now() - blocking.query_start AS blocking_duration, blocking.pid AS blocking_pid,
       blocked.query AS blocked_statement, now() - blocked.query_start AS blocked_duration
FROM pg_stat_activity blocked
CROSS JOIN LATERAL unnest(pg_blocking_pids(blocked.pid)) AS by_pid
JOIN pg_stat_activity blocking ON blocking.pid = by_pid
WHERE blocked.datname = current_database()
""",
    ),
    Query(
        "pg:long-running-queries",
        "Show queries that have run for more than five minutes.",
        """
SELECT pid, now() - query_start AS duration, query
FROM pg_stat_activity
WHERE datname = current_database() AND state <> 'idle' AND query <> ''
  AND now() - query_start > interval '5 minutes'
ORDER BY duration DESC
""",
    ),
    Query(
        "pg:user-connections",
        "Show how many sessions each credential has.",
        """
SELECT usename AS credential, count(*) AS connections
FROM pg_stat_activity
WHERE datname = current_database() AND usename IS NOT NULL
GROUP BY usename ORDER BY connections DESC, credential
""",
    ),
)
