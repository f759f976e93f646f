"""The command lines of one-off dynos."""

from __future__ import annotations

import re

# `heroku run -x` learns the exit status from a line that it has printed after the command.
_REPORTING = re.compile(
    r"(?P<command>.*?)\s*;\s*(?P<report>echo \"\uffff heroku-command-exit-status: \$\?\")\s*",
    re.DOTALL,
)


def runnable(command: str) -> str:
    """Return the command line to run: an ``exit`` in it must not skip the report of its status."""
    match = _REPORTING.fullmatch(command)
    return f"( {match['command']}\n) ; {match['report']}" if match else command


def shown(command: str) -> str:
    """Return the command line as its user typed it."""
    match = _REPORTING.fullmatch(command)
    return match["command"] if match else command
