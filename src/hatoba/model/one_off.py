"""The command lines of one-off dynos."""

from __future__ import annotations

import re
from collections.abc import Mapping

# `heroku run -x` learns the exit status from a line that it has printed after the command.
_REPORTING = re.compile(
    r"(?P<command>.*?)\s*;\s*(?P<report>echo \"\uffff heroku-command-exit-status: \$\?\")\s*",
    re.DOTALL,
)


def runnable(command: str, process_types: Mapping[str, str] | None = None) -> str:
    """Return the command line to run: an ``exit`` in it must not skip the report of its status.

    A command that is the name of a process type is that one's.
    """
    match = _REPORTING.fullmatch(command)
    typed = match["command"] if match else command
    meant = (process_types or {}).get(typed.strip(), typed)
    return f"( {meant}\n) ; {match['report']}" if match else meant


def shown(command: str) -> str:
    """Return the command line as its user typed it."""
    return typed(command)[0]


def typed(command: str) -> tuple[str, str]:
    """Return the command line as its user typed it, and the report of its status or nothing."""
    match = _REPORTING.fullmatch(command)
    return (match["command"], match["report"]) if match else (command, "")
