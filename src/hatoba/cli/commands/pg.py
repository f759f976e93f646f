"""pg:info, pg:psql, pg:wait and the like: looking at databases, and working in them."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import msgspec

from hatoba.cli import psql
from hatoba.cli.command import command
from hatoba.cli.options import database_argument, no_wrap
from hatoba.cli.session import Session
from hatoba.client import databases
from hatoba.client.databases import Attachment
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.kit.secret import masked_url
from hatoba.schema import databases as wire


@command("pg:info", "heroku pg:info -a harbour", "heroku pg:info DATABASE -a harbour")
@database_argument
def info(session: Session, app: str, database: str | None) -> None:
    """Show the state, plan and size of an app's databases."""
    if database:
        wanted = [databases.resolve(session.api, app, database)]
    else:
        wanted = databases.attached(session.api, app)
    by_addon: dict[str, list[Attachment]] = {}
    for attachment in wanted:
        by_addon.setdefault(attachment.addon.id, []).append(attachment)
    found = [(names, databases.info(session.api, key)) for key, names in by_addon.items()]
    if session.json:
        session.out.json([msgspec.to_builtins(one) for _, one in found])
    elif not found:
        session.out.say(f"{app} has no heroku-postgresql databases.")
    for names, one in found if not session.json else []:
        session.out.header(", ".join(a.url_var for a in names))
        session.out.fields({**_fields(session, app, one), "Add-on": names[0].addon.name})
        session.out.data()


def _fields(session: Session, app: str, one: wire.Database) -> dict[str, object]:
    shown: dict[str, object] = {}
    for item in one.info:
        values = item.values
        if item.resolve_db_name:
            values = databases.known_as(session.api, app, values)
        shown[item.name] = values
    return shown


@command(
    "pg:psql",
    "heroku pg:psql -a harbour",
    "heroku pg:psql -c 'SELECT count(*) FROM boats' -a harbour",
    "heroku pg:psql -f schema.sql -a harbour",
)
@database_argument
@click.option("-c", "--command", "statement", metavar="SQL", help="SQL to run.")
@click.option(
    "-f", "--file", type=click.Path(dir_okay=False, path_type=Path), help="File of SQL to run."
)
@click.option("--credential", metavar="NAME", help="Credential to use.")
def shell(
    session: Session,
    app: str,
    database: str | None,
    statement: str | None,
    file: Path | None,
    credential: str | None,
) -> int:
    """Open psql on a database, or run SQL from an option, a file or standard input.

    It ends with 1 whenever psql could not do all of it. With --json it gives the rows of the
    last statement that has any.
    """
    found = databases.resolve(session.api, app, database)
    if credential:
        found = _as(session, app, found, credential)
    session.out.say(f"--> Connecting to {found.addon.name}")
    url = databases.url(session.api, found)
    if file is not None and not file.is_file():
        raise ClientError(f"{file} is not a file that can be read.")
    given = [("-c", statement)] if statement else [("-f", str(file))] if file else []
    typed = not given and sys.stdin.isatty()
    if session.json:
        if typed:
            raise UsageError("--json is for SQL by --command, --file or standard input.")
        session.out.json(psql.answer(url, statement or _read(file)))
        return 0
    if psql.find() is None and typed and psql.find("pgcli"):
        return psql.run(url, program="pgcli")
    how = _prompt(found) if typed else ["-v", "ON_ERROR_STOP=1"]
    # psql's own 2 and 3 would say of our commands that nothing was changed.
    return 1 if psql.run(url, [*how, *(word for pair in given for word in pair)]) else 0


def _read(file: Path | None) -> str:
    return file.read_text() if file else sys.stdin.read()


def _prompt(found: Attachment) -> list[str]:
    """Have psql say which app's database one is in."""
    place = f"{found.app.name}::{found.name}%R%# "
    return [word for name in ("PROMPT1", "PROMPT2") for word in ("-v", f"{name}={place}")]


def _as(session: Session, app: str, found: Attachment, credential: str) -> Attachment:
    for one in databases.attached(session.api, app):
        if one.addon.id == found.addon.id and one.credential == credential:
            return one
    raise ClientError(
        f"{credential} of {found.addon.name} is not attached to {app}. Attach it: "
        f"heroku addons:attach {found.addon.name} --credential {credential} -a {app}"
    )


@command("pg:wait", "heroku pg:wait -a harbour")
@database_argument
@click.option("--wait-interval", type=click.FloatRange(min=0.05), default=1.0, metavar="SECONDS")
@click.option("--no-notify", is_flag=True, hidden=True, expose_value=False)
def wait(session: Session, app: str, database: str | None, wait_interval: float) -> int:
    """Wait until an app's databases are available."""
    wanted = (
        [databases.resolve(session.api, app, database)]
        if database
        else databases.attached(session.api, app)
    )
    states = {a.addon.name: _ready(session, a, wait_interval) for a in wanted}
    if session.json:
        session.out.json({name: msgspec.to_builtins(state) for name, state in states.items()})
    return 1 if any(state.error for state in states.values()) else 0


def _ready(session: Session, attachment: Attachment, interval: float) -> wire.WaitStatus:
    name = attachment.addon.name
    status = databases.wait_status(session.api, attachment.addon.id)
    if status.waiting:
        with session.out.progress(f"Waiting for database {name}") as line:
            while status.waiting:
                line.status(status.message)
                time.sleep(interval)
                status = databases.wait_status(session.api, attachment.addon.id)
            line.done(status.message)
    if status.error:
        session.out.error(f"{name}: {status.message}")
    return status


@command("pg:credentials", "heroku pg:credentials -a harbour")
@database_argument
@no_wrap
def credentials(session: Session, app: str, database: str | None) -> None:
    """List a database's credentials and how to connect; without passwords."""
    found = databases.resolve(session.api, app, database)
    there = databases.credentials(session.api, found.addon.name)
    attached = databases.attached(session.api, app)
    if session.json:
        session.out.json([_shown(one) for one in there])
        return
    session.out.header(f"{found.addon.name} credentials")
    for one in there:
        names = [
            a.url_var for a in attached if a.addon.id == found.addon.id and a.credential == one.name
        ]
        session.out.fields(
            {**{k.capitalize(): v for k, v in _shown(one).items()}, "Attached as": names}
        )
        session.out.data()
    at = f"{found.name} --reveal -a {app}"
    session.out.say(f"With its password: heroku pg:credentials:url {at}", "dim")


def _shown(one: wire.Credential) -> dict[str, object]:
    """Return how to connect, without the password."""
    return {
        "name": one.name,
        "state": one.state,
        "host": one.host,
        "port": one.port,
        "database": one.database,
        "user": [login.user for login in one.credentials],
        "connections": sum(login.connections for login in one.credentials),
    }


@command("pg:credentials:url", "heroku pg:credentials:url --reveal -a harbour")
@database_argument
@click.option("-n", "--name", default="default", metavar="NAME", help="Which credential.")
@click.option("--reveal", is_flag=True, help="Show the password. Mind who sees your screen.")
def credentials_url(
    session: Session, app: str, database: str | None, name: str, *, reveal: bool
) -> None:
    """Show how to connect as a credential; its password with --reveal."""
    found = databases.resolve(session.api, app, database)
    one = databases.credential(session.api, found.addon.name, name)
    login = one.credentials[0]
    at = f"{one.host}:{one.port}/{one.database}"
    url = f"postgres://{login.user}:{login.password}@{at}"
    shown = url if reveal else masked_url(url)
    if session.json:
        session.out.json({"name": one.name, "url": shown})
        return
    session.out.say(f"Connection information for {one.name} credential.")
    word = login.password if reveal else "••••"
    session.out.fields(
        {
            "Connection info string": f"dbname={one.database} host={one.host} port={one.port} "
            f"user={login.user} password={word}",
            "Connection URL": shown,
        }
    )
