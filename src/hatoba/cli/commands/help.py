"""help, commands, version, which, search, update, plugins: the command line itself."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from itertools import groupby

import click

from hatoba import __version__
from hatoba.cli import elsewhere, registry
from hatoba.cli.command import Command, command
from hatoba.cli.session import Session
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError

_ENDING = """
App: -a APP, HEROKU_APP, -r REMOTE, or the git remote heroku. Data as JSON: --json.
Exit codes: 0 done and verified, 1 failed, 2 wrong usage, 3 confirmation or review needed
and nothing changed, 4 applied but not verified. heroku run gives the command's own."""


@command("help", "heroku help", "heroku help ps", "heroku help ps:scale", app=False)
@click.argument("name", required=False, metavar="[COMMAND]")
@click.option("--all", "everything", is_flag=True, help="List every command of every topic.")
def show(session: Session, name: str | None, everything: bool) -> None:
    """Show all topics, one topic's commands, or how a command is used."""
    if name is None:
        _overview(session, everything=everything)
        return
    found = registry.resolve(name)
    below = registry.below(name) or registry.below(found or name)
    if found is None and not below:
        raise UsageError(_unknown(name))
    if session.json:
        names = [*([found] if found else []), *below]
        session.out.json([described(one) for one in names])
        return
    if found is not None:
        _usage(session, found)
    if below:
        if found is not None:
            session.out.data()
        session.out.data("COMMANDS")
        _list(session, below)


def _unknown(name: str) -> str:
    why, near = elsewhere.reason(name), registry.suggest(name)
    if why:
        return f"{name} is not a command here. {why}"
    return f"{name} is not a command.{f' Did you mean {near}?' if near else ''}"


def _usage(session: Session, name: str) -> None:
    made = registry.load(name)
    with made.make_context(
        f"{session.program} {name}", [], obj=session, resilient_parsing=True
    ) as context:
        session.out.data(context.get_help())
    if others := [alias for alias, meant in registry.ALIASES.items() if meant == name]:
        session.out.data(f"\nAlso: {', '.join(f'{session.program} {one}' for one in others)}")


def _overview(session: Session, *, everything: bool) -> None:
    shown = registry.shown()
    if session.json:
        session.out.json({name: _summary(name) for name in shown})
        return
    program = session.program
    session.out.data(f"Usage: {program} COMMAND [ARGUMENTS] [OPTIONS]")
    session.out.data(f"How one is used, with examples: {program} help COMMAND")
    if everything:
        session.out.data()
        for _, names in groupby(shown, key=registry.topic):
            _list(session, names)
    else:
        session.out.data(f"Every command: {program} help --all\n\nTOPICS")
        _topics(session, shown)
    session.out.data(_ENDING)


def _topics(session: Session, shown: Iterable[str]) -> None:
    topics = sorted({registry.topic(name) for name in shown})
    width = max(map(len, topics)) + 1
    session.out.entries(((topic, _about(topic)) for topic in topics), width)


def _about(topic: str) -> str:
    return registry.TOPICS.get(topic) or _summary(topic)


def _list(session: Session, names: Iterable[str]) -> None:
    session.out.entries(((name, _summary(name)) for name in names), 24)


def _summary(name: str) -> str:
    return registry.load(name).get_short_help_str(limit=90)


def described(name: str) -> dict[str, object]:
    """Return what programs want to know of a command: its arguments, options and examples."""
    made = registry.load(name)
    options = [p for p in made.params if isinstance(p, click.Option) and not p.hidden]
    return {
        "id": name,
        "summary": made.get_short_help_str(limit=200),
        "description": made.help,
        "aliases": [alias for alias, meant in registry.ALIASES.items() if meant == name],
        "args": [p.name for p in made.params if isinstance(p, click.Argument)],
        "flags": {max(p.opts, key=len).lstrip("-"): p.help for p in options},
        "examples": list(made.examples) if isinstance(made, Command) else [],
    }


@command("commands", "heroku commands", "heroku commands --json", app=False)
def commands(session: Session) -> None:
    """List every command; as JSON with its arguments, options and examples."""
    if session.json:
        session.out.json([described(name) for name in registry.shown()])
    else:
        _list(session, registry.shown())


@command("search", "heroku search certificate", app=False)
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
def search(session: Session, words: tuple[str, ...]) -> int:
    """Find the commands that say something of these words."""
    found = [
        name
        for name in registry.shown()
        if all(word.lower() in f"{name} {registry.load(name).help}".lower() for word in words)
    ]
    if session.json:
        session.out.json([described(name) for name in found])
    else:
        _list(session, found)
    return 0 if found else 1


@command("which", "heroku which ps:scale", app=False)
@click.argument("name", metavar="COMMAND")
def which(session: Session, name: str) -> None:
    """Show which command a word means, and where it comes from."""
    found = registry.resolve(name)
    if found is None:
        raise UsageError(f"{name} is not a command. See all: {session.program} commands")
    if session.json:
        session.out.json({"id": found, "plugin": "hatoba", "version": __version__})
    else:
        session.out.header(found)
        session.out.fields({"plugin": f"hatoba {__version__}", "program": sys.argv[0]})


@command("version", "heroku version", app=False)
def version(session: Session) -> None:
    """Show the version of this program."""
    if session.json:
        session.out.json({"hatoba": __version__, "python": platform.python_version()})
    else:
        session.out.data(f"hatoba/{__version__} python/{platform.python_version()}")


@command("update", "heroku update", app=False)
@click.argument("channel", required=False)
def update(session: Session, channel: str | None) -> None:
    """Say how this program is updated: as a Python package, with the platform."""
    del channel
    raise ClientError(
        f"hatoba {__version__} doesn't update itself: it is one package with the platform. "
        f"Update it as you installed it, such as {sys.executable} -m pip install --upgrade hatoba, "
        "then run hatoba down and hatoba up."
    )


@command("plugins", "heroku plugins", app=False)
@click.argument("words", nargs=-1, metavar="")
def plugins(session: Session, words: tuple[str, ...]) -> None:
    """List plugins: this command line has none, everything is built in."""
    if words:
        raise ClientError("This command line takes no plugins; the official one does.")
    if session.json:
        session.out.json([])
    else:
        session.out.data("No plugins installed. Every command is built in: heroku commands")
