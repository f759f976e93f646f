"""The Procfile: process types and their commands."""

from __future__ import annotations

import re

# https://devcenter.heroku.com/articles/procfile#procfile-format
_TYPE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 128


class ProcfileError(ValueError):
    """A line of the Procfile can't be understood."""


def problem(name: str, command: str) -> str | None:
    """Return what is wrong with a process type; None for a good one."""
    if not _TYPE.fullmatch(name) or len(name) > _LONGEST:
        return (
            f"process type {name[:200]!r} may only have letters, digits, dashes and underscores, "
            f"{_LONGEST} at the most"
        )
    return None if command.strip() else f"process type {name} has no command"


def parse(text: str) -> dict[str, str]:
    """Return the commands by process type, in order. Raises ProcfileError with line and reason."""
    types: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, command = (part.strip() for part in line.partition(":"))
        if not colon or not command:
            raise ProcfileError(
                f"Procfile line {number}: {line.strip()!r} is not of the form 'type: command'."
            )
        if not _TYPE.fullmatch(name):
            raise ProcfileError(
                f"Procfile line {number}: process type {name!r} may only have letters, digits, "
                "dashes and underscores."
            )
        if name in types:
            raise ProcfileError(f"Procfile line {number}: process type {name!r} is there twice.")
        types[name] = command
    return types
