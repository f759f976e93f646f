"""access, access:add, access:remove."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import collaborators
from hatoba.operations.access import GiveAccess, TakeAccess
from hatoba.operations.consent import Consent


@command("access", "heroku access -a harbour")
def listing(session: Session, app: str) -> None:
    """List who may work on an app."""
    found = collaborators.listed(session.api, app)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    session.out.header(f"{app} Access")
    rows = [(one.user["email"], one.role or "") for one in found]
    session.out.table(rows, ("Email", "Role"))


@command("access:add", "heroku access:add ada@example.com -a harbour")
@click.argument("email")
@consent
def add(session: Session, app: str, email: str, given: Consent) -> int:
    """Let another account of this platform view, deploy and operate an app."""
    return carry_out(session, GiveAccess(session.api, app, email), given).exit_code


@command("access:remove", "heroku access:remove ada@example.com -a harbour")
@click.argument("email")
@consent
def remove(session: Session, app: str, email: str, given: Consent) -> int:
    """Take an account's access to an app away."""
    return carry_out(session, TakeAccess(session.api, app, email), given).exit_code
