"""Entry point of ``hatoba`` and ``heroku``: finds the command, runs it, gives its exit code.

0 done and verified, 1 failed, 2 wrong usage, 3 confirmation or review needed and nothing
changed, 4 applied but not verified, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import NoReturn

import click

from hatoba import settings
from hatoba.cli import elsewhere, next_steps, registry
from hatoba.cli.output import Output
from hatoba.cli.session import Session
from hatoba.errors import HatobaError, UsageError

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line with the arguments of this process."""
    program = PurePath(sys.argv[0]).name
    sys.exit(run(sys.argv[1:], "hatoba" if program == "hatoba" else "heroku"))


def run(arguments: Sequence[str], program: str = "heroku") -> int:
    """Run one command and return its exit code."""
    try:
        chosen = settings.load_client()
    except ValueError as error:
        Output(color=False).error(str(error))
        return USAGE
    if chosen.completion:
        from hatoba.cli import completion

        return completion.answer(chosen, program)
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another character set shows the ticks in its own way, or as escapes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    session = Session(chosen, Output(color=chosen.color), program)
    try:
        code = _run(session, list(arguments))
        session.out.flush()
    except BrokenPipeError:
        # Whoever read has gone (head, less); the interpreter must not complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(session: Session, arguments: list[str]) -> int:
    try:
        return _invoke(session, arguments)
    except click.ClickException as error:
        hints = _usage_hint(session, error) if isinstance(error, click.UsageError) else ()
        session.out.error(error.format_message(), hints)
        return USAGE if hints else FAILED
    except UsageError as error:
        session.out.error(error.message)
        return USAGE
    except HatobaError as error:
        session.out.error(error.message, next_steps.after(error, session.acting_on))
        return getattr(error, "exit_code", FAILED)
    except (EOFError, KeyboardInterrupt, click.Abort) as error:
        session.out.say()
        if isinstance(error, EOFError):
            session.out.error("The input ended before the question was answered.")
            return FAILED
        return INTERRUPTED


def _invoke(session: Session, arguments: list[str]) -> int:
    name, rest = _split(joined(session.program, arguments))
    command = registry.load(_known(session, name, rest))
    try:
        with command.make_context(f"{session.program} {name}", rest, obj=session) as context:
            command.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return 0


def joined(program: str, arguments: list[str]) -> list[str]:
    """Return the arguments with ``hatoba stack build`` as the one command that it is.

    ``heroku stack`` is another: it tells of an app's stacks.
    """
    if program == "hatoba" and arguments[:2] == ["stack", "build"]:
        return ["stack:build", *arguments[2:]]
    return arguments


def _split(arguments: list[str]) -> tuple[str, list[str]]:
    if not arguments or arguments[0] in ("-h", "--help"):
        return "help", arguments[1:]
    if arguments[0] in ("-v", "--version"):
        return "version", []
    return arguments[0], arguments[1:]


def _known(session: Session, name: str, rest: Sequence[str]) -> str:
    """Return the command's own name. ``hatoba logs`` that names no app is the platform's log."""
    if (session.program, name) == ("hatoba", "logs") and not _names_app(rest):
        return "platform:logs"
    found = registry.resolve(name)
    if found is None:
        if why := elsewhere.reason(name):
            raise UsageError(f"{name} is not a command here. {why}")
        near = registry.suggest(name)
        hint = f" Did you mean {near}?" if near else ""
        raise UsageError(
            f"{name} is not a {session.program} command.{hint}\n"
            f"See all commands: {session.program} help"
        )
    return found


def _names_app(arguments: Sequence[str]) -> bool:
    return any(a[:2] in ("-a", "-r") or a.startswith(("--app", "--remote")) for a in arguments)


def _usage_hint(session: Session, error: click.UsageError) -> list[str]:
    path = error.ctx.command_path if error.ctx else session.program
    if isinstance(error, click.NoSuchOption):
        name = path.removeprefix(f"{session.program} ")
        if why := elsewhere.option_reason(name, error.option_name):
            return [why]
    return [f"See {path} --help"]


if __name__ == "__main__":
    main()
