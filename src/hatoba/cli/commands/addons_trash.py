"""addons:trash, addons:restore."""

from __future__ import annotations

import click

from hatoba.cli import times
from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.options import attachment_name
from hatoba.cli.session import Session
from hatoba.client import addons
from hatoba.operations.addons_trash import RestoreAddon
from hatoba.operations.consent import Consent


@command("addons:trash", "heroku addons:trash -a harbour")
def trash(session: Session, app: str) -> None:
    """List an app's destroyed databases that can still be restored."""
    found = addons.trash(session.api, app)
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"The trash of {app} is empty.")
    else:
        rows = [(one.name, one.plan, times.ago(one.destroyed_at), one.until) for one in found]
        session.out.table(rows, ("Add-on", "Plan", "Destroyed", "Restorable until"))
        session.out.say(f"Bring one back: heroku addons:restore {found[-1].name} -a {app}")


@command("addons:restore", "heroku addons:restore postgresql-round-41210 --as REPORTS -a harbour")
@click.argument("addon", metavar="NAME | ID")
@attachment_name
@consent
def restore(session: Session, app: str, addon: str, alias: str | None, given: Consent) -> int:
    """Bring a destroyed database back with all its data, and attach it to its app."""
    operation = RestoreAddon(session.api, app, addon, alias=alias)
    return carry_out(session, operation, given).exit_code
