"""pg:stats-reset, pg:fdwsql, pg:mandelbrot, pg:connection-pooling."""

from __future__ import annotations

import re

import click

from hatoba.cli import psql
from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.options import database_argument
from hatoba.cli.queries.curious import FOREIGN_TABLES, MANDELBROT
from hatoba.cli.session import Session
from hatoba.client import databases
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.database_pooling import AttachPooled
from hatoba.operations.databases import ResetStatistics

_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@command("pg:stats-reset", "heroku pg:stats-reset DATABASE -a harbour")
@database_argument
@consent
def stats_reset(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Count tables', indexes' and statements' use anew."""
    return carry_out(session, ResetStatistics(session.api, app, database), given).exit_code


@command("pg:mandelbrot", "heroku pg:mandelbrot -a harbour")
@database_argument
def mandelbrot(session: Session, app: str, database: str | None) -> None:
    """Show the Mandelbrot set, as a database computes it."""
    url = databases.url(session.api, databases.resolve(session.api, app, database))
    lines = [next(iter(row.values())) for row in psql.rows(url, MANDELBROT)]
    if session.json:
        session.out.json(lines)
    for line in lines if not session.json else []:
        session.out.data(line)


@command("pg:fdwsql", "heroku pg:fdwsql harbour --reveal -a harbour")
@click.argument("prefix")
@database_argument
@click.option("--reveal", is_flag=True, help="Show the password. Mind who sees your screen.")
def fdwsql(session: Session, app: str, prefix: str, database: str | None, *, reveal: bool) -> None:
    """Print the SQL that makes a database's tables known to another one."""
    if not _PREFIX.fullmatch(prefix):
        raise UsageError("The prefix must be letters, digits and underscores, no digit first.")
    url = databases.url(session.api, databases.resolve(session.api, app, database))
    given = psql.connection(url)
    tables = psql.rows(url, FOREIGN_TABLES.replace(":prefix", prefix))
    password = given["PGPASSWORD"] if reveal else "••••"
    place = f"dbname '{given['PGDATABASE']}', host '{given['PGHOST']}', port '{given['PGPORT']}'"
    login = f"user '{given['PGUSER']}', password '{password}'"
    server = f"SERVER {prefix}_db"
    lines = [
        "CREATE EXTENSION IF NOT EXISTS postgres_fdw;",
        f"DROP SERVER IF EXISTS {prefix}_db;",
        f"CREATE {server} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({place});",
        f"CREATE USER MAPPING FOR CURRENT_USER {server} OPTIONS ({login});",
        *(next(iter(row.values())) for row in tables),
    ]
    if session.json:
        session.out.json(lines)
    for line in lines if not session.json else []:
        session.out.data(line)


@command("pg:connection-pooling:attach", "heroku pg:connection-pooling:attach DATABASE -a harbour")
@database_argument
@click.option("--as", "name", metavar="NAME", help="Name of the attachment.")
def pool(session: Session, app: str, database: str | None, name: str | None) -> int:
    """Attach a database by a connection pooler."""
    return carry_out(session, AttachPooled(session.api, app, database, name)).exit_code
