"""run, run:detached: one-off dynos."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

import click

from hatoba.cli.command import Body, command
from hatoba.cli.session import Session
from hatoba.client import dynos, streams
from hatoba.client.dynos import OneOff
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.schema.platform import Dyno


class Options(TypedDict):
    """How a one-off dyno is to be run."""

    env: str | None
    size: str | None
    type_: str | None


def _options(body: Body) -> Body:
    for option in (
        click.option("-e", "--env", help="Environment variables: A=1;B=2"),
        click.option("-s", "--size", help="Dyno size."),
        click.option("--type", "type_", help="Process type to run as."),
        click.option("--no-launcher", is_flag=True, expose_value=False, hidden=True),
        click.option("--no-notify", is_flag=True, expose_value=False, hidden=True),
    ):
        body = option(body)
    return body


@command(
    "run",
    "heroku run bash -a harbour",
    "heroku run python manage.py migrate -a harbour",
    "heroku run -s standard-2x -a harbour -- myscript.sh -a arg1 -s arg2",
    words=True,
)
@click.argument("words", nargs=-1, metavar="COMMAND...")
@click.option("-x", "--exit-code", is_flag=True, expose_value=False, help="Always so here.")
@click.option("--no-tty", is_flag=True, help="Run without a terminal.")
@_options
def attached(
    session: Session, app: str, words: tuple[str, ...], no_tty: bool, **options: Unpack[Options]
) -> int:
    """Run a command in a dyno of its own, at this terminal; gives the command's exit code."""
    from hatoba.cli.attach import Attached, Forced
    from hatoba.client import rendezvous

    line = _command(words)
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not no_tty
    with session.out.progress(f"Running {line} on {app}") as progress:
        one_off = _one_off(session, rendezvous.with_exit_status(line), options, attach=True)
        dyno = dynos.run(session.api, app, replace(one_off, no_tty=not terminal))
        progress.status(f"connecting, {dyno.name}")
        if not dyno.attach_url:
            raise ClientError("The platform gave no address to attach to.")
        link = rendezvous.connect(dyno.attach_url, session.target.ca)
        progress.done(f"up, {dyno.name} ({dyno.size})")
    try:
        code = Attached(link, terminal=terminal).run()
    except Forced:
        raise ClientError(f"Disconnected from {dyno.name} by force.") from None
    if code is None:
        raise ClientError(f"{dyno.name} ended without telling an exit code. See: heroku logs")
    return code


@command("run:detached", "heroku run:detached python manage.py cleanup -a harbour", words=True)
@click.argument("words", nargs=-1, metavar="COMMAND...")
@click.option("-t", "--tail", is_flag=True, help="Follow its log.")
@_options
def detached(
    session: Session, app: str, words: tuple[str, ...], tail: bool, **options: Unpack[Options]
) -> None:
    """Run a command in a dyno of its own, with its output in the app's log."""
    line = _command(words)
    with session.out.progress(f"Running {line} on {app}") as progress:
        dyno = dynos.run(session.api, app, _one_off(session, line, options, attach=False))
        progress.done(f"done, {dyno.name}")
    if session.json:
        session.out.json(dyno)
    if tail:
        _follow(session, app, dyno)
    else:
        session.out.say(f"Its output: heroku logs --dyno {dyno.name} -a {app}")


def _follow(session: Session, app: str, dyno: Dyno) -> None:
    for line in streams.logs(session.api, app, streams.LogFilter(dyno=dyno.name, tail=True)):
        session.out.data(line)
        session.out.flush()


def _command(words: Sequence[str]) -> str:
    """Put words together as the official command does: one word is left as it is."""
    if not words:
        raise UsageError("Say what to run: heroku run COMMAND, for example heroku run bash.")
    return words[0] if len(words) == 1 else " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if " " in word or '"' in word:
        escaped = word.replace('"', '\\"')
        return f'"{escaped}"'
    return word


def _one_off(session: Session, line: str, options: Options, *, attach: bool) -> OneOff:
    env = _environment(options["env"])
    if session.settings.term:
        env["TERM"] = session.settings.term
    if attach and sys.stdout.isatty():
        columns, rows = shutil.get_terminal_size()
        env |= {"COLUMNS": str(columns), "LINES": str(rows)}
    return OneOff(line, attach, env, size=options["size"], type=options["type_"])


def _environment(text: str | None) -> dict[str, str]:
    found = {}
    for part in (text or "").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and name:
            found[name.strip()] = value
        elif part.strip():
            raise UsageError("--env must be NAME=VALUE, several with ; between them.")
    return found
