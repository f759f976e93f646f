"""The diagnostic commands of ``pg:``, one for each query."""

from __future__ import annotations

import click

from hatoba.cli import psql
from hatoba.cli.command import Command, command
from hatoba.cli.queries import QUERIES
from hatoba.cli.session import Session
from hatoba.client import databases


def _ask(session: Session, app: str, database: str | None, name: str) -> None:
    """Print what a query gives: as psql lays it out, or as data."""
    found = databases.resolve(session.api, app, database)
    url = databases.url(session.api, found)
    if session.json:
        session.out.json(psql.rows(url, QUERIES[name].sql))
    else:
        session.out.data(psql.query(url, QUERIES[name].sql).rstrip())


def _command(name: str) -> Command:
    @click.argument("database", required=False, metavar="[DATABASE]")
    def ask(session: Session, app: str, database: str | None) -> None:
        _ask(session, app, database, name)

    ask.__doc__ = QUERIES[name].help
    return command(name, f"heroku {name} -a harbour")(ask)


@command("pg:ps", "heroku pg:ps -a harbour", "heroku pg:ps --verbose -a harbour")
@click.argument("database", required=False, metavar="[DATABASE]")
@click.option("-v", "--verbose", is_flag=True, help="Show idle sessions too.")
def ps(session: Session, app: str, database: str | None, *, verbose: bool) -> None:
    """Show the queries that run now."""
    _ask(session, app, database, "pg:ps:verbose" if verbose else "pg:ps")


locks = _command("pg:locks")
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
outliers = _command("pg:outliers")
calls = _command("pg:calls")
cache_hit = _command("pg:cache-hit")
index_usage = _command("pg:index-usage")
unused_indexes = _command("pg:unused-indexes")
seq_scans = _command("pg:seq-scans")
vacuum_stats = _command("pg:vacuum-stats")
extensions = _command("pg:extensions")
