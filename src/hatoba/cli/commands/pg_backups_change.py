"""pg:backups:capture, :restore, :cancel, :delete, :schedule, :unschedule."""

from __future__ import annotations

from typing import Unpack

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.options import Following, verbose, wait_interval
from hatoba.cli.session import Session
from hatoba.operations.backups import Cancel, Capture, Delete
from hatoba.operations.backups_onto import Restore
from hatoba.operations.backups_schedule import SetSchedule, Unschedule
from hatoba.operations.consent import Consent
from hatoba.operations.pace import Pace


@command(
    "pg:backups:capture",
    "heroku pg:backups:capture -a harbour",
    "heroku pg:backups:capture HEROKU_POSTGRESQL_PINK -a harbour",
)
@click.argument("database", required=False)
@verbose("-v")
@wait_interval
@consent
def capture(session: Session, app: str, database: str | None, **options: Unpack[Following]) -> int:
    """Back a database up; it is then restored into a scratch database and counted."""
    pace = Pace(every=options["wait_interval"])
    operation = Capture(session.api, app, database, pace=pace)
    operation.verbose = options["verbose"]
    return carry_out(session, operation, options["given"]).exit_code


@command(
    "pg:backups:restore",
    "heroku pg:backups:restore b001 DATABASE_URL -a harbour",
    "heroku pg:backups:restore staging::b007 DATABASE_URL -a harbour",
    "heroku pg:backups:restore https://files.example.com/harbour.dump DATABASE_URL -a harbour",
)
@click.argument("backup", required=False)
@click.argument("database", required=False)
@verbose("-v")
@wait_interval
@confirm
def restore(
    session: Session,
    app: str,
    backup: str | None,
    database: str | None,
    **options: Unpack[Following],
) -> int:
    """Replace what is in a database by a backup, by default the newest good one."""
    pace = Pace(every=options["wait_interval"])
    operation = Restore(session.api, app, backup, database, pace=pace)
    operation.verbose = options["verbose"]
    return carry_out(session, operation, options["given"]).exit_code


@command("pg:backups:cancel", "heroku pg:backups:cancel -a harbour")
@click.argument("backup", required=False)
@consent
def cancel(session: Session, app: str, backup: str | None, given: Consent) -> int:
    """Stop a backup, restore or copy that is going on, by default the newest."""
    return carry_out(session, Cancel(session.api, app, backup), given).exit_code


@command("pg:backups:delete", "heroku pg:backups:delete b001 -a harbour")
@click.argument("backup")
@confirm
def delete(session: Session, app: str, backup: str, given: Consent) -> int:
    """Delete a backup for good."""
    return carry_out(session, Delete(session.api, app, backup), given).exit_code


@command(
    "pg:backups:schedule",
    "heroku pg:backups:schedule DATABASE --at '02:00 America/New_York' -a harbour",
)
@click.argument("database", required=False)
@click.option("--at", required=True, metavar="TIME", help="Full hour and time zone.")
@consent
def schedule(session: Session, app: str, database: str | None, at: str, given: Consent) -> int:
    """Back a database up every day at an hour of a time zone."""
    operation = SetSchedule(session.api, app, database, at)
    return carry_out(session, operation, given).exit_code


@command("pg:backups:unschedule", "heroku pg:backups:unschedule DATABASE -a harbour")
@click.argument("database", required=False)
@consent
def unschedule(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Take a daily backup away."""
    return carry_out(session, Unschedule(session.api, app, database), given).exit_code
