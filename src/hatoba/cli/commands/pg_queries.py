"""The diagnostic commands of ``pg:``, one for each query."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from hatoba.cli import psql
from hatoba.cli.change import carry_out
from hatoba.cli.command import Command, command, consent
from hatoba.cli.options import database_argument
from hatoba.cli.queries import QUERIES
from hatoba.cli.queries.base import SHOWN
from hatoba.cli.session import Session
from hatoba.client import databases
from hatoba.operations.consent import Consent
from hatoba.operations.databases import ResetStatistics

_TRUNCATE = click.option("-t", "--truncate", is_flag=True, help="Cut statements to 40 characters.")


def _ask(session: Session, app: str, database: str | None, sql: str) -> None:
    """Print what a query gives: as psql lays it out, or as data."""
    found = databases.resolve(session.api, app, database)
    url = databases.url(session.api, found)
    if session.json:
        session.out.json(psql.rows(url, sql))
    else:
        session.out.data(psql.query(url, sql).rstrip())


def _command(name: str) -> Command:
    @database_argument
    def ask(session: Session, app: str, database: str | None) -> None:
        _ask(session, app, database, QUERIES[name].asking())

    ask.__doc__ = QUERIES[name].help
    return command(name, f"heroku {name} -a harbour")(ask)


def _of_statements(name: str) -> Command:
    @database_argument
    @_TRUNCATE
    def ask(session: Session, app: str, database: str | None, *, truncate: bool) -> None:
        _ask(session, app, database, QUERIES[name].asking(truncate=truncate))

    ask.__doc__ = QUERIES[name].help
    return command(name, f"heroku {name} --truncate -a harbour")(ask)


@command("pg:ps", "heroku pg:ps -a harbour", "heroku pg:ps --verbose -a harbour")
@database_argument
@click.option("-v", "--verbose", is_flag=True, help="Show idle sessions too.")
def ps(session: Session, app: str, database: str | None, *, verbose: bool) -> None:
    """Show the queries that run now."""
    _ask(session, app, database, QUERIES["pg:ps:verbose" if verbose else "pg:ps"].asking())


class Outliers(TypedDict):
    """How many statements are shown, how long, or whether they are counted anew."""

    num: int
    truncate: bool
    reset: bool
    given: Consent


@command(
    "pg:outliers",
    "heroku pg:outliers -n 20 --truncate -a harbour",
    "heroku pg:outliers --reset -a harbour",
)
@database_argument
@click.option("-n", "--num", type=click.IntRange(min=1), default=SHOWN, help="How many to show.")
@_TRUNCATE
@click.option("--reset", is_flag=True, help="Count anew from now on, as pg:stats-reset does.")
@consent
def outliers(session: Session, app: str, database: str | None, **options: Unpack[Outliers]) -> int:
    """Show the statements that took the most time, ten of them by default."""
    if options["reset"]:
        operation = ResetStatistics(session.api, app, database)
        return carry_out(session, operation, options["given"]).exit_code
    query = QUERIES["pg:outliers"]
    sql = query.asking(truncate=options["truncate"], number=options["num"])
    _ask(session, app, database, sql)
    return 0


locks = _of_statements("pg:locks")
blocking = _command("pg:blocking")
long_running_queries = _command("pg:long-running-queries")
user_connections = _command("pg:user-connections")
bloat = _command("pg:bloat")
table_size = _command("pg:table-size")
total_table_size = _command("pg:total-table-size")
table_indexes_size = _command("pg:table-indexes-size")
index_size = _command("pg:index-size")
total_index_size = _command("pg:total-index-size")
records_rank = _command("pg:records-rank")
calls = _of_statements("pg:calls")
cache_hit = _command("pg:cache-hit")
index_usage = _command("pg:index-usage")
unused_indexes = _command("pg:unused-indexes")
seq_scans = _command("pg:seq-scans")
vacuum_stats = _command("pg:vacuum-stats")
extensions = _command("pg:extensions")
