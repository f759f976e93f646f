"""addons:create, addons:destroy, addons:attach, addons:detach."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.client import addons
from hatoba.errors import UsageError
from hatoba.operations.addons import AttachAddon, CreateAddon, DestroyAddon, DetachAddon, Order
from hatoba.operations.addons_change import ChangePlan, RenameAddon
from hatoba.operations.consent import Consent

# What a database is made from, or like; all of it is passed on to the service.
_SOURCES = ("follow", "fork", "rollback", "to", "by", "version")


@command(
    "addons:create",
    "heroku addons:create heroku-postgresql -a harbour",
    "heroku addons:create heroku-postgresql:standard-0 --as REPORTS -a harbour",
    "heroku addons:create heroku-postgresql:standard-0 --follow DATABASE_URL -a harbour",
    "heroku addons:create heroku-postgresql:standard-0 --rollback DATABASE_URL --by '3 hours' "
    "-a harbour",
    "heroku addons:create acme-search:premium -a harbour -- --size big",
)
@click.argument("wanted", metavar="SERVICE[:PLAN]")
@click.option("--name", metavar="NAME", help="Name of the add-on.")
@click.option("--as", "alias", metavar="NAME", help="Name of its attachment, such as REPORTS.")
@click.option("--follow", metavar="DATABASE", help="Database that the new one follows.")
@click.option("--fork", metavar="DATABASE", help="Database that the new one is a copy of.")
@click.option("--rollback", metavar="DATABASE", help="Database that the new one is made from.")
@click.option("--to", metavar="TIME", help="As of when, with --rollback: '2026-11-27 18:30 UTC'.")
@click.option("--by", metavar="DURATION", help="How far back, with --rollback: '3 hours'.")
@click.option("--version", metavar="MAJOR", help="Version of Postgres, such as 17.")
@click.argument("more", nargs=-1, metavar="[-- --OPTION VALUE...]")
@click.option("--wait", is_flag=True, hidden=True)
@consent
def create(
    session: Session,
    app: str,
    wanted: str,
    *,
    more: tuple[str, ...],
    given: Consent,
    **options: str | None,
) -> int:
    """Make an add-on for an app, wait for it, and see that it works."""
    alias = options["alias"]
    known = {key: value for key in _SOURCES if (value := options[key])}
    order = Order(
        plan=wanted,
        name=options["name"],
        alias=alias.upper() if alias else None,
        options={**known, **_pairs(more)},
    )
    return carry_out(session, CreateAddon(session.api, app, order), given).exit_code


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    """Read ``--size big --fast`` as the service's own options. Raises UsageError."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("--"):
            raise UsageError(f"Unexpected argument {name}. A service's options are --NAME VALUE.")
        if not equals:
            value = "true" if not rest or rest[0].startswith("--") else rest.pop(0)
        found[name.removeprefix("--")] = value
    return found


@command(
    "addons:upgrade",
    "heroku addons:upgrade redis-round-41210 heroku-redis:premium-0 -a harbour",
    "heroku addons:upgrade heroku-redis:premium-0 -a harbour",
)
@click.argument("addon")
@click.argument("wanted", metavar="[SERVICE:PLAN]", required=False)
@consent
def upgrade(session: Session, app: str, addon: str, wanted: str | None, given: Consent) -> int:
    """Put an add-on on another plan; its service's name is enough where there is one of it."""
    name = addon if wanted else _of_service(session, app, addon.partition(":")[0])
    wanted = wanted or addon
    return carry_out(session, ChangePlan(session.api, app, name, wanted), given).exit_code


def _of_service(session: Session, app: str, service: str) -> str:
    """Return the name of the app's only add-on of a service. Raises UsageError."""
    found = [
        one.name
        for one in addons.listed(session.api, app)
        if one.addon_service.name == service and one.app.name == app
    ]
    if len(found) == 1:
        return found[0]
    there = f"There are: {', '.join(found)}." if found else f"{app} has none of {service}."
    raise UsageError(f"Name the add-on and its new plan: ADDON {service}:PLAN. {there}")


@command("addons:rename", "heroku addons:rename redis-round-41210 sessions -a harbour")
@click.argument("addon")
@click.argument("name")
@consent
def rename(session: Session, app: str, addon: str, name: str, given: Consent) -> int:
    """Give an add-on another name; its config vars stay as they are."""
    return carry_out(session, RenameAddon(session.api, app, addon, name), given).exit_code


@command("addons:destroy", "heroku addons:destroy postgresql-round-41210 -a harbour")
@click.argument("addon")
@click.option("-f", "--force", is_flag=True, help="Also when other apps have it.")
@confirm
def destroy(session: Session, app: str, addon: str, *, force: bool, given: Consent) -> int:
    """Destroy an add-on. A Hatoba keeps its data for 7 days."""
    operation = DestroyAddon(session.api, app, addon, force=force)
    return carry_out(session, operation, given).exit_code


@command("addons:attach", "heroku addons:attach postgresql-round-41210 --as REPORTS -a harbour")
@click.argument("addon")
@click.option("--as", "alias", metavar="NAME", help="Name of the attachment, such as REPORTS.")
@click.option("--credential", metavar="NAME", help="Credential of a database to attach.")
@consent
def attach(
    session: Session,
    app: str,
    addon: str,
    *,
    alias: str | None,
    credential: str | None,
    given: Consent,
) -> int:
    """Attach an add-on, another app's too, to an app."""
    name = alias.upper() if alias else None
    operation = AttachAddon(session.api, app, addon, alias=name, credential=credential)
    return carry_out(session, operation, given).exit_code


@command("addons:detach", "heroku addons:detach REPORTS -a harbour")
@click.argument("attachment")
@consent
def detach(session: Session, app: str, attachment: str, given: Consent) -> int:
    """Take an add-on away from an app; the add-on stays."""
    return carry_out(session, DetachAddon(session.api, app, attachment), given).exit_code
