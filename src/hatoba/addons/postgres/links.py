"""Links inside a database: a schema of foreign tables, over postgres_fdw.

All of it is the platform's own, and belongs to the extension: so neither a backup nor the
customer's pg_dump has it, and the customer, whose statements go over the link, can't read the
password that it connects by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from hatoba import errors
from hatoba.model.database import HOST, Credential, Database

Session = psycopg.AsyncConnection
# It tells the platform's servers from those that somebody else made.
_KIND = "hatoba-link"
# What runs here runs with every right: nothing but Postgres' own functions may be found. The
# password must not be seen by those who may look at what others do.
_CAREFUL = (
    "SET LOCAL search_path = pg_catalog, pg_temp",
    "SET LOCAL pg_stat_statements.track = 'none'",
    "SET LOCAL auto_explain.log_min_duration = -1",
    "SET LOCAL log_min_messages = panic",
    "SET LOCAL statement_timeout = '60s'",
)

# Tables and views whose columns have types that every database knows.
_IMPORTABLE = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = to_regnamespace('public')
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
   AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                     LEFT JOIN pg_collation l ON l.oid = a.attcollation
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND (t.typnamespace <> 'pg_catalog'::regnamespace
                           OR l.collnamespace <> 'pg_catalog'::regnamespace))
 ORDER BY 1
"""

_THERE = "SELECT srvname FROM pg_foreign_server WHERE srvtype = %s"
_TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace = to_regnamespace(quote_ident(%s)) AND relkind = 'f' ORDER BY 1
"""

_DEFINITIONS = """
SELECT format('CREATE FOREIGN TABLE %%I.%%I (%%s) SERVER %%I OPTIONS (%%s)', n.nspname, c.relname,
         coalesce(columns.text, ''), s.srvname, options.text)
  FROM pg_foreign_table f
  JOIN pg_class c ON c.oid = f.ftrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_foreign_server s ON s.oid = f.ftserver,
  LATERAL (SELECT string_agg(format('%%I %%s%%s', a.attname,
                    format_type(a.atttypid, a.atttypmod),
                    (SELECT format(' OPTIONS (%%s)',
                              string_agg(format('%%I %%L', option_name, option_value), ', '))
                       FROM pg_options_to_table(a.attfdwoptions) HAVING count(*) > 0)),
                  ', ' ORDER BY a.attnum) AS text
             FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  LATERAL (SELECT string_agg(format('%%I %%L', option_name, option_value), ', ') AS text
             FROM pg_options_to_table(f.ftoptions)) AS options
 WHERE s.srvname = %s
"""

_MAP = """
DO $hatoba$
BEGIN
  EXECUTE format('DROP USER MAPPING IF EXISTS FOR PUBLIC SERVER %I',
    current_setting('hatoba.link'));
  EXECUTE format('CREATE USER MAPPING FOR PUBLIC SERVER %I OPTIONS (user %L, password %L)',
    current_setting('hatoba.link'), current_setting('hatoba.user'),
    current_setting('hatoba.password'));
END
$hatoba$
"""

_OWN_SCHEMA = sql.SQL("ALTER EXTENSION postgres_fdw ADD SCHEMA {}")
_OWN_SERVER = sql.SQL("ALTER EXTENSION postgres_fdw ADD SERVER {}")
_OWN_TABLE = sql.SQL("ALTER EXTENSION postgres_fdw ADD FOREIGN TABLE {}")
_DISOWN_SCHEMA = sql.SQL("ALTER EXTENSION postgres_fdw DROP SCHEMA {}")
_DISOWN_SERVER = sql.SQL("ALTER EXTENSION postgres_fdw DROP SERVER {}")
_DISOWN_TABLE = sql.SQL("ALTER EXTENSION postgres_fdw DROP FOREIGN TABLE {}")
_DROP_SCHEMA = sql.SQL("DROP SCHEMA {} CASCADE")
_DROP_SERVER = sql.SQL("DROP SERVER {} CASCADE")
_GRANT_SCHEMA = sql.SQL("GRANT USAGE ON SCHEMA {} TO {} WITH GRANT OPTION")
_GRANT_TABLES = sql.SQL(
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {} WITH GRANT OPTION"
)


@dataclass(frozen=True)
class Lead:
    """A link by its name: where it leads, as whom, and which role may use and share it."""

    name: str
    remote: Database
    login: Credential
    reader: str

    @property
    def schema(self) -> sql.Identifier:
        """The schema, and the server, that it is."""
        return sql.Identifier(self.name)


async def importable(remote: Session) -> list[str]:
    """Return the tables and views of a database's schema public that can be linked."""
    async with _carefully(remote):
        return await _names(remote, _IMPORTABLE)


async def there(conn: Session) -> list[str]:
    """Return the names of the links that a database has."""
    async with _carefully(conn):
        return await _names(conn, _THERE, _KIND)


async def tables(conn: Session, name: str) -> list[str]:
    """Return the foreign tables that a link has."""
    async with _carefully(conn):
        return await _names(conn, _TABLES, name)


async def make(conn: Session, lead: Lead, wanted: Sequence[str]) -> None:
    """Make a link with the wanted tables, or add those that it lacks. Whole or not at all.

    Raises Conflict when there is another schema of its name, Unavailable when the remote
    database can't be reached.
    """
    async with _carefully(conn):
        if lead.name not in await _names(conn, _THERE, _KIND):
            await _begin(conn, lead)
        await _connect(conn, lead)
        lacking = sorted(set(wanted) - set(await _names(conn, _TABLES, lead.name)))
        if lacking:
            chosen = sql.SQL(", ").join(map(sql.Identifier, lacking))
            query = sql.SQL("IMPORT FOREIGN SCHEMA public LIMIT TO ({}) FROM SERVER {} INTO {}")
            await conn.execute(query.format(chosen, lead.schema, lead.schema))
        await _finish(conn, lead, lacking)


async def connect(conn: Session, lead: Lead) -> None:
    """Have a link that is there lead to where the remote database is now, by its password."""
    async with _carefully(conn):
        await _connect(conn, lead)


async def clone(source: Session, target: Session, lead: Lead) -> None:
    """Make a link in another database as it is in this one, without asking the remote one."""
    async with _carefully(source):
        statements = await _names(source, _DEFINITIONS, lead.name)
        made = await _names(source, _TABLES, lead.name)
    async with _carefully(target):
        await _begin(target, lead)
        await _connect(target, lead)
        for text in statements:
            await target.execute(text.encode())
        await _finish(target, lead, made)


async def drop(conn: Session, name: str) -> None:
    """Take a link away, with the views that read it. Idempotent."""
    schema = sql.Identifier(name)
    async with _carefully(conn):
        if name not in await _names(conn, _THERE, _KIND):
            return
        # What belongs to an extension can only be dropped with it.
        for table in await _names(conn, _TABLES, name):
            await conn.execute(_DISOWN_TABLE.format(sql.Identifier(name, table)))
        for query in (_DISOWN_SCHEMA, _DISOWN_SERVER, _DROP_SCHEMA, _DROP_SERVER):
            await conn.execute(query.format(schema))


@asynccontextmanager
async def _carefully(conn: Session) -> AsyncIterator[None]:
    """Do what is in the block in one transaction. Raises Conflict, Unavailable."""
    try:
        async with conn.transaction():
            for setting in _CAREFUL:
                await conn.execute(setting)
            yield
    except psycopg.errors.DuplicateSchema as error:
        raise errors.Conflict(
            "The database has a schema of that name. Choose another: --as NAME"
        ) from error
    except psycopg.Error as error:
        # Only the first line: what follows can hold the statement.
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise errors.Unavailable(f"The link can't be made: {said}.") from None


async def _begin(conn: Session, lead: Lead) -> None:
    await conn.execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw SCHEMA public")
    await conn.execute(sql.SQL("CREATE SCHEMA {}").format(lead.schema))
    query = sql.SQL(
        "CREATE SERVER {} TYPE {} FOREIGN DATA WRAPPER postgres_fdw"
        " OPTIONS (host {}, port {}, dbname {}, connect_timeout '10')"
    )
    await conn.execute(query.format(lead.schema, sql.Literal(_KIND), *_place(lead.remote)))
    for owned in (_OWN_SCHEMA, _OWN_SERVER):
        await conn.execute(owned.format(lead.schema))


async def _connect(conn: Session, lead: Lead) -> None:
    query = sql.SQL("ALTER SERVER {} OPTIONS (SET host {}, SET port {}, SET dbname {})")
    await conn.execute(query.format(lead.schema, *_place(lead.remote)))
    login = lead.login
    for key, value in (("link", lead.name), ("user", login.role), ("password", login.password)):
        await conn.execute("SELECT set_config(%s, %s, true)", (f"hatoba.{key}", value))
    await conn.execute(_MAP)


def _place(remote: Database) -> tuple[sql.Literal, sql.Literal, sql.Literal]:
    return sql.Literal(HOST), sql.Literal(str(remote.server.port)), sql.Literal(remote.name)


async def _finish(conn: Session, lead: Lead, made: Iterable[str]) -> None:
    """Let the reader use the link, and have its new tables belong to the extension."""
    reader = sql.Identifier(lead.reader)
    for query in (_GRANT_SCHEMA, _GRANT_TABLES):
        await conn.execute(query.format(lead.schema, reader))
    for table in made:
        await conn.execute(_OWN_TABLE.format(sql.Identifier(lead.name, table)))


async def _names(conn: Session, query: str, *values: str) -> list[str]:
    found = await conn.execute(query.encode(), values or None)
    return [str(name) for (name,) in await found.fetchall()]
