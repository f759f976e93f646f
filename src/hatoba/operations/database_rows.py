"""A database anywhere, looked at over a connection of one's own: is it there, empty, the same?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import conninfo

from hatoba.client.errors import ClientError

if TYPE_CHECKING:
    import psycopg

_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Moment:
    """A database at one moment: a snapshot that pg_dump can be told, rows by table, version."""

    snapshot: str
    rows: Mapping[str, int]
    version: int


@contextmanager
def moment(url: str) -> Iterator[Moment]:
    """Hold one moment of a database while the block lasts. Raises ClientError."""
    with _connection(url) as conn:
        conn.execute("SET default_transaction_isolation = 'repeatable read'")
        with conn.transaction():
            row = conn.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = str(row[0]) if row else ""
            yield Moment(snapshot, _counted(conn), conn.info.server_version)


def counted(url: str) -> Mapping[str, int]:
    """Return how many rows each table has. Raises ClientError."""
    with moment(url) as now:
        return now.rows


def exists(url: str) -> bool:
    """Tell whether a database is there. Raises ClientError when its server is not."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10):
            return True
    except psycopg.OperationalError as error:
        if "does not exist" in str(error) and "role" not in str(error):
            return False
        raise ClientError(_line(error)) from None


def create(url: str) -> None:
    """Make a database on its server. Raises ClientError."""
    from psycopg import sql

    name = str(conninfo.conninfo_to_dict(url)["dbname"])
    with _connection(conninfo.make_conninfo(url, dbname="postgres")) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def drop(url: str) -> None:
    """Drop a database that was made by ``create``. Raises ClientError."""
    from psycopg import sql

    name = str(conninfo.conninfo_to_dict(url)["dbname"])
    with _connection(conninfo.make_conninfo(url, dbname="postgres")) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def _connection(url: str) -> Iterator[psycopg.Connection]:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10, autocommit=True) as conn:
            yield conn
    except psycopg.Error as error:
        raise ClientError(_line(error)) from None


def _counted(conn: psycopg.Connection) -> dict[str, int]:
    from psycopg import sql

    found = {}
    for schema, table in conn.execute(_TABLES.encode()).fetchall():
        name = sql.Identifier(str(schema), str(table))
        row = conn.execute(sql.SQL("SELECT count(*) FROM ONLY {}").format(name)).fetchone()
        found[f"{schema}.{table}"] = int(row[0]) if row else 0
    return found


def _line(error: Exception) -> str:
    """Return the first line of what the server said; it never has the password in it."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
