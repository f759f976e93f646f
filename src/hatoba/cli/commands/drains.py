"""drains, drains:add, drains:remove."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import drains
from hatoba.kit.secret import masked_url
from hatoba.operations.consent import Consent
from hatoba.operations.drains import AddDrain, RemoveDrain


@command("drains", "heroku drains -a harbour", "heroku drains --reveal -a harbour")
@click.option("--reveal", is_flag=True, help="Show the URLs with their passwords and keys.")
def listing(session: Session, app: str, *, reveal: bool) -> None:
    """List the log servers that an app's lines are sent on to."""
    found = drains.listed(session.api, app)
    shown = [d if reveal else msgspec.structs.replace(d, url=masked_url(d.url)) for d in found]
    if session.json:
        session.out.json([msgspec.to_builtins(d) for d in shown])
    elif not shown:
        session.out.say(f"{app} has no drains. Add one: heroku drains:add URL -a {app}")
    else:
        session.out.header("Drains")
        for drain in shown:
            session.out.data(f"{drain.url} ({drain.token})")


@command(
    "drains:add",
    "heroku drains:add https://user:password@logs.example.com/ -a harbour",
    "heroku drains:add syslog+tls://logs.example.com:6514 -a harbour",
)
@click.argument("url")
@consent
def add(session: Session, app: str, url: str, given: Consent) -> int:
    """Send an app's lines on to a log server: https, http, syslog+tls or syslog."""
    return carry_out(session, AddDrain(session.api, app, url), given).exit_code


@command("drains:remove", "heroku drains:remove d.5b9f8e6c-1d2a-4f43-9b0f-0c8b0b9a7d11 -a harbour")
@click.argument("drain")
@consent
def remove(session: Session, app: str, drain: str, given: Consent) -> int:
    """Send an app's lines no more to a log server, named by its URL or token."""
    return carry_out(session, RemoveDrain(session.api, app, drain), given).exit_code
