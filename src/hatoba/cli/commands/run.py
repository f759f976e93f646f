"""run, run:detached, console, rake, run:inside: one-off dynos, and commands inside dynos."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

import click

from hatoba.cli.command import Body, command
from hatoba.cli.session import Session
from hatoba.client import cloud_native, dynos, streams
from hatoba.client.dynos import OneOff
from hatoba.errors import UsageError
from hatoba.schema.platform import Dyno


class Options(TypedDict):
    """How a one-off dyno is to be run."""

    env: str | None
    size: str | None
    type_: str | None
    no_launcher: bool


class Inside(TypedDict):
    """How a command is to be run inside a dyno."""

    no_tty: bool
    no_launcher: bool


def _options(body: Body) -> Body:
    for option in (
        click.option("-e", "--env", help="Environment variables: A=1;B=2"),
        click.option("-s", "--size", help="Dyno size."),
        click.option("--type", "type_", help="Process type to run as."),
        click.option("--no-launcher", is_flag=True, help="On the stack cnb: without the launcher."),
        click.option("--no-notify", is_flag=True, expose_value=False, hidden=True),
    ):
        body = option(body)
    return body


def _ends(body: Body) -> Body:
    """Add the options about a command's exit code and its terminal."""
    for option in (
        click.option("--no-tty", is_flag=True, help="Run without a terminal."),
        click.option("-x", "--exit-code", is_flag=True, expose_value=False, help="Always so here."),
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
@_ends
@_options
def attached(
    session: Session, app: str, words: tuple[str, ...], no_tty: bool, **options: Unpack[Options]
) -> int:
    """Run a command in a dyno of its own, at this terminal; gives the command's exit code."""
    return _run(session, app, command_line(words), options, no_tty=no_tty)


@command("console", "heroku console -a harbour", words=True)
@click.argument("words", nargs=-1, metavar="[ARGUMENTS]...")
@_options
def console(session: Session, app: str, words: tuple[str, ...], **options: Unpack[Options]) -> int:
    """Run the console of the app, a process type or a program of that name, at this terminal."""
    return _run(session, app, command_line(("console", *words)), options)


@command("rake", "heroku rake db:migrate -a harbour", words=True)
@click.argument("words", nargs=-1, metavar="[TASK]...")
@_ends
@_options
def rake(
    session: Session, app: str, words: tuple[str, ...], no_tty: bool, **options: Unpack[Options]
) -> int:
    """Run rake in a dyno of its own, at this terminal."""
    return _run(session, app, command_line(("rake", *words)), options, no_tty=no_tty)


_PLAIN: Options = {"env": None, "size": None, "type_": None, "no_launcher": False}


def shell(session: Session, app: str, before: str | None = None) -> int:
    """Open a shell in a dyno of an app, at this terminal; ``before`` is run there first."""
    line = f"(\n{before}\n)\nbash" if before else "bash"
    return _run(session, app, line, _PLAIN, shown="bash")


def _run(
    session: Session,
    app: str,
    line: str,
    options: Options,
    *,
    no_tty: bool = False,
    shown: str | None = None,
) -> int:
    from hatoba.cli import attach
    from hatoba.client import rendezvous

    terminal = at_terminal(no_tty=no_tty)
    sent = rendezvous.with_exit_status(_launched(session, app, line, options["no_launcher"]))
    one_off = _one_off(session, sent, options, attach=True)

    def start() -> Dyno:
        return dynos.run(session.api, app, replace(one_off, no_tty=not terminal))

    title = f"Running {shown or line} on {app}"
    return attach.run(session, app, title, start, terminal=terminal)


@command(
    "run:inside",
    "heroku run:inside web.1 bash -a harbour",
    "heroku run:inside web.1 -a harbour -- ls -la /app",
    words=True,
)
@click.argument("dyno")
@click.argument("words", nargs=-1, metavar="COMMAND...")
@_ends
@click.option("--no-launcher", is_flag=True, help="On the stack cnb: without the launcher.")
def inside(
    session: Session, app: str, dyno: str, words: tuple[str, ...], **options: Unpack[Inside]
) -> int:
    """Run a command inside a dyno that runs, at this terminal; gives the command's exit code."""
    return run_inside(session, app, dyno, command_line(words), **options)


def run_inside(session: Session, app: str, dyno: str, line: str, **options: Unpack[Inside]) -> int:
    """Run a command line inside a dyno, at this terminal, and return its exit code."""
    from hatoba.cli import attach
    from hatoba.client import rendezvous

    terminal = at_terminal(no_tty=options["no_tty"])
    env = _terminal_environment(session)
    sent = rendezvous.with_exit_status(_launched(session, app, line, options["no_launcher"]))
    wanted = dynos.Inside(sent, env, no_tty=not terminal)

    def start() -> Dyno:
        return dynos.run_inside(session.api, app, dyno, wanted)

    title = f"Running {line} inside {dyno} of {app}"
    return attach.run(session, app, title, start, terminal=terminal)


def _launched(session: Session, app: str, line: str, no_launcher: bool) -> str:
    return line if no_launcher else cloud_native.launched(session.api, app, line)


def at_terminal(*, no_tty: bool = False) -> bool:
    """Tell whether a command's input and output are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not no_tty


@command("run:detached", "heroku run:detached python manage.py cleanup -a harbour", words=True)
@click.argument("words", nargs=-1, metavar="COMMAND...")
@click.option("-t", "--tail", is_flag=True, help="Follow its log.")
@_options
def detached(
    session: Session, app: str, words: tuple[str, ...], tail: bool, **options: Unpack[Options]
) -> None:
    """Run a command in a dyno of its own, with its output in the app's log."""
    line = command_line(words)
    with session.out.progress(f"Running {line} on {app}") as progress:
        sent = _launched(session, app, line, options["no_launcher"])
        dyno = dynos.run(session.api, app, _one_off(session, sent, options, attach=False))
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


def command_line(words: Sequence[str]) -> str:
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
    env = _environment(options["env"]) | _terminal_environment(session, sized=attach)
    return OneOff(line, attach, env, size=options["size"], type=options["type_"])


def _terminal_environment(session: Session, *, sized: bool = True) -> dict[str, str]:
    env = {"TERM": session.settings.term} if session.settings.term else {}
    if sized and sys.stdout.isatty():
        # The terminal itself: COLUMNS and LINES may be somebody else's.
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        env |= {"COLUMNS": str(columns), "LINES": str(rows)}
    return env


def _environment(text: str | None) -> dict[str, str]:
    found = {}
    for part in (text or "").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and name:
            found[name.strip()] = value
        elif part.strip():
            raise UsageError("--env must be NAME=VALUE, several with ; between them.")
    return found
