"""pg:push and pg:pull."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.operations.consent import Consent
from hatoba.operations.database_transfers import Pull, Push

_EXCLUDED = click.option(
    "--exclude-table-data",
    "excluded",
    default="",
    metavar="TABLES",
    help="Tables whose rows stay behind, with ; between them.",
)


@command(
    "pg:push",
    "heroku pg:push harbour_dev DATABASE -a harbour",
    "heroku pg:push postgres://user:password@db.example.com/harbour DATABASE -a harbour",
)
@click.argument("source")
@click.argument("target")
@_EXCLUDED
@consent
def push(
    session: Session, app: str, source: str, target: str, excluded: str, given: Consent
) -> int:
    """Copy a database of this machine, or at a URL, into an empty one of an app."""
    return carry_out(session, Push(session.api, app, target, source, excluded), given).exit_code


@command(
    "pg:pull",
    "heroku pg:pull DATABASE harbour_dev -a harbour",
    "heroku pg:pull DATABASE postgres://user:password@db.example.com/harbour -a harbour",
)
@click.argument("source")
@click.argument("target")
@_EXCLUDED
@consent
def pull(
    session: Session, app: str, source: str, target: str, excluded: str, given: Consent
) -> int:
    """Copy an app's database into a new one of this machine, or an empty one at a URL."""
    return carry_out(session, Pull(session.api, app, source, target, excluded), given).exit_code
