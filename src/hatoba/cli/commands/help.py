"""help, version."""

from __future__ import annotations

import platform
from itertools import groupby

import click

from hatoba import __version__
from hatoba.cli import main, registry
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.errors import UsageError

_ENDING = """
App: -a APP, HEROKU_APP, -r REMOTE, or the git remote heroku. Data as JSON: --json.
Exit codes: 0 done and verified, 1 failed, 2 wrong usage, 3 confirmation or review needed
and nothing changed, 4 applied but not verified. heroku run gives the command's own."""


@command("help", "heroku help", "heroku help ps:scale", app=False)
@click.argument("name", required=False, metavar="[COMMAND]")
def show(session: Session, name: str | None) -> None:
    """Show all commands, or how one is used."""
    if name is None:
        _all(session)
        return
    found = registry.resolve(name)
    below = [c for c in registry.COMMANDS if c.startswith(f"{name}:")]
    if found is None and not below:
        near = registry.suggest(name)
        raise UsageError(f"{name} is not a command.{f' Did you mean {near}?' if near else ''}")
    if found is not None:
        with main.load(found).make_context(
            f"{session.program} {found}", [], obj=session, resilient_parsing=True
        ) as context:
            session.out.data(context.get_help())
    if below:
        session.out.data(f"\nMore of {name}:")
        _list(session, below)


def _all(session: Session) -> None:
    program = session.program
    session.out.data(f"Usage: {program} COMMAND [ARGUMENTS] [OPTIONS]")
    session.out.data(f"How one is used, with examples: {program} help COMMAND\n")
    shown = [name for name in registry.COMMANDS if name not in registry.HIDDEN]
    if session.json:
        session.out.json({name: _summary(name) for name in shown})
        return
    for _, names in groupby(shown, key=lambda name: name.partition(":")[0]):
        _list(session, list(names))
    session.out.data(_ENDING)


def _list(session: Session, names: list[str]) -> None:
    for name in names:
        session.out.data(f"  {name.ljust(20)} {_summary(name)}")


def _summary(name: str) -> str:
    return main.load(name).get_short_help_str(limit=90)


@command("version", "heroku version", app=False)
def version(session: Session) -> None:
    """Show the version of this program."""
    if session.json:
        session.out.json({"hatoba": __version__, "python": platform.python_version()})
    else:
        session.out.data(f"hatoba/{__version__} python/{platform.python_version()}")
