"""Writes the reference page of all commands from what the commands say of themselves.

``python -m hatoba.cli.reference > docs/reference/commands.md``
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from hatoba.cli import registry
from hatoba.cli.command import Command
from hatoba.cli.registry import load

_HEAD = """# Commands

`hatoba` and `heroku` are the same program. This page is made from the program's own help:
`python -m hatoba.cli.reference > docs/reference/commands.md`.

Every command has `--json`, and those on an app find it by `-a APP`, `HEROKU_APP`, `-r REMOTE` or
the git remote `heroku`. Data goes to standard output, everything else to standard error.

| exit code | meaning |
|---|---|
| 0 | done and verified, or read |
| 1 | failed |
| 2 | wrong usage |
| 3 | confirmation or review needed, nothing changed |
| 4 | applied but not verified |

`heroku run` gives the exit code of the command that it ran."""


def page() -> str:
    """Return the whole page."""
    shown = [name for name in registry.COMMANDS if name not in registry.HIDDEN]
    return "\n".join([_HEAD, *(line for name in shown for line in _command(name))]) + "\n"


def _command(name: str) -> Iterator[str]:
    command = load(name)
    assert isinstance(command, Command)  # noqa: S101 the table is checked by a test
    yield f"\n## {name}\n"
    yield (command.help or "").replace("\n    ", "\n").strip()
    others = sorted(alias for alias, target in registry.ALIASES.items() if target == name)
    if others:
        yield f"\nAlso: {', '.join(f'`{other}`' for other in others)}."
    yield "\n```"
    yield f"heroku {name} {' '.join(_usage(command))}".rstrip()
    yield "```\n"
    rows = [_option(p) for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if rows:
        yield "| option | meaning |"
        yield "|---|---|"
        yield from rows
    yield "\n```"
    yield from (f"$ {line}" for line in command.examples)
    yield "```"


def _usage(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            yield from parameter.get_usage_pieces(context)


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag else f" {option.metavar or (option.name or '').upper().strip('_')}"
    return f"| {names}{value} | {option.help or ''} |"


if __name__ == "__main__":
    sys.stdout.write(page())
