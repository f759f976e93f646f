"""access, access:add, access:remove, access:update."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import apps, collaborators, teams
from hatoba.client.errors import ApiError
from hatoba.errors import UsageError
from hatoba.operations.access import ChangeAccess, GiveAccess, TakeAccess
from hatoba.operations.consent import Consent
from hatoba.operations.ownership import TEAM_DOMAIN

_PERMISSIONS = ("view", "deploy", "operate", "manage")


@command("access", "heroku access -a harbour")
def listing(session: Session, app: str) -> None:
    """List who may work on an app, and what each may do."""
    found = collaborators.listed(session.api, app)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    session.out.header(f"{app} Access")
    leading = _administrators(session, app)
    known = {email for email, _, _ in leading}
    rows = [
        (one.user["email"], one.role or "", ", ".join(p["name"] for p in one.permissions))
        for one in found
        if not one.user["email"].endswith(TEAM_DOMAIN) and one.user["email"] not in known
    ]
    session.out.table([*leading, *rows], ("Email", "Role", "Permissions"))


def _administrators(session: Session, app: str) -> list[tuple[str, str, str]]:
    """Return the administrators of the app's team, who may do everything with it."""
    team = apps.find(session.api, app).team
    if team is None:
        return []
    try:
        there = teams.members(session.api, team.name)
    except ApiError as error:
        if error.status not in (403, 404):
            raise
        return []
    return [(m.email, m.role, ", ".join(_PERMISSIONS)) for m in there if m.role == "admin"]


def _permissions(text: str | None) -> list[str] | None:
    if text is None:
        return None
    chosen = [one.strip() for one in text.split(",") if one.strip()]
    wrong = [one for one in chosen if one not in _PERMISSIONS]
    if wrong or not chosen:
        problem = f"{', '.join(wrong) or 'Nothing'} is no permission."
        raise UsageError(f"{problem} They are: {', '.join(_PERMISSIONS)}.")
    return chosen


@command(
    "access:add",
    "heroku access:add ada@example.com -a harbour",
    "heroku access:add ada@example.com -p deploy,operate -a harbour",
)
@click.argument("email")
@click.option("-p", "--permissions", metavar="LIST", help="view, deploy, operate, manage.")
@consent
def add(session: Session, app: str, email: str, permissions: str | None, given: Consent) -> int:
    """Let another account of this platform work on an app: view, deploy and operate it."""
    operation = GiveAccess(session.api, app, email, _permissions(permissions))
    return carry_out(session, operation, given).exit_code


@command("access:update", "heroku access:update ada@example.com -p view,deploy -a harbour")
@click.argument("email")
@click.option(
    "-p", "--permissions", metavar="LIST", required=True, help="view, deploy, operate, manage."
)
@consent
def update(session: Session, app: str, email: str, permissions: str, given: Consent) -> int:
    """Change what an account may do with an app."""
    operation = ChangeAccess(session.api, app, email, _permissions(permissions) or [])
    return carry_out(session, operation, given).exit_code


@command("access:remove", "heroku access:remove ada@example.com -a harbour")
@click.argument("email")
@consent
def remove(session: Session, app: str, email: str, given: Consent) -> int:
    """Take an account's access to an app away."""
    return carry_out(session, TakeAccess(session.api, app, email), given).exit_code
