"""auth:login, auth:logout, auth:token, auth:whoami."""

from __future__ import annotations

import sys

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import apps, credentials
from hatoba.client.api import Api
from hatoba.client.errors import ClientError, NotLoggedIn
from hatoba.client.target import Target
from hatoba.kit.secret import Secret


@command("auth:login", "heroku login", "pass show hatoba | heroku login --token-stdin", app=False)
@click.option("-i", "--interactive", is_flag=True, hidden=True, expose_value=False)
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
def login(session: Session, token_stdin: bool) -> None:
    """Keep a token for this platform, after trying it."""
    token = _given(session, token_stdin=token_stdin)
    target = session.target
    account = apps.account(Api(Target(target.origin, token, target.ca)))
    ca = str(target.ca) if target.ca else None
    kept = credentials.Login(target.api_url, account.email, token, ca)
    path = credentials.store(session.settings.config_dir, kept)
    session.out.say(f"Logged in at {target.api_url} as {account.email}; the token is in {path}.")
    if session.json:
        session.out.json({"api_url": target.api_url, "email": account.email})


def _given(session: Session, *, token_stdin: bool) -> str:
    if token_stdin:
        token = sys.stdin.readline().strip()
    elif session.interactive:
        import getpass

        token = getpass.getpass(f"Token for {session.target.api_url} (is not shown): ").strip()
    else:
        own = credentials.of_platform(session.settings.data_dir)
        token = own.token if own and own.api_url == session.target.api_url else ""
    if not token:
        raise ClientError(
            "No token to log in with, and no terminal to ask on.\n"
            "Give one on standard input: heroku login --token-stdin"
        )
    return token


@command("auth:logout", "heroku logout", app=False)
def logout(session: Session) -> None:
    """Forget this user's token for the platform."""
    target = session.target
    gone = credentials.forget(session.settings.config_dir, target.api_url)
    session.out.say(f"Logged out of {target.api_url}." if gone else "You were not logged in.")
    if session.settings.api_key:
        session.out.warn("HEROKU_API_KEY is still set and goes on being used.")
    if session.json:
        session.out.json({"api_url": target.api_url, "logged_out": gone})


@command("auth:token", "heroku auth:token", "heroku auth:token --reveal", app=False)
@click.option("--reveal", is_flag=True, help="Show the token itself.")
def token(session: Session, reveal: bool) -> None:
    """Show whether there is a token; the token itself with --reveal."""
    held = session.target.token
    if held is None:
        raise NotLoggedIn(f"Not logged in at {session.target.api_url}: run heroku login.")
    shown = held if reveal else str(Secret(held, key=session.target.api_url.encode()))
    if session.json:
        session.out.json({"api_url": session.target.api_url, "token": shown})
    else:
        session.out.data(shown)
    if not reveal:
        session.out.say("The token is masked. Show it: heroku auth:token --reveal", "dim")


@command("auth:whoami", "heroku auth:whoami", app=False)
def whoami(session: Session) -> None:
    """Show who is logged in."""
    if session.settings.api_key:
        session.out.warn("HEROKU_API_KEY is set")
    account = apps.account(session.api)
    if session.json:
        session.out.json({"api_url": session.target.api_url, "email": account.email})
    else:
        session.out.data(account.email)
