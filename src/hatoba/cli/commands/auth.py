"""auth:login, auth:logout, auth:token, auth:whoami."""

from __future__ import annotations

import socket
import sys
from typing import TypedDict, Unpack

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import account, apps, credentials, login
from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError, NotLoggedIn
from hatoba.client.target import Target
from hatoba.errors import UsageError
from hatoba.kit.secret import Secret
from hatoba.schema.platform import Authorization


class Options(TypedDict):
    """How to log in."""

    interactive: bool
    token_stdin: bool
    browser: str | None
    expires_in: int | None


@command(
    "auth:login",
    "heroku login",
    "heroku login -i",
    "pass show hatoba | heroku login --token-stdin",
    app=False,
)
@click.option("-i", "--interactive", is_flag=True, help="Ask for e-mail address and password.")
@click.option("--token-stdin", is_flag=True, help="Read a token from standard input.")
@click.option("--browser", metavar="NAME", help="Web browser to open, such as firefox.")
@click.option("-e", "--expires-in", type=click.IntRange(min=1), help="Seconds, with -i.")
def log_in(session: Session, **options: Unpack[Options]) -> None:
    """Log in at this platform: by a browser, with a password, or with a token."""
    if options["expires_in"] and not options["interactive"]:
        raise UsageError("--expires-in goes with a password: heroku login -i --expires-in SECONDS")
    token = _given(session, options)
    target = session.target
    email = apps.account(Api(Target(target.origin, token, target.ca))).email
    ca = str(target.ca) if target.ca else None
    kept = credentials.Login(target.api_url, email, token, ca)
    path = credentials.store(session.settings.config_dir, kept)
    session.out.say(f"Logged in at {target.api_url} as {email}; the token is in {path}.")
    if session.json:
        session.out.json({"api_url": target.api_url, "email": email})


def _given(session: Session, options: Options) -> str:
    if options["token_stdin"]:
        token = sys.stdin.readline().strip()
    elif not session.interactive and not options["interactive"]:
        own = credentials.of_platform(session.settings.data_dir)
        token = own.token if own and own.api_url == session.target.api_url else ""
    elif not session.interactive:
        token = ""
    elif options["interactive"]:
        lasts = options["expires_in"] or login.LASTS_SECONDS
        token = _by_password(session, login.Wish(_description(), lasts))
    else:
        token = _by_browser(session, options["browser"])
    if not token:
        raise ClientError(
            "No token to log in with, and no terminal to ask on.\n"
            "Give one on standard input: heroku login --token-stdin"
        )
    return token


def _description() -> str:
    return f"Hatoba CLI login from {socket.gethostname()}"


def _by_password(session: Session, wish: login.Wish) -> str:
    import getpass

    session.out.say("Enter your login credentials:")
    email = session.out.ask("Email:")
    password = getpass.getpass("Password: ", stream=sys.stderr)
    try:
        return login.by_password(session.anybody, email, password, code=None, wish=wish)
    except ApiError as error:
        if error.id != "two_factor":
            raise
    code = getpass.getpass("Two-factor code: ", stream=sys.stderr)
    return login.by_password(session.anybody, email, password, code=code, wish=wish)


def _by_browser(session: Session, browser: str | None) -> str:
    import webbrowser

    try:
        opened = webbrowser.get(browser) if browser else webbrowser
    except webbrowser.Error as error:
        raise UsageError(f"There is no browser {browser} on this machine.") from error
    begun = login.begin(session.anybody, _description())
    session.out.say("Log in here (or with a password in this terminal: heroku login -i):")
    session.out.say(f"  {begun.url}", "cyan")
    opened.open(begun.url)
    with session.out.progress("Waiting for login"):
        return login.wait(session.anybody, begun)


@command("auth:logout", "heroku logout", app=False)
def logout(session: Session) -> None:
    """Forget this user's token for the platform, and have the platform refuse it."""
    target = session.target
    held = credentials.of_user(session.settings.config_dir, target.api_url)
    revoked = held is not None and _revoke(Api(Target(target.origin, held.token, target.ca)))
    gone = credentials.forget(session.settings.config_dir, target.api_url)
    session.out.say(f"Logged out of {target.api_url}." if gone else "You were not logged in.")
    if session.settings.api_key:
        session.out.warn("HEROKU_API_KEY is still set and goes on being used.")
    if session.json:
        session.out.json({"api_url": target.api_url, "logged_out": gone, "revoked": revoked})


def _revoke(api: Api) -> bool:
    """Revoke the login's own authorization; a token that others may use too is left alone.

    Only logins end by themselves, and only their tokens are kept nowhere else.
    """
    try:
        mine = [one for one in account.authorizations(api) if _is(one, api.target.token or "")]
        for one in mine:
            account.revoke(api, one.id)
    except ClientError:
        return False
    return bool(mine)


def _is(one: Authorization, token: str) -> bool:
    shown = one.access_token or {}
    start, _, end = str(shown.get("token", "")).partition("*" * 10)
    return shown.get("expires_in") is not None and token.startswith(start) and token.endswith(end)


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
    found = apps.account(session.api)
    if session.json:
        session.out.json({"api_url": session.target.api_url, "email": found.email})
    else:
        session.out.data(found.email)


@command("auth:2fa", "heroku auth:2fa", app=False)
def two_factor(session: Session) -> None:
    """Show whether logging in takes a second factor."""
    on = apps.account(session.api).two_factor_authentication
    if session.json:
        session.out.json({"two_factor_authentication": on})
    else:
        session.out.data(f"Two-factor authentication is {'enabled' if on else 'not enabled'}")


@command("auth:2fa:enable", "heroku auth:2fa:enable", app=False)
def enable(session: Session) -> None:
    """Have each login take a code of an authenticator app from now on."""
    if not session.interactive:
        raise UsageError("This asks for a code of your device: run it at a terminal.")
    uri = account.propose_factor(session.api)
    secret = uri.partition("secret=")[2].partition("&")[0]
    session.out.say("Add this to an authenticator app, as a key or as a link:")
    session.out.say(f"  {secret}")
    session.out.say(f"  {uri}", "dim")
    code = session.out.ask("Code that the app shows:")
    codes = account.enable_factor(session.api, secret, code)
    session.out.say(
        "Two-factor authentication is on. Keep these codes for when the device is lost;"
    )
    session.out.say("each is good once, and they are shown only now:")
    for one in codes:
        session.out.say(f"  {one}")
    if session.json:
        session.out.json({"two_factor_authentication": True})


@command("auth:2fa:disable", "heroku auth:2fa:disable", app=False)
def disable(session: Session) -> None:
    """Have logins take the password alone again."""
    if not session.interactive:
        raise UsageError("This asks for your password and a code: run it at a terminal.")
    import getpass

    password = getpass.getpass("Password: ", stream=sys.stderr)
    code = getpass.getpass("Two-factor code, or a recovery code: ", stream=sys.stderr)
    account.disable_factor(session.api, password, code)
    session.out.say("Two-factor authentication is off.")
    if session.json:
        session.out.json({"two_factor_authentication": False})
