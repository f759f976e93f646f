"""pg:reset, pg:promote, pg:unfollow, pg:killall, pg:kill and the credentials' changes."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.options import attachment_name, database_argument
from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.database_credentials import (
    DEFAULT,
    CreateCredential,
    DestroyCredential,
    RepairDefault,
    RotateCredential,
)
from hatoba.operations.database_sessions import EndQuery, EndSessions
from hatoba.operations.databases import Promote, Reset, UndoReset, Unfollow

_NAME = click.option("-n", "--name", required=True, metavar="NAME", help="Which credential.")


@command("pg:reset", "heroku pg:reset DATABASE -a harbour")
@database_argument
@click.option(
    "-e", "--extensions", default="", metavar="NAMES", help="Extensions to create after it."
)
@confirm
def reset(session: Session, app: str, database: str | None, extensions: str, given: Consent) -> int:
    """Delete all data in a database. A Hatoba keeps it for 7 days: see pg:reset:undo."""
    names = tuple(name.strip().lower() for name in extensions.split(",") if name.strip())
    return carry_out(session, Reset(session.api, app, database, names), given).exit_code


@command("pg:reset:undo", "heroku pg:reset:undo DATABASE -a harbour")
@database_argument
@consent
def undo_reset(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Give a database the content back that it had before its last reset."""
    return carry_out(session, UndoReset(session.api, app, database), given).exit_code


@command("pg:promote", "heroku pg:promote HEROKU_POSTGRESQL_JADE_URL -a harbour")
@click.argument("database", metavar="DATABASE")
@click.option("-f", "--force", is_flag=True, help="Also while the database is not available.")
@attachment_name
@consent
def promote(
    session: Session, app: str, database: str, *, force: bool, alias: str | None, given: Consent
) -> int:
    """Make a database the one behind DATABASE_URL."""
    operation = Promote(session.api, app, database, force=force)
    operation.attachment = alias or operation.attachment
    return carry_out(session, operation, given).exit_code


@command("pg:unfollow", "heroku pg:unfollow HEROKU_POSTGRESQL_JADE_URL -a harbour")
@click.argument("database", metavar="DATABASE")
@confirm
@consent
def unfollow(session: Session, app: str, database: str, given: Consent) -> int:
    """Have a follower follow no more and take writes."""
    return carry_out(session, Unfollow(session.api, app, database), given).exit_code


@command("pg:killall", "heroku pg:killall -a harbour")
@database_argument
@consent
def kill_all(session: Session, app: str, database: str | None, given: Consent) -> int:
    """End all sessions on a database."""
    return carry_out(session, EndSessions(session.api, app, database), given).exit_code


@command("pg:kill", "heroku pg:kill 4711 -a harbour")
@click.argument("pid", type=click.IntRange(1, 2**31 - 1))
@database_argument
@click.option("-f", "--force", is_flag=True, help="End the session, not only its query.")
@consent
def kill(
    session: Session, app: str, pid: int, database: str | None, *, force: bool, given: Consent
) -> int:
    """End a query; find its pid with pg:ps."""
    operation = EndQuery(session.api, app, database, pid, force=force)
    return carry_out(session, operation, given).exit_code


@command("pg:credentials:create", "heroku pg:credentials:create --name analyst -a harbour")
@database_argument
@_NAME
@consent
def create(session: Session, app: str, database: str | None, name: str, given: Consent) -> int:
    """Make a further credential of a database."""
    return carry_out(session, CreateCredential(session.api, app, database, name), given).exit_code


@command("pg:credentials:destroy", "heroku pg:credentials:destroy --name analyst -a harbour")
@database_argument
@_NAME
@confirm
def destroy(session: Session, app: str, database: str | None, name: str, given: Consent) -> int:
    """Destroy a credential; what it owns goes to the default one."""
    return carry_out(session, DestroyCredential(session.api, app, database, name), given).exit_code


class Rotation(TypedDict):
    """Which credentials get another password, and whether open sessions end."""

    name: str | None
    every: bool
    force: bool


@command(
    "pg:credentials:rotate",
    "heroku pg:credentials:rotate -a harbour",
    "heroku pg:credentials:rotate --all --force -a harbour",
)
@database_argument
@click.option("-n", "--name", metavar="NAME", help="Which credential; the default one without.")
@click.option("--all", "every", is_flag=True, help="All credentials of the database.")
@click.option("--force", is_flag=True, help="End the credential's open sessions now.")
@confirm
@consent
def rotate(
    session: Session, app: str, database: str | None, *, given: Consent, **options: Unpack[Rotation]
) -> int:
    """Give a credential another password, and the apps that have it the new URL."""
    name, every = options["name"], options["every"]
    if every and name is not None:
        raise UsageError("Say --all or --name, not both.")
    which = None if every else name or DEFAULT
    operation = RotateCredential(session.api, app, database, which, end_now=options["force"])
    return carry_out(session, operation, given).exit_code


@command("pg:credentials:repair-default", "heroku pg:credentials:repair-default -a harbour")
@database_argument
@confirm
@consent
def repair_default(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Make the default credential own everything in its database again."""
    return carry_out(session, RepairDefault(session.api, app, database), given).exit_code
