"""teams, teams:create, teams:destroy, members and its changes."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import Body, command, confirm, consent
from hatoba.cli.session import Session
from hatoba.client import teams
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.members import CreateTeam, DestroyTeam, PutMember, RemoveMember

ROLES = ("admin", "member", "viewer", "collaborator")


def team_option(body: Body) -> Body:
    """Add ``--team``; HEROKU_TEAM says it too."""
    return click.option("-t", "--team", metavar="TEAM", help="Team to act on.")(body)


def chosen(session: Session, named: str | None) -> str:
    """Return the team to act on. Raises UsageError when none is named."""
    team = named or session.settings.team
    if team is None:
        raise UsageError("Missing required flag: -t, --team TEAM. Your teams: heroku teams")
    return team


@command("teams", "heroku teams", app=False)
def listing(session: Session) -> None:
    """List the teams that you are in."""
    found = teams.listed(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
    elif not found:
        session.out.say("You are in no team. Make one: heroku teams:create NAME")
    else:
        session.out.table([(one.name, one.role or "") for one in found], ("Team", "Role"))


@command("teams:create", "heroku teams:create crew", app=False)
@click.argument("name")
@consent
def create(session: Session, name: str, given: Consent) -> int:
    """Make a team, of which you are the administrator."""
    return carry_out(session, CreateTeam(session.api, name), given).exit_code


@command("teams:destroy", "heroku teams:destroy crew --confirm crew", app=False)
@click.argument("name")
@confirm
def destroy(session: Session, name: str, given: Consent) -> int:
    """Remove a team that owns nothing."""
    return carry_out(session, DestroyTeam(session.api, name), given).exit_code


@command("members", "heroku members -t crew", "heroku members -t crew --role admin", app=False)
@team_option
@click.option("-r", "--role", type=click.Choice(ROLES), help="Only those who are this.")
@click.option("--pending", is_flag=True, help="Only those who are invited.")
def members(session: Session, team: str | None, role: str | None, pending: bool) -> None:
    """List who is in a team, and who is invited."""
    name = chosen(session, team)
    there = [] if pending else teams.members(session.api, name)
    rows = [(one.email, one.role, "") for one in there]
    rows += [(one.user.email, one.role, "invited") for one in teams.invitations(session.api, name)]
    rows = sorted(row for row in rows if role in (None, row[1]))
    if session.json:
        session.out.json([{"email": e, "role": r, "status": s} for e, r, s in rows])
    elif not rows:
        session.out.say(f"No members in {name}{f' with role {role}' if role else ''}.")
    else:
        session.out.table(rows, ("Email", "Role", "Status"))


def _role(body: Body) -> Body:
    choice = click.Choice(ROLES)
    return click.option("-r", "--role", type=choice, required=True, help="What they are.")(body)


@command("members:add", "heroku members:add ada@example.com -t crew -r member", app=False)
@click.argument("email")
@team_option
@_role
@consent
def add(session: Session, email: str, team: str | None, role: str, given: Consent) -> int:
    """Take an account into a team."""
    operation = PutMember(session.api, chosen(session, team), email, role, new=True)
    return carry_out(session, operation, given).exit_code


@command("members:set", "heroku members:set ada@example.com -t crew -r admin", app=False)
@click.argument("email")
@team_option
@_role
@consent
def set_(session: Session, email: str, team: str | None, role: str, given: Consent) -> int:
    """Give a member of a team another role."""
    operation = PutMember(session.api, chosen(session, team), email, role, new=False)
    return carry_out(session, operation, given).exit_code


@command("members:remove", "heroku members:remove ada@example.com -t crew", app=False)
@click.argument("email")
@team_option
@consent
def remove(session: Session, email: str, team: str | None, given: Consent) -> int:
    """Take an account out of a team and off its apps."""
    operation = RemoveMember(session.api, chosen(session, team), email)
    return carry_out(session, operation, given).exit_code
