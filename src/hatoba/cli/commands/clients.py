"""clients and its changes; sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.secrets import check_place, hand_over, shown_once
from hatoba.cli.session import Session
from hatoba.client import account
from hatoba.errors import UsageError
from hatoba.kit.secret import DOTS
from hatoba.operations import authorizations
from hatoba.operations.authorizations import MakeClient, Rotate
from hatoba.operations.consent import Consent
from hatoba.schema.platform import OAuthClient

_shell = click.option("-s", "--shell", is_flag=True, help="Write NAME=VALUE, for a shell.")


def _variables(identity: str, secret: str) -> str:
    """Write what a client logs in with as the official command does, for a shell."""
    return f"HEROKU_OAUTH_ID={identity}\nHEROKU_OAUTH_SECRET={secret}"


@command("clients", "heroku clients", app=False)
def listing(session: Session) -> None:
    """List your OAuth clients."""
    found = account.clients(session.api)
    if session.json:
        session.out.json([_shown(one) for one in found])
    elif not found:
        session.out.say("You have no OAuth clients. Make one: heroku clients:create NAME URL")
    else:
        rows = [(one.name, one.id, one.redirect_uri) for one in found]
        session.out.table(rows, ("Name", "ID", "Redirect URL"))


def _shown(one: OAuthClient, *, reveal: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(one)
    return found if reveal else {**found, "secret": DOTS}


def _find(session: Session, identity: str) -> OAuthClient:
    for one in account.clients(session.api):
        if identity in (one.id, one.name):
            return one
    raise UsageError(f"You have no OAuth client {identity}. See: heroku clients")


@command("clients:info", "heroku clients:info ID", "heroku clients:info ID --reveal", app=False)
@click.argument("client", metavar="ID")
@_shell
@click.option("--reveal", is_flag=True, help="Show the secret itself.")
def info(session: Session, client: str, shell: bool, reveal: bool) -> None:
    """Show one OAuth client; its secret with --reveal."""
    shown = _shown(_find(session, client), reveal=reveal)
    if session.json:
        session.out.json(shown)
    elif shell:
        session.out.data(f"HEROKU_OAUTH_ID={shown['id']}")
        session.out.data(f"{'' if reveal else '# '}HEROKU_OAUTH_SECRET={shown['secret']}")
    else:
        names = ("id", "name", "redirect_uri", "secret")
        session.out.fields({name: shown[name] for name in names})


@command(
    "clients:create",
    "heroku clients:create Buoy https://buoy.example.com/back --output secret.txt",
    app=False,
)
@click.argument("name")
@click.argument("redirect_uri", metavar="URL")
@_shell
@shown_once
def create(
    session: Session,
    name: str,
    redirect_uri: str,
    shell: bool,
    reveal: bool,
    output: Path | None,
) -> int:
    """Make an OAuth client: a program that acts for accounts which let it."""
    check_place(session, "secret", reveal=reveal, output=output)
    operation = MakeClient(session.api, {"name": name, "redirect_uri": redirect_uri})
    outcome = carry_out(session, operation)
    identity, secret = operation.made.id, operation.made.secret
    if not shell:
        session.out.say(f"HEROKU_OAUTH_ID={identity}")
    hand_over(session, _variables(identity, secret) if shell else secret, output=output)
    return outcome.exit_code


@command("clients:update", "heroku clients:update ID --url https://buoy.example.com/", app=False)
@click.argument("client", metavar="ID")
@click.option("-n", "--name", metavar="NAME", help="What it is called.")
@click.option("--url", metavar="URL", help="Where accounts are sent back to.")
@consent
def update(session: Session, client: str, name: str | None, url: str | None, given: Consent) -> int:
    """Change an OAuth client's name or address."""
    if name is None and url is None:
        raise UsageError("Say what to change: --name NAME or --url URL")
    one = _find(session, client)
    operation = authorizations.update_client(
        session.api, one, name or one.name, url or one.redirect_uri
    )
    return carry_out(session, operation, given).exit_code


@command("clients:rotate", "heroku clients:rotate ID --reveal", app=False)
@click.argument("client", metavar="ID")
@_shell
@shown_once
@consent
def rotate(
    session: Session,
    client: str,
    shell: bool,
    reveal: bool,
    output: Path | None,
    given: Consent,
) -> int:
    """Give an OAuth client a new secret; the old one is refused from then on."""
    check_place(session, "secret", reveal=reveal, output=output)
    one = _find(session, client)
    operation = Rotate(session.api, one)
    outcome = carry_out(session, operation, given)
    secret = operation.secret
    hand_over(session, _variables(one.id, secret) if shell else secret, output=output)
    return outcome.exit_code


@command("clients:destroy", "heroku clients:destroy ID", app=False)
@click.argument("client", metavar="ID")
@consent
def destroy(session: Session, client: str, given: Consent) -> int:
    """Remove an OAuth client and all tokens that it holds."""
    operation = authorizations.destroy_client(session.api, _find(session, client))
    return carry_out(session, operation, given).exit_code


@command("sessions", "heroku sessions", app=False)
def sessions(session: Session) -> None:
    """List your sessions in a dashboard; logins of command lines are authorizations."""
    found = session.api.pages("/oauth/sessions", dict)
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.say("You have no sessions. Logins are authorizations: heroku authorizations")
    else:
        session.out.table(
            [(one["description"] or "", one["id"]) for one in found], ("Description", "ID")
        )
