"""users, users:add, users:password, users:remove, users:reset, users:set."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.secrets import check_place, hand_over, shown_once
from hatoba.cli.session import Session
from hatoba.client import account, users
from hatoba.errors import UsageError
from hatoba.operations import users as operations
from hatoba.operations.consent import Consent


@command("users", "heroku users", app=False)
def listing(session: Session) -> None:
    """List all accounts of this platform; for its administrators."""
    found = users.listed(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    rows = [
        (
            one.email,
            one.name or "",
            "administrator" if one.admin else "user",
            "on" if one.two_factor_authentication else "off",
        )
        for one in found
    ]
    session.out.table(rows, ("Email", "Name", "Role", "2FA"))


@command("users:add", "heroku users:add ada@example.com --name Ada", app=False)
@click.argument("email")
@click.option("-n", "--name", metavar="NAME", help="What they are called.")
@click.option("--admin", is_flag=True, help="They make and remove accounts too.")
@consent
def add(session: Session, email: str, name: str | None, admin: bool, given: Consent) -> int:
    """Make an account for somebody; for administrators of this platform."""
    operation = operations.add(session.api, email, name=name, admin=admin)
    outcome = carry_out(session, operation, given)
    if outcome.changed:
        session.out.say(f"A token to set their password: heroku users:reset {email} --reveal")
    return outcome.exit_code


@command("users:set", "heroku users:set ada@example.com --admin", app=False)
@click.argument("email")
@click.option("--admin/--no-admin", required=True, help="Whether they make and remove accounts.")
@consent
def set_(session: Session, email: str, admin: bool, given: Consent) -> int:
    """Make an account an administrator's, or a user's again; for administrators."""
    _find(session, email)
    return carry_out(session, operations.appoint(session.api, email, admin=admin), given).exit_code


@command("users:remove", "heroku users:remove ada@example.com", app=False)
@click.argument("email")
@confirm
def remove(session: Session, email: str, given: Consent) -> int:
    """Remove an account that owns no apps and pipelines; for administrators."""
    _find(session, email)
    return carry_out(session, operations.remove(session.api, email), given).exit_code


def _find(session: Session, email: str) -> None:
    if email.strip().lower() not in [one.email for one in users.listed(session.api)]:
        raise UsageError(f"There is no account {email}. See: heroku users")


@command(
    "users:reset",
    "heroku users:reset ada@example.com --reveal",
    "heroku users:reset ada@example.com --two-factor --output token.txt",
    app=False,
)
@click.argument("email")
@click.option("--two-factor", is_flag=True, help="Also end their second factor.")
@shown_once
@consent
def reset(
    session: Session,
    email: str,
    two_factor: bool,
    reveal: bool,
    output: Path | None,
    given: Consent,
) -> int:
    """Make a token by which somebody sets a new password, once, within a day."""
    check_place(session, "token", reveal=reveal, output=output)
    _find(session, email)
    operation, made = operations.reset(session.api, email.strip().lower(), factor=two_factor)
    outcome = carry_out(session, operation, given)
    session.out.say("They set their password: heroku users:password --token-stdin")
    hand_over(session, made[0], output=output)
    return outcome.exit_code


@command(
    "users:password", "heroku users:password", "heroku users:password --token-stdin", app=False
)
@click.option("--token-stdin", is_flag=True, help="Read an administrator's token first.")
def password(session: Session, token_stdin: bool) -> None:
    """Set your own password: with the present one, or by a token from an administrator."""
    if not session.interactive and not token_stdin:
        raise UsageError("There is no terminal to ask on: heroku users:password --token-stdin")
    token = _asked(session, "Token", token_stdin) if token_stdin else None
    present = None if token else _asked(session, "Present password, empty if none", token_stdin)
    new = _asked(session, "New password", token_stdin)
    if session.interactive and _asked(session, "New password again", token_stdin) != new:
        raise UsageError("These were two different passwords. Nothing was changed.")
    if token is None:
        account.set_password(session.api, new, present)
        session.out.say("Your password is set. Log in by it: heroku login -i")
    else:
        email = account.finish_reset(session.anybody, token, new)
        session.out.say(f"The password of {email} is set. Log in: heroku login -i")
    if session.json:
        session.out.json({"changed": True})


def _asked(session: Session, what: str, stdin: bool) -> str:
    """Ask without showing the answer; without a terminal read the next line."""
    if session.interactive:
        import getpass

        return getpass.getpass(f"{what}: ", stream=sys.stderr)
    del stdin
    line = sys.stdin.readline()
    if not line:
        raise UsageError(f"{what} is missing: one line each on standard input.")
    return line.rstrip("\n")
