"""addons:create, addons:destroy, addons:attach, addons:detach."""

from __future__ import annotations

import click

from hatoba.cli.addon_choice import chosen
from hatoba.cli.change import carry_out, carry_out_all
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.operations.addons import AttachAddon, DestroyAddon, DetachAddon
from hatoba.operations.addons_change import ChangePlan, RenameAddon
from hatoba.operations.addons_create import CreateAddon, Order
from hatoba.operations.consent import Consent
from hatoba.schema.addons import Addon

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
@confirm
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
    """Make an add-on for an app, wait for it, and see that it works.

    With --confirm APP it takes the place of an attachment or config var that has its name.
    """
    alias = options["alias"]
    known = {key: value for key in _SOURCES if (value := options[key])}
    order = Order(
        plan=wanted,
        name=options["name"],
        alias=alias.upper() if alias else None,
        options={**known, **_pairs(more)},
        replace=given.confirm is not None,
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
    "heroku addons:upgrade redis-round-41210 heroku-redis:premium-0",
    "heroku addons:upgrade heroku-redis:premium-0 -a harbour",
    any_app=True,
)
@click.argument("addon")
@click.argument("wanted", metavar="[SERVICE:PLAN]", required=False)
@consent
def upgrade(
    session: Session, app: str | None, addon: str, wanted: str | None, given: Consent
) -> int:
    """Put an add-on on another plan; its service's name is enough where there is one of it."""
    name, colon, plan = addon.partition(":") if wanted is None else (addon, ":", wanted)
    if not (colon and plan):
        raise UsageError(f"Name the new plan too: heroku addons:upgrade {addon} PLAN")
    found = chosen(session, app, name)
    operation = ChangePlan(session.api, found.app.name, found.name, plan)
    return carry_out(session, operation, given).exit_code


@command("addons:rename", "heroku addons:rename redis-round-41210 sessions", any_app=True)
@click.argument("addon")
@click.argument("name")
@consent
def rename(session: Session, app: str | None, addon: str, name: str, given: Consent) -> int:
    """Give an add-on another name; its config vars stay as they are."""
    found = chosen(session, app, addon)
    operation = RenameAddon(session.api, found.app.name, found.name, name)
    return carry_out(session, operation, given).exit_code


@command(
    "addons:destroy",
    "heroku addons:destroy postgresql-round-41210",
    "heroku addons:destroy postgresql-round-41210 redis-flat-7 -a harbour --confirm harbour",
    any_app=True,
)
@click.argument("names", metavar="ADDON...", nargs=-1, required=True)
@click.option("-f", "--force", is_flag=True, help="Also when other apps have it.")
@click.option("--wait", is_flag=True, help="Wait until its provider has let go of it too.")
@confirm
def destroy(
    session: Session,
    app: str | None,
    names: tuple[str, ...],
    *,
    force: bool,
    wait: bool,
    given: Consent,
) -> int:
    """Destroy add-ons. A Hatoba keeps a database for 7 days: see addons:trash."""
    found = [_of(session, app, name) for name in names]
    _check_confirmed(found, given)
    operations = [
        DestroyAddon(session.api, one.app.name, one.name, force=force, wait=wait) for one in found
    ]
    if len(operations) == 1:
        return carry_out(session, operations[0], given).exit_code
    return max(one.exit_code for one in carry_out_all(session, operations, given))


def _of(session: Session, app: str | None, name: str) -> Addon:
    """Return the add-on that is meant. Raises UsageError when it is of another app than said."""
    found = chosen(session, app, name)
    if app is not None and found.app.name != app and "::" not in name:
        raise UsageError(f"{found.name} is on {found.app.name}, not {app}.")
    return found


def _check_confirmed(found: list[Addon], given: Consent) -> None:
    """Raise UsageError, with nothing destroyed, when some are of an app that was not confirmed."""
    others = sorted({one.app.name for one in found} - {given.confirm})
    if given.confirm is not None and len(found) > 1 and others:
        raise UsageError(
            f"These are add-ons of {', '.join(others)} too: --confirm {given.confirm} does not "
            "cover them. Destroy those of one app at a time."
        )


@command("addons:attach", "heroku addons:attach postgresql-round-41210 --as REPORTS -a harbour")
@click.argument("addon")
@click.option("--as", "alias", metavar="NAME", help="Name of the attachment, such as REPORTS.")
@click.option("--credential", metavar="NAME", help="Credential of a database to attach.")
@confirm
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
    """Attach an add-on, another app's too, to an app; in the place of what has the name there."""
    name = alias.upper() if alias else None
    operation = AttachAddon(session.api, app, addon, alias=name, credential=credential)
    return carry_out(session, operation, given).exit_code


@command("addons:detach", "heroku addons:detach REPORTS -a harbour")
@click.argument("attachment")
@consent
def detach(session: Session, app: str, attachment: str, given: Consent) -> int:
    """Take an add-on away from an app; the add-on stays."""
    return carry_out(session, DetachAddon(session.api, app, attachment), given).exit_code
