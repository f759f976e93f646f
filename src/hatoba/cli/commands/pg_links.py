"""pg:links: databases' tables known to other databases."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm
from hatoba.cli.options import database_argument
from hatoba.cli.session import Session
from hatoba.client import database_links, databases
from hatoba.client.api import Api
from hatoba.operations.consent import Consent
from hatoba.operations.database_links import CreateLink, DestroyLink
from hatoba.schema.database_links import Link


@command("pg:links", "heroku pg:links -a harbour")
@database_argument
def listing(session: Session, app: str, database: str | None) -> None:
    """List the databases that are linked into an app's databases."""
    there = _links(session.api, app, database)
    if session.json:
        session.out.json({name: msgspec.to_builtins(links) for name, links in there.items()})
        return
    for name, links in there.items():
        session.out.header(name)
        for one in links:
            session.out.data(f" * {one.name}")
            remote = f"{one.remote.attachment_name} ({one.remote.name})"
            problem = {"problem": one.problem} if one.problem else {}
            session.out.fields({"created_at": one.created_at, "remote": remote, **problem})
        if not links:
            session.out.data("No data sources are linked into this database")


def _links(api: Api, app: str, database: str | None) -> dict[str, list[Link]]:
    """Return the links by the databases' names. Raises UnknownDatabase."""
    wanted = [databases.resolve(api, app, database)] if database else databases.attached(api, app)
    if not wanted:
        wanted = [databases.resolve(api, app)]
    addons = {one.addon.name: one.addon.id for one in wanted}
    return {name: database_links.listed(api, addon_id) for name, addon_id in addons.items()}


@command("pg:links:create", "heroku pg:links:create HEROKU_POSTGRESQL_JADE DATABASE -a harbour")
@click.argument("remote")
@click.argument("database")
@click.option("--as", "name", metavar="NAME", help="Name of the link, and of its schema.")
def create(session: Session, app: str, remote: str, database: str, name: str | None) -> int:
    """Link a database's tables into another one; again, to take in new tables."""
    operation = CreateLink(session.api, app, remote, database, name)
    return carry_out(session, operation).exit_code


@command("pg:links:destroy", "heroku pg:links:destroy DATABASE postgresql_round_41210 -a harbour")
@click.argument("database")
@click.argument("name")
@confirm
def destroy(session: Session, app: str, database: str, name: str, given: Consent) -> int:
    """Take a link away, with the views that read over it."""
    return carry_out(session, DestroyLink(session.api, app, database, name), given).exit_code
