"""authorizations and its changes."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict, Unpack

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.secrets import check_place, hand_over, shown_once
from hatoba.cli.session import Session
from hatoba.client import account
from hatoba.operations import authorizations
from hatoba.operations.authorizations import Authorize, Rotate
from hatoba.operations.consent import Consent
from hatoba.schema.platform import Authorization


class Options(TypedDict):
    """What may be said about a new authorization."""

    description: str | None
    scope: str | None
    expires_in: int | None
    short: bool
    reveal: bool
    output: Path | None


@command("authorizations", "heroku authorizations", app=False)
def listing(session: Session) -> None:
    """List your authorizations: each login is one, and each token made for a program."""
    found = account.authorizations(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    rows = [(one.description or "", one.id, ", ".join(one.scope)) for one in found]
    session.out.table(sorted(rows), ("Description", "ID", "Scope"))


@command("authorizations:info", "heroku authorizations:info ID", app=False)
@click.argument("authorization", metavar="ID")
def info(session: Session, authorization: str) -> None:
    """Show one authorization; its token is masked."""
    found = account.authorization(session.api, authorization)
    if session.json:
        session.out.json(msgspec.to_builtins(found))
        return
    session.out.fields(_fields(found))


def _fields(one: Authorization) -> dict[str, object]:
    token = one.access_token or {}
    expires = token.get("expires_in")
    return {
        "Client": (one.client or {}).get("name", "<none>"),
        "ID": one.id,
        "Description": one.description,
        "Scope": ", ".join(one.scope),
        "Token": token.get("token"),
        "Expires in": "never" if expires is None else f"{expires} s",
        "Updated at": one.updated_at,
    }


@command(
    "authorizations:create",
    "heroku authorizations:create -d 'Deploys from CI' -s write --output token.txt",
    "heroku authorizations:create -d Backups -s read-protected -e 3600 --reveal",
    app=False,
)
@click.option("-d", "--description", metavar="TEXT", help="What it is for.")
@click.option("-s", "--scope", metavar="LIST", help="global, identity, read, write, …-protected.")
@click.option("-e", "--expires-in", type=click.IntRange(min=1), help="Seconds that it is good for.")
@click.option("-S", "--short", is_flag=True, help="Print the token alone; reveals it.")
@shown_once
def create(session: Session, **options: Unpack[Options]) -> int:
    """Make a token for a program, with no more scope than it needs."""
    reveal, output = options["reveal"] or options["short"], options["output"]
    check_place(session, "token", reveal=reveal, output=output)
    scope = options["scope"]
    wanted = {
        "description": options["description"],
        "scope": [one.strip() for one in scope.split(",")] if scope else None,
        "expires_in": options["expires_in"],
    }
    operation = Authorize(session.api, wanted)
    outcome = carry_out(session, operation)
    hand_over(session, str((operation.made.access_token or {})["token"]), output=output)
    return outcome.exit_code


@command("authorizations:update", "heroku authorizations:update ID -d 'New name'", app=False)
@click.argument("authorization", metavar="ID")
@click.option("-d", "--description", metavar="TEXT", required=True, help="What it is for.")
@consent
def update(session: Session, authorization: str, description: str, given: Consent) -> int:
    """Change what an authorization is called."""
    found = account.authorization(session.api, authorization)
    operation = authorizations.describe(session.api, found, description)
    return carry_out(session, operation, given).exit_code


@command("authorizations:revoke", "heroku authorizations:revoke ID", app=False)
@click.argument("authorization", metavar="ID")
@consent
def revoke(session: Session, authorization: str, given: Consent) -> int:
    """Take a token away; whatever uses it is refused from then on."""
    found = account.authorization(session.api, authorization)
    return carry_out(session, authorizations.revoke(session.api, found), given).exit_code


@command("authorizations:rotate", "heroku authorizations:rotate ID --reveal", app=False)
@click.argument("authorization", metavar="ID")
@shown_once
@consent
def rotate(
    session: Session, authorization: str, reveal: bool, output: Path | None, given: Consent
) -> int:
    """Give an authorization a new token; the old one is refused from then on."""
    check_place(session, "token", reveal=reveal, output=output)
    operation = Rotate(session.api, account.authorization(session.api, authorization))
    outcome = carry_out(session, operation, given)
    hand_over(session, operation.secret, output=output)
    return outcome.exit_code
