"""pg:upgrade and its steps."""

from __future__ import annotations

import time

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.options import database_argument
from hatoba.cli.session import Session
from hatoba.client import database_upgrades as upgrades
from hatoba.client import databases
from hatoba.operations.consent import Consent
from hatoba.operations.database_upgrades import Cancel, DryRun, Prepare, Run, Undo

_VERSION = click.option(
    "-v", "--version", type=click.IntRange(min=9), metavar="MAJOR", help="Version, such as 17."
)


@command("pg:upgrade:prepare", "heroku pg:upgrade:prepare DATABASE --version 17 -a harbour")
@database_argument
@_VERSION
@confirm
@consent
def prepare(
    session: Session, app: str, database: str | None, version: int | None, given: Consent
) -> int:
    """Check that a leader can be upgraded to a newer Postgres, and note that it is to be."""
    return carry_out(session, Prepare(session.api, app, database, version), given).exit_code


@command("pg:upgrade:dryrun", "heroku pg:upgrade:dryrun DATABASE -a harbour")
@database_argument
@_VERSION
@confirm
@consent
def dry_run(
    session: Session, app: str, database: str | None, version: int | None, given: Consent
) -> int:
    """Upgrade a copy of a database to see whether it goes well."""
    return carry_out(session, DryRun(session.api, app, database, version), given).exit_code


@command(
    "pg:upgrade:run",
    "heroku pg:upgrade:run DATABASE -a harbour",
    "heroku pg:upgrade:run HEROKU_POSTGRESQL_JADE --version 17 -a harbour",
)
@database_argument
@_VERSION
@confirm
@consent
def run(
    session: Session, app: str, database: str | None, version: int | None, given: Consent
) -> int:
    """Upgrade a database to a newer Postgres; a leader after pg:upgrade:prepare."""
    return carry_out(session, Run(session.api, app, database, version), given).exit_code


@command("pg:upgrade:cancel", "heroku pg:upgrade:cancel DATABASE -a harbour")
@database_argument
@confirm
@consent
def cancel(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Forget a prepared upgrade."""
    return carry_out(session, Cancel(session.api, app, database), given).exit_code


@command("pg:upgrade:undo", "heroku pg:upgrade:undo DATABASE -a harbour")
@database_argument
@consent
def undo(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Put the data of before the upgrade back in force; it is kept for 7 days."""
    return carry_out(session, Undo(session.api, app, database), given).exit_code


@command("pg:upgrade:wait", "heroku pg:upgrade:wait DATABASE -a harbour")
@database_argument
@click.option("--wait-interval", type=click.FloatRange(min=0.05), default=1.0, metavar="SECONDS")
@click.option("--no-notify", is_flag=True, hidden=True)
def wait(
    session: Session, app: str, database: str | None, wait_interval: float, *, no_notify: bool
) -> int:
    """Wait until an upgrade has ended, and say how."""
    del no_notify
    found = databases.resolve(session.api, app, database)
    status = upgrades.status(session.api, found.addon.id)
    with session.out.progress(f"Waiting for the upgrade of {found.addon.name}") as line:
        while status.waiting:
            line.status(status.message)
            time.sleep(wait_interval)
            status = upgrades.status(session.api, found.addon.id)
        line.done(status.message)
    if session.json:
        session.out.json(msgspec.to_builtins(status))
    return 1 if status.error else 0
